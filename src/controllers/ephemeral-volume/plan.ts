/** Claims of a pod's ephemeral volumes. Upstream: pkg/controller/volume/ephemeral/controller.go */
import { ephemeralClaimName, foreignClaim } from "#api/ephemeral-volume.ts";
import type { PersistentVolumeClaim, Pod } from "#api/gen/core-v1.ts";
import { isTerminal } from "#api/pod.ts";
import { pods } from "#api/resources.ts";
import { controllerRef } from "../owner.ts";

export interface Plan {
  readonly create: readonly { readonly volume: string; readonly claim: PersistentVolumeClaim }[];
  /** Volumes whose claim's name is somebody else's, with the reason. */
  readonly refused: readonly { readonly volume: string; readonly message: string }[];
}

/** Names of the claims of a pod's ephemeral volumes, as keys. */
export const ephemeralClaims = (pod: Pod): string[] =>
  (pod.spec.volumes ?? []).flatMap(({ name, ephemeral }) => (ephemeral === undefined ? [] : [`${pod.metadata.namespace ?? ""}/${ephemeralClaimName(pod, name)}`]));

/** @param claimOf the claim of this key, if there is one */
export function plan(pod: Pod, claimOf: (key: string) => PersistentVolumeClaim | undefined): Plan {
  if (pod.metadata.deletionTimestamp !== undefined || isTerminal(pod)) return { create: [], refused: [] };
  const { namespace = "" } = pod.metadata;
  const create: Plan["create"][number][] = [];
  const refused: Plan["refused"][number][] = [];
  for (const { name: volume, ephemeral } of pod.spec.volumes ?? []) {
    const template = ephemeral?.volumeClaimTemplate;
    if (template === undefined) continue;
    const name = ephemeralClaimName(pod, volume);
    const found = claimOf(`${namespace}/${name}`);
    if (found !== undefined) {
      const message = foreignClaim(pod, found);
      if (message !== undefined) refused.push({ volume, message });
      continue;
    }
    const { labels, annotations } = template.metadata ?? {};
    create.push({ volume, claim: { metadata: { name, namespace, ...(labels && { labels }), ...(annotations && { annotations }), ownerReferences: [controllerRef(pod, pods)] }, spec: template.spec, status: {} } });
  }
  return { create, refused };
}
