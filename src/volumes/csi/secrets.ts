import type { SecretReference } from "#api/gen/core-v1.ts";
import { messageOf } from "#base/error-message.ts";
import type { VolumeSources } from "../plugin.ts";

/** What a secret holds, as a driver gets it. @param field who names it, for the message */
export async function secretOf(source: VolumeSources, reference: SecretReference | undefined, field: string): Promise<Record<string, string>> {
  if (reference === undefined) return {};
  const { name = "", namespace = "" } = reference;
  try {
    const { data = {} } = await source.secret(namespace, name);
    return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString()]));
  } catch (cause) {
    throw new Error(`fetching ${field} ${namespace}/${name} failed: ${messageOf(cause)}`, { cause });
  }
}
