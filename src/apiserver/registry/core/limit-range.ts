import type { LimitRange, LimitRangeItem } from "#api/gen/core-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { duplicate, eachInvalid, forbidden, invalidValue, required } from "#apimachinery/validation/causes.ts";
import { qualifiedName } from "#apimachinery/validation/names.ts";
import { createdAtColumn, nameColumn } from "../common/columns.ts";
import { validateContainerResourceName, validateResourceName } from "../common/resource-names.ts";
import type { Resource } from "../resource.ts";
import { validateBounds } from "./limit-bounds.ts";

/** Nobody stands above the most or below the least. Upstream: pkg/apis/core/v1 SetDefaults_LimitRangeItem */
function defaultItem(item: LimitRangeItem): void {
  if (item.type !== "Container") return;
  item.default = { ...item.max, ...item.default };
  item.defaultRequest = { ...item.min, ...item.default, ...item.defaultRequest };
}

function validateType(type: string, field: string): readonly Cause[] {
  const causes = eachInvalid(field, type, qualifiedName(type));
  if (causes.length > 0 || type.includes("/") || ["Pod", "Container", "PersistentVolumeClaim"].includes(type)) return causes;
  return [invalidValue(field, type, "must be a standard limit type or fully qualified")];
}

function validateNames(item: LimitRangeItem, field: string): readonly Cause[] {
  const check = item.type === "Pod" || item.type === "Container" ? validateContainerResourceName : validateResourceName;
  const lists = item.type === "Pod" ? (["max", "min", "maxLimitRequestRatio"] as const) : (["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"] as const);
  return lists.flatMap((list) => Object.keys(item[list] ?? {}).flatMap((name) => check(name, `${field}.${list}[${name}]`)));
}

const onlyForParts = (item: LimitRangeItem, field: string): readonly Cause[] =>
  (item.type !== "Pod" ? [] : (["default", "defaultRequest"] as const).flatMap((list) =>
    (Object.keys(item[list] ?? {}).length > 0 ? [forbidden(`${field}.${list}`, "may not be specified when `type` is 'Pod'")] : [])));

const validateItem = (item: LimitRangeItem, field: string): readonly Cause[] => [
  ...validateType(item.type, `${field}.type`),
  ...validateNames(item, field),
  ...onlyForParts(item, field),
  ...(item.type === "PersistentVolumeClaim" && item.min?.["storage"] === undefined && item.max?.["storage"] === undefined
    ? [required(`${field}.limits`, "either minimum or maximum storage value is required, but neither was provided")]
    : []),
  ...validateBounds(item, field),
];

/** Upstream: pkg/apis/core/validation ValidateLimitRange */
const validate = ({ spec: { limits } }: LimitRange): readonly Cause[] => limits.flatMap((item, i) => [
  ...(limits.findIndex(({ type }) => type === item.type) < i ? [duplicate(`spec.limits[${i}].type`, item.type)] : []),
  ...validateItem(item, `spec.limits[${i}]`),
]);

export const limitRanges: Resource<LimitRange> = {
  group: "", version: "v1", kind: "LimitRange", schema: "core/v1.LimitRange", scope: "Namespaced",
  names: { plural: "limitranges", singular: "limitrange", short: ["limits"] },
  generation: false,
  defaults: ({ spec }) => spec.limits.forEach(defaultItem),
  validate,
  columns: [nameColumn, createdAtColumn],
};
