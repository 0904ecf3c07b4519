import { semanticEqual } from "#apimachinery/equal.ts";
import type { ConfigMap } from "#api/gen/core-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { eachInvalid, forbidden, invalidValue, tooLong } from "#apimachinery/validation/causes.ts";
import { configMapKey } from "#apimachinery/validation/names.ts";
import { ageColumn, nameColumn } from "../common/columns.ts";
import type { Resource } from "../resource.ts";

/** The most bytes that one ConfigMap or Secret may hold. Upstream: core.MaxSecretSize */
export const maxDataBytes: number = 1024 * 1024;
const frozen = "field is immutable when `immutable` is set";

/** What an object with `immutable: true` may not change. Upstream: ValidateConfigMapUpdate, ValidateSecretUpdate */
export function validateFrozen<T extends { immutable?: boolean }>(next: T, old: T, fields: readonly (keyof T & string)[]): readonly Cause[] {
  if (old.immutable !== true) return [];
  return [
    ...(next.immutable === true ? [] : [forbidden("immutable", frozen)]),
    ...fields.filter((field) => !semanticEqual(next[field], old[field])).map((field) => forbidden(field, frozen)),
  ];
}

/** Bytes behind base64 text. */
export const decodedLength = (base64: string): number => Buffer.byteLength(base64, "base64");

function validate({ data = {}, binaryData = {} }: ConfigMap): readonly Cause[] {
  const bytes = Object.values(data).reduce((sum, text) => sum + Buffer.byteLength(text), 0) + Object.values(binaryData).reduce((sum, text) => sum + decodedLength(text), 0);
  return [
    ...Object.keys(data).flatMap((key) => [
      ...eachInvalid(`data[${key}]`, key, configMapKey(key)),
      ...(Object.hasOwn(binaryData, key) ? [invalidValue(`data[${key}]`, key, "duplicate of key present in binaryData")] : []),
    ]),
    ...Object.keys(binaryData).flatMap((key) => eachInvalid(`binaryData[${key}]`, key, configMapKey(key))),
    ...(bytes > maxDataBytes ? [tooLong("[]", maxDataBytes)] : []),
  ];
}

/** Upstream: pkg/apis/core/validation ValidateConfigMap */
export const configMaps: Resource<ConfigMap> = {
  group: "", version: "v1", kind: "ConfigMap", schema: "core/v1.ConfigMap", scope: "Namespaced",
  names: { plural: "configmaps", singular: "configmap", short: ["cm"] },
  validate,
  validateUpdate: (next, old) => validateFrozen(next, old, ["data", "binaryData"]),
  columns: [
    nameColumn,
    {
      name: "Data", type: "string", description: "How many keys the map holds.",
      cell: ({ data, binaryData }) => Object.keys(data ?? {}).length + Object.keys(binaryData ?? {}).length,
    },
    ageColumn,
  ],
};
