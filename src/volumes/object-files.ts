/** The files that a ConfigMap, a Secret or the downward API gives, for their own volumes and for projected ones. */
import type { ConfigMap, DownwardAPIVolumeFile, KeyToPath } from "#api/gen/core-v1.ts";
import { findOptional } from "./content-volume.ts";
import { project, type PayloadFile } from "./payload.ts";
import type { Mount } from "./plugin.ts";

export interface ObjectSource {
  readonly name: string;
  readonly items: readonly KeyToPath[] | undefined;
  readonly optional: boolean;
  readonly defaultMode: number;
}

/** Upstream: pkg/volume/configmap/configmap.go MakePayload */
export async function configMapFiles({ pod, source }: Mount, of: ObjectSource): Promise<Map<string, PayloadFile>> {
  const found = await findOptional("configmap", of.name, of.optional, () => source.configMap(pod.metadata.namespace ?? "", of.name));
  return found === undefined ? new Map() : project(configMapValues(found), { ...of, missing: "configmap references non-existent config key: " });
}

/** Upstream: pkg/volume/secret/secret.go MakePayload */
export async function secretFiles({ pod, source }: Mount, of: ObjectSource): Promise<Map<string, PayloadFile>> {
  const found = await findOptional("secret", of.name, of.optional, () => source.secret(pod.metadata.namespace ?? "", of.name));
  return found === undefined ? new Map() : project(decoded(found.data), { ...of, missing: "references non-existent secret key: " });
}

/** Upstream: pkg/volume/downwardapi/downwardapi.go CollectData */
export function downwardFiles({ pod, source }: Mount, items: readonly DownwardAPIVolumeFile[], defaultMode: number): Map<string, PayloadFile> {
  return new Map(items.map((item) => [item.path, { data: Buffer.from(source.downward(pod, item)), mode: item.mode ?? defaultMode }]));
}

const configMapValues = ({ data, binaryData }: ConfigMap): Map<string, Uint8Array> =>
  new Map([...Object.entries(data ?? {}).map(([key, text]) => [key, Buffer.from(text)] as const), ...decoded(binaryData)]);

const decoded = (data: Readonly<Record<string, string>> | undefined): Map<string, Uint8Array> =>
  new Map(Object.entries(data ?? {}).map(([key, base64]) => [key, Buffer.from(base64, "base64")]));

/** What upstream's defaulting writes into `defaultMode`. */
export const DEFAULT_MODE = 0o644;
