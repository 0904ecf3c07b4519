import type { Pod } from "#api/gen/core-v1.ts";
import { referencesOf } from "#api/pod-references.ts";
import { apiSchema } from "#api/schema.ts";
import { decode } from "#apimachinery/decode.ts";
import { dns1123Subdomain } from "#apimachinery/validation/names.ts";
import { validateObjectMeta } from "#apimachinery/validation/metadata.ts";
import { parseYaml } from "#apimachinery/yaml.ts";
import { pods } from "#apiserver/registry/core/pod.ts";

/** The pod of a static pod's manifest, YAML or JSON, defaulted as the API server would. Throws with what is wrong with it. Upstream: pkg/kubelet/config tryDecodeSinglePod */
export function parseStaticPod(text: string): Pod {
  const { value } = parseYaml(text);
  const { apiVersion, kind } = (value ?? {}) as { readonly apiVersion?: unknown; readonly kind?: unknown };
  if (apiVersion !== "v1" || kind !== "Pod") throw new Error(`couldn't parse as pod: it is ${JSON.stringify(kind)} of ${JSON.stringify(apiVersion)}, not "Pod" of "v1"`);
  const pod = decode(apiSchema, pods.schema, value).object as unknown as Pod;
  if (!pod.metadata.name) throw new Error("invalid pod: name is needed for the pod");
  pod.metadata.namespace ||= "default";
  pods.defaults?.(pod);
  const causes = [...validateObjectMeta(pod.metadata, { namespaced: true, validateName: dns1123Subdomain }), ...(pods.validate?.(pod) ?? [])];
  if (causes.length > 0) throw new Error(`invalid pod: ${causes.map(({ field, message }) => `${field}: ${message}`).join(", ")}`);
  const reference = apiReference(pod);
  if (reference !== undefined) throw new Error(`static pods may not reference ${reference}`);
  return pod;
}

/** The first kind of API object that the pod names: a pod that runs without an API server cannot have such. Upstream: pkg/api/pod HasAPIObjectReference */
function apiReference(pod: Pod): string | undefined {
  const { serviceAccountName, volumes = [], resourceClaims = [], ephemeralContainers = [] } = pod.spec;
  const { secrets, configMaps, claims } = referencesOf(pod);
  const sources = volumes.flatMap((v) => v.projected?.sources ?? []);
  const kinds = {
    serviceaccounts: Boolean(serviceAccountName) || sources.some((s) => s.serviceAccountToken !== undefined),
    secrets: secrets.size > 0,
    configmaps: configMaps.size > 0,
    persistentvolumeclaims: claims.size > 0,
    clustertrustbundles: sources.some((s) => s.clusterTrustBundle !== undefined),
    podcertificates: sources.some((s) => s.podCertificate !== undefined),
    csidrivers: volumes.some((v) => v.csi !== undefined),
    resourceclaims: resourceClaims.length > 0,
    "ephemeral containers": ephemeralContainers.length > 0,
  };
  return Object.entries(kinds).find(([, named]) => named)?.[0];
}
