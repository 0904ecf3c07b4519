/** What makes a schema structural. Upstream: apiextensions-apiserver/pkg/apiserver/schema/validation.go */
import type { JSONSchemaProps } from "#api/gen/apiextensions-v1.ts";
import { isRecord, semanticEqual } from "#apimachinery/equal.ts";
import type { Cause } from "#apimachinery/status.ts";
import { forbidden, invalidValue, required } from "#apimachinery/validation/causes.ts";
import { messageOf } from "#base/error-message.ts";
import { compilePattern } from "../schema/patterns.ts";
import { validateCompleteness } from "./completeness.ts";

type Level = "root" | "item" | "field";
const emptyType: Readonly<Record<Level, string>> = {
  root: "must not be empty at the root", item: "must not be empty for specified array items", field: "must not be empty for specified object fields",
};
const eitherType = [{ type: "integer" }, { type: "string" }];
const isEither = (anyOf: readonly JSONSchemaProps[] | undefined): boolean => semanticEqual(anyOf, eitherType);

/** Sorted by their texts, as upstream tells them. */
export const validateStructural = (schema: JSONSchemaProps, path: string): readonly Cause[] =>
  [...invariants(schema, "root", path), ...validateCompleteness(schema, path)].toSorted((a, b) => (`${a.field}: ${a.message}` < `${b.field}: ${b.message}` ? -1 : 1));

function invariants(schema: JSONSchemaProps, level: Level, path: string): readonly Cause[] {
  const { type = "", items, additionalProperties, properties = {} } = schema;
  const causes: Cause[] = [];
  if (type === "array" && items === undefined) causes.push(required(`${path}.items`, "must be specified"));
  if (isRecord(items)) causes.push(...invariants(items, "item", `${path}.items`));
  for (const [name, property] of Object.entries(properties)) causes.push(...invariants(property, "field", `${path}.properties[${name}]`));
  if (additionalProperties !== undefined && level === "root") causes.push(forbidden(`${path}.additionalProperties`, "must not be used at the root"));
  if (isRecord(additionalProperties)) causes.push(...invariants(additionalProperties, "field", `${path}.additionalProperties`));
  const skips = { anyOf: isEither(schema.anyOf), firstAllOf: isEither(schema.allOf?.[0]?.anyOf) };
  return [...causes, ...extensions(schema, path), ...valueValidation(schema, path, skips), ...typeRules(schema, level, path), ...metaRules(schema, level, path)];
}

function extensions(schema: JSONSchemaProps, path: string): readonly Cause[] {
  if (schema["x-kubernetes-int-or-string"] !== true) return [];
  return (["x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"] as const).filter((field) => schema[field] === true)
    .map((field) => invalidValue(`${path}.${field}`, true, "must be false if x-kubernetes-int-or-string is true"));
}

function typeRules(schema: JSONSchemaProps, level: Level, path: string): readonly Cause[] {
  const { type = "" } = schema;
  const embedded = schema["x-kubernetes-embedded-resource"] === true;
  const causes: Cause[] = [];
  if (embedded && type !== "object") {
    const text = "must be object if x-kubernetes-embedded-resource is true";
    causes.push(type === "" ? required(`${path}.type`, text) : invalidValue(`${path}.type`, type, text));
  } else if (type === "" && schema["x-kubernetes-int-or-string"] !== true && schema["x-kubernetes-preserve-unknown-fields"] !== true) {
    causes.push(required(`${path}.type`, emptyType[level]));
  }
  if (embedded && schema.additionalProperties !== undefined) causes.push(forbidden(`${path}.additionalProperties`, "must not be used if x-kubernetes-embedded-resource is set"));
  if (level === "root" && type !== "" && type !== "object") causes.push(invalidValue(`${path}.type`, type, "must be object at the root"));
  return causes;
}

