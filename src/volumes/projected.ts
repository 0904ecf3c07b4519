import type { Clock } from "#base/clock.ts";
import type { ClusterTrustBundleProjection, Pod, ServiceAccountTokenProjection, VolumeProjection } from "#api/gen/core-v1.ts";
import { messageOf } from "#base/error-message.ts";
import { contentPlugin } from "./content-volume.ts";
import { configMapFiles, DEFAULT_MODE, downwardFiles, secretFiles } from "./object-files.ts";
import type { PayloadFile } from "./payload.ts";
import type { Mount, VolumePlugin } from "./plugin.ts";

/** Several sources in one directory, service account tokens among them; in memory only. Upstream: pkg/volume/projected */
export const projectedVolume = (clock: Clock): VolumePlugin => contentPlugin(clock, {
  name: "kubernetes.io/projected",
  medium: "memory",
  supports: ({ projected }) => projected !== undefined,
  async collect(mount) {
    const { sources = [], defaultMode = DEFAULT_MODE } = mount.volume.projected ?? {};
    const results = await Promise.allSettled(sources.map((source) => filesOf(mount, source, defaultMode)));
    const problems = results.flatMap((result) => (result.status === "rejected" ? [messageOf(result.reason)] : []));
    if (problems.length > 0) throw new Error(problems.length === 1 ? problems[0] : `[${problems.join(", ")}]`);
    return new Map(results.flatMap((result) => (result.status === "fulfilled" ? [...result.value] : [])));
  },
});

async function filesOf(mount: Mount, source: VolumeProjection, defaultMode: number): Promise<ReadonlyMap<string, PayloadFile>> {
  const { configMap, secret, downwardAPI, serviceAccountToken, clusterTrustBundle } = source;
  if (secret !== undefined) return await secretFiles(mount, { name: secret.name ?? "", items: secret.items, optional: secret.optional ?? false, defaultMode });
  if (configMap !== undefined) return await configMapFiles(mount, { name: configMap.name ?? "", items: configMap.items, optional: configMap.optional ?? false, defaultMode });
  if (downwardAPI !== undefined) return downwardFiles(mount, downwardAPI.items ?? [], defaultMode);
  if (serviceAccountToken !== undefined) return await tokenFile(mount, serviceAccountToken, defaultMode);
  if (clusterTrustBundle !== undefined) return await anchorsFile(mount, clusterTrustBundle, defaultMode);
  const [kind] = Object.keys(source);
  if (kind === undefined) return new Map(); // an API server that does not serve what it was made of has taken it out
  throw new Error(`projected volume source ${kind} is not supported by this kubelet`);
}

async function anchorsFile({ pod, source, signal }: Mount, bundle: ClusterTrustBundleProjection, defaultMode: number): Promise<ReadonlyMap<string, PayloadFile>> {
  return new Map([[bundle.path, privateFile(pod, await source.trustAnchors(bundle, signal), defaultMode)]]);
}

/** For the pod's one user alone where it has one, or for its fsGroup. */
function privateFile(pod: Pod, text: string, defaultMode: number): PayloadFile {
  const uid = commonUser(pod);
  const isPrivate = uid !== undefined || pod.spec.securityContext?.fsGroup !== undefined;
  return { data: Buffer.from(text), mode: isPrivate ? 0o600 : defaultMode, ...(uid !== undefined && { uid }) };
}

async function tokenFile({ pod, source }: Mount, token: ServiceAccountTokenProjection, defaultMode: number): Promise<ReadonlyMap<string, PayloadFile>> {
  try {
    return new Map([[token.path, privateFile(pod, await source.serviceAccountToken(pod, token.audience, token.expirationSeconds ?? 3600), defaultMode)]]);
  } catch (err) {
    throw new Error(`failed to fetch token: ${messageOf(err)}`, { cause: err });
  }
}

/** The user that all containers run as, if the spec says one and the same for each. Upstream: pkg/volume/util FsUserFrom */
function commonUser({ spec }: Pod): number | undefined {
  const users = new Set([...spec.containers, ...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])].map((c) => c.securityContext?.runAsUser ?? spec.securityContext?.runAsUser));
  return users.size === 1 ? [...users][0] : undefined;
}
