/** What every schema of a definition must keep. Upstream: apiextensions-apiserver/pkg/apis/apiextensions/validation ValidateCustomResourceDefinitionOpenAPISchema */
import type { JSONSchemaProps } from "#api/gen/apiextensions-v1.ts";
import { isRecord } from "#apimachinery/equal.ts";
import type { Cause } from "#apimachinery/status.ts";
import { forbidden, invalidValue, notSupported } from "#apimachinery/validation/causes.ts";
import { isMetaField } from "../schema/structural.ts";
import { listRules, mapTypeRules } from "./list-rules.ts";
import { ruleTexts } from "./rule-texts.ts";

interface Place {
  readonly root?: boolean;
  /** Why there may be no default here. */
  readonly noDefaults?: string;
  /** In the metadata of a resource. */
  readonly insideMeta?: boolean;
}

const types = ["array", "boolean", "integer", "number", "object", "string"];
const unsupported = ["id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref"] as const;

export function schemaRules(schema: JSONSchemaProps, path: string, place: Place = { root: true }): readonly Cause[] {
  return [...ownRules(schema, path, place), ...below(schema, path, place), ...extensionRules(schema, path), ...ruleTexts(schema, path)];
}

function ownRules(schema: JSONSchemaProps, path: string, { noDefaults, insideMeta }: Place): readonly Cause[] {
  const { type = "" } = schema;
  const causes: Cause[] = [];
  if (type !== "" && !types.includes(type)) causes.push(notSupported(`${path}.type`, type, types));
  if (schema.default !== undefined && noDefaults !== undefined) causes.push(forbidden(`${path}.default`, `must not be set ${noDefaults}`));
  for (const field of unsupported) if (isSet(schema[field])) causes.push(forbidden(`${path}.${field}`, `${field} is not supported`));
  if (type === "null") causes.push(forbidden(`${path}.type`, "type cannot be set to null, use nullable as an alternative"));
  if (Array.isArray(schema.items) && schema.items.length > 0) causes.push(forbidden(`${path}.items`, "items must be a schema object and not an array"));
  if (insideMeta === true && schema["x-kubernetes-embedded-resource"] === true) causes.push(forbidden(`${path}.x-kubernetes-embedded-resource`, "must not be used inside of resource meta"));
  if (schema.uniqueItems === true) causes.push(forbidden(`${path}.uniqueItems`, "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"));
  return causes;
}

const isSet = (value: unknown): boolean => value !== undefined && value !== "" && !(isRecord(value) && Object.keys(value).length === 0);

function below(schema: JSONSchemaProps, path: string, place: Place): readonly Cause[] {
  const { additionalProperties, properties = {}, items, not, allOf = [], anyOf = [], oneOf = [] } = schema;
  const inner: Place = { ...place, root: false };
  const causes: Cause[] = [];
  if (additionalProperties !== undefined && additionalProperties !== true && Object.keys(properties).length > 0) {
    causes.push(forbidden(`${path}.additionalProperties`, "additionalProperties and properties are mutual exclusive"));
  }
  if (isRecord(additionalProperties)) {
    causes.push(...schemaRules(additionalProperties, `${path}.additionalProperties`, place.insideMeta === true ? { ...inner, noDefaults: "inside additionalProperties applying to object metadata" } : inner));
  }
  for (const [name, sub] of Object.entries(properties)) causes.push(...schemaRules(sub, `${path}.properties[${name}]`, placeOf(schema, name, place)));
  if (not !== undefined) causes.push(...schemaRules(not, `${path}.not`, inner));
  for (const [junctor, schemas] of [["allOf", allOf], ["oneOf", oneOf], ["anyOf", anyOf]] as const) {
    schemas.forEach((sub, i) => causes.push(...schemaRules(sub, `${path}.${junctor}[${i}]`, inner)));
  }
  if (isRecord(items)) causes.push(...schemaRules(items, `${path}.items`, inner));
  return causes;
}

function placeOf(schema: JSONSchemaProps, name: string, place: Place): Place {
  const inner: Place = { ...place, root: false };
  if (!isMetaField(name) || (place.root !== true && schema["x-kubernetes-embedded-resource"] !== true)) return inner;
  return { ...inner, insideMeta: true, ...(place.root === true && { noDefaults: `in top-level ${name}` }) };
}

function extensionRules(schema: JSONSchemaProps, path: string): readonly Cause[] {
  const unkept = schema["x-kubernetes-preserve-unknown-fields"] === false ? [invalidValue(`${path}.x-kubernetes-preserve-unknown-fields`, false, "must be true or undefined")] : [];
  return [...unkept, ...mapTypeRules(schema, path), ...listRules(schema, path)];
}
