import type { Cause } from "#apimachinery/status.ts";
import { invalidValue, required, tooLong } from "#apimachinery/validation/causes.ts";

const mostParameters = 512;
const mostBytes = 256 * 1024;

/** What a class hands to its driver. Upstream: pkg/apis/storage/validation validateParameters */
export function validateParameters(parameters: Readonly<Record<string, string>> = {}, mayBeEmpty = true): readonly Cause[] {
  const field = "parameters";
  const entries = Object.entries(parameters);
  if (entries.length > mostParameters) return [tooLong(field, mostParameters)];
  return [
    ...(Object.hasOwn(parameters, "") ? [invalidValue(field, "", "field can not be empty.")] : []),
    ...(sizeOf(entries) > mostBytes ? [tooLong(field, mostBytes)] : []),
    ...(entries.length === 0 && !mayBeEmpty ? [required(field, "must contain at least one key/value pair")] : []),
  ];
}

/** Bytes of all keys and values. */
export const sizeOf = (entries: readonly (readonly [key: string, value: string])[]): number =>
  entries.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
