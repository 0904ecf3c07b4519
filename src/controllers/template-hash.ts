/** A short, stable name of a pod template. Upstream: pkg/controller ComputeHash, apimachinery/pkg/util/rand SafeEncodeString */
import type { PodTemplateSpec } from "#api/gen/core-v1.ts";

/** No vowels and nothing that looks like another letter: what generated names are made of. */
const nameLetters = "bcdfghjklmnpqrstvwxz2456789";

/** Text in the letters of generated names, one for one. */
export const safeEncode = (text: string): string => Array.from(text, (c) => nameLetters.charAt((c.codePointAt(0) ?? 0) % nameLetters.length)).join("");

/**
 * The value of the label `pod-template-hash`: the same for the same template, whatever the order of its keys.
 * @param collisions how often the name has been found taken by another template
 */
export function templateHash(template: PodTemplateSpec, collisions = 0): string {
  return safeEncode(String(fnv32a(`${sortedJson(template)}${collisions === 0 ? "" : collisions}`)));
}

/** FNV-1a, 32 bits, over UTF-8. */
export function fnv32a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** FNV-1, 32 bits, over UTF-8. */
export function fnv32(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash, 0x01000193) ^ byte;
  return hash >>> 0;
}

/** JSON with sorted keys and without what is absent. */
export function sortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const members = Object.entries(value).filter(([, v]) => v !== undefined).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([k, v]) => `${JSON.stringify(k)}:${sortedJson(v)}`).join(",")}}`;
}
