import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "#base/clock.ts";
import type { ClusterTrustBundleProjection, Pod, PodCertificateProjection, ServiceAccountTokenProjection, VolumeProjection } from "#api/gen/core-v1.ts";
import { messageOf } from "#base/error-message.ts";
import { contentPlugin } from "./content-volume.ts";
import { configMapFiles, DEFAULT_MODE, downwardFiles, secretFiles } from "./object-files.ts";
import type { PayloadFile } from "./payload.ts";
import { NotIssued, type Mount, type VolumePlugin } from "./plugin.ts";

/** Several sources in one directory, service account tokens among them; in memory only. Upstream: pkg/volume/projected */
export const projectedVolume = (clock: Clock): VolumePlugin => contentPlugin(clock, {
  name: "kubernetes.io/projected",
  medium: "memory",
  supports: ({ projected }) => projected !== undefined,
  async collect(mount) {
    const { sources = [], defaultMode = DEFAULT_MODE } = mount.volume.projected ?? {};
    const results = await Promise.allSettled(sources.map((source, i) => filesOf(mount, source, i, defaultMode)));
    const problems = results.flatMap((result) => (result.status === "rejected" ? [messageOf(result.reason)] : []));
    if (problems.length > 0) throw new Error(problems.length === 1 ? problems[0] : `[${problems.join(", ")}]`);
    return new Map(results.flatMap((result) => (result.status === "fulfilled" ? [...result.value] : [])));
  },
});

async function filesOf(mount: Mount, source: VolumeProjection, index: number, defaultMode: number): Promise<ReadonlyMap<string, PayloadFile>> {
  const { configMap, secret, downwardAPI, serviceAccountToken, clusterTrustBundle, podCertificate } = source;
  if (secret !== undefined) return await secretFiles(mount, { name: secret.name ?? "", items: secret.items, optional: secret.optional ?? false, defaultMode });
  if (configMap !== undefined) return await configMapFiles(mount, { name: configMap.name ?? "", items: configMap.items, optional: configMap.optional ?? false, defaultMode });
  if (downwardAPI !== undefined) return downwardFiles(mount, downwardAPI.items ?? [], defaultMode);
  if (serviceAccountToken !== undefined) return await tokenFile(mount, serviceAccountToken, defaultMode);
  if (clusterTrustBundle !== undefined) return await anchorsFile(mount, clusterTrustBundle, defaultMode);
  if (podCertificate !== undefined) return await credentialFiles(mount, podCertificate, index, defaultMode);
  return new Map(); // an API server that does not serve what it was made of has taken it out
}

/** While there is nothing new, what an earlier kubelet has left stays. */
async function credentialFiles(mount: Mount, certificate: PodCertificateProjection, index: number, defaultMode: number): Promise<ReadonlyMap<string, PayloadFile>> {
  const file = (text: string): PayloadFile => privateFile(mount.pod, text, defaultMode);
  try {
    const { key, chain } = await mount.source.podCertificate(mount, index, certificate);
    return new Map(pathsOf(certificate).map(({ path, holds }) => [path, file(holds === "both" ? key + chain : holds === "key" ? key : chain)]));
  } catch (err) {
    if (!(err instanceof NotIssued)) throw err;
    const left = await Promise.all(pathsOf(certificate).map(async ({ path }) => [path, file(await readFile(join(mount.dir, path), "utf8").catch(() => { throw err; }))] as const));
    return new Map(left);
  }
}

function pathsOf({ credentialBundlePath, keyPath, certificateChainPath }: PodCertificateProjection): readonly { readonly path: string; readonly holds: "both" | "key" | "chain" }[] {
  return [
    ...(credentialBundlePath ? [{ path: credentialBundlePath, holds: "both" as const }] : []),
    ...(keyPath ? [{ path: keyPath, holds: "key" as const }] : []), ...(certificateChainPath ? [{ path: certificateChainPath, holds: "chain" as const }] : []),
  ];
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
