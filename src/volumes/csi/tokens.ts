import type { CSIDriver } from "#api/gen/storage-v1.ts";
import type { Mount } from "../plugin.ts";

const defaultSeconds = 3_600;

/** The service account tokens that a driver asks for, under the key by which it knows them. Upstream: pkg/volume/csi/csi_mounter.go podServiceAccountTokenAttrs */
export async function tokensOf({ pod, source }: Mount, driver: CSIDriver | undefined): Promise<Record<string, string>> {
  const requests = driver?.spec.tokenRequests ?? [];
  if (requests.length === 0) return {};
  const tokens = await Promise.all(requests.map(async ({ audience, expirationSeconds }) => [audience, await source.boundToken(pod, audience, expirationSeconds ?? defaultSeconds)] as const));
  return { "csi.storage.k8s.io/serviceAccount.tokens": JSON.stringify(Object.fromEntries(tokens)) };
}