function metaRules(schema: JSONSchemaProps, level: Level, path: string): readonly Cause[] {
  const { properties = {} } = schema;
  const embedded = schema["x-kubernetes-embedded-resource"] === true;
  const resource = level === "root" || embedded;
  const own = (name: string): JSONSchemaProps | undefined => (Object.hasOwn(properties, name) ? properties[name] : undefined);
  const causes: Cause[] = [];
  for (const name of ["kind", "apiVersion"]) {
    const field = own(name);
    if (resource && field !== undefined && field.type !== "string") causes.push(invalidValue(`${path}.properties[${name}].type`, field.type ?? "", "must be string"));
  }
  const metadata = own("metadata");
  if (metadata !== undefined) causes.push(...metadataRules(metadata, resource, level, `${path}.properties[metadata]`));
  if (embedded && schema["x-kubernetes-preserve-unknown-fields"] !== true && Object.keys(properties).length === 0) {
    causes.push(required(`${path}.properties`, "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields"));
  }
  return causes;
}

function metadataRules(schema: JSONSchemaProps, resource: boolean, level: Level, path: string): readonly Cause[] {
  const causes: Cause[] = resource && schema.type !== "object" ? [invalidValue(`${path}.type`, schema.type ?? "", "must be object")] : [];
  if (level !== "root") return causes;
  const { type: _t, default: _d, properties = {}, ...rest } = schema;
  const others = Object.keys(properties).filter((name) => name !== "name" && name !== "generateName");
  if (others.length === 0 && semanticEqual(rest, {})) return causes;
  return [...causes, forbidden(path, "must not specify anything other than name and generateName, but metadata is implicitly specified")];
}

function valueValidation(schema: JSONSchemaProps, path: string, skips: { readonly anyOf?: boolean; readonly firstAllOf?: boolean }): readonly Cause[] {
  const { anyOf = [], allOf = [], oneOf = [], not, pattern } = schema;
  return [
    ...(skips.anyOf === true ? [] : anyOf.flatMap((sub, i) => nested(sub, `${path}.anyOf[${i}]`))),
    ...allOf.flatMap((sub, i) => nested(sub, `${path}.allOf[${i}]`, skips.firstAllOf === true && i === 0)),
    ...oneOf.flatMap((sub, i) => nested(sub, `${path}.oneOf[${i}]`)),
    ...(not === undefined ? [] : nested(not, `${path}.not`)),
    ...(pattern ? validPattern(pattern, `${path}.pattern`) : []),
  ];
}

function validPattern(pattern: string, path: string): readonly Cause[] {
  try {
    compilePattern(pattern);
    return [];
  } catch (err) {
    return [invalidValue(path, pattern, `must be a valid regular expression, but isn't: ${messageOf(err)}`)];
  }
}

/** What a schema may not say under allOf, anyOf, oneOf and not. */
const absent: readonly (readonly [field: keyof JSONSchemaProps, text: string])[] = [
  ["type", "must be empty to be structural"], ["additionalProperties", "must be undefined to be structural"], ["default", "must be undefined to be structural"],
  ["title", "must be empty to be structural"], ["description", "must be empty to be structural"], ["nullable", "must be false to be structural"],
  ["x-kubernetes-preserve-unknown-fields", "must be false to be structural"], ["x-kubernetes-embedded-resource", "must be false to be structural"],
  ["x-kubernetes-int-or-string", "must be false to be structural"], ["x-kubernetes-list-map-keys", "must be empty to be structural"],
  ["x-kubernetes-list-type", "must be undefined to be structural"], ["x-kubernetes-map-type", "must be undefined to be structural"],
  ["x-kubernetes-validations", "must be empty to be structural"],
];

function nested(schema: JSONSchemaProps, path: string, skipAnyOf = false): readonly Cause[] {
  const { items, properties = {} } = schema;
  return [
    ...valueValidation(schema, path, { anyOf: skipAnyOf }),
    ...(isRecord(items) ? nested(items, `${path}.items`) : []),
    ...Object.entries(properties).flatMap(([name, sub]) => nested(sub, `${path}.properties[${name}]`)),
    ...absent.filter(([field]) => schema[field] !== undefined && schema[field] !== "" && schema[field] !== false).map(([field, text]) => forbidden(`${path}.${field}`, text)),
    ...(Object.hasOwn(properties, "metadata") ? [forbidden(`${path}.properties[metadata]`, "must not be specified in a nested context")] : []),
  ];
}
