import { isStatus } from "#apimachinery/status.ts";
import type { VolumeSources } from "#volumes/plugin.ts";
import { fieldValue, resourceValue } from "../containers/downward.ts";
import type { ObjectCache } from "../object-cache.ts";
import type { NodeFacts } from "../pods/pod-context.ts";
import type { PodCertificates } from "../pod-certificates/pod-certificates.ts";
import type { StatusManager } from "../status/status.ts";
import type { Tokens } from "../pods/tokens.ts";
import type { TrustAnchors } from "./trust-anchors.ts";

/** What volumes are made of, as this kubelet may read it. */
export function volumeSources({
  objects,
  tokens,
  anchors,
  certificates,
  statuses,
  node,
  attached,
}: {
  readonly objects: ObjectCache;
  readonly tokens: Tokens;
  readonly anchors: TrustAnchors;
  readonly certificates: PodCertificates;
  readonly statuses: StatusManager;
  readonly node: NodeFacts;
  readonly attached: VolumeSources["attached"];
}): VolumeSources {
  return {
    configMap: objects.configMap,
    secret: objects.secret,
    claim: objects.claim,
    persistentVolume: objects.persistentVolume,
    serviceAccountToken: (pod, audience, expirationSeconds) => tokens.get(pod, audience, expirationSeconds),
    boundToken: (pod, audience, expirationSeconds) => tokens.bound(pod, audience, expirationSeconds),
    trustAnchors: (projection, signal) => anchors.of(projection, signal),
    podCertificate: ({ pod, volume, signal }, index, of) => certificates.of(pod, volume.name, index, of, signal),
    csiDriver: (name) => objects.csiDriver(name).catch((err: unknown) => {
      if (isStatus(err, "NotFound")) return undefined;
      throw err;
    }),
    attached,
    downward(pod, { fieldRef, resourceFieldRef }) {
      if (resourceFieldRef !== undefined) return resourceValue(pod, resourceFieldRef, undefined, node.allocatable);
      return fieldValue(pod, fieldRef?.fieldPath ?? "", { hostIps: node.addresses, podIps: (statuses.get(pod).podIPs ?? []).map((p) => p.ip) });
    },
  };
}
