import type { JSONSchemaProps } from "#api/gen/apiextensions-v1.ts";
import { isRecord } from "#apimachinery/equal.ts";

/**
 * One node of a schema without what OpenAPI v2 cannot say, and without what clients of it would take amiss.
 * Upstream: apiextensions-apiserver/pkg/controller/openapi/v2 ToStructuralOpenAPIV2
 */
export function forV2({ allOf: _a, anyOf: _b, oneOf: _c, not: _d, nullable, ...schema }: JSONSchemaProps): JSONSchemaProps {
  const keeps = schema["x-kubernetes-preserve-unknown-fields"] === true;
  if (nullable === true) delete schema.type;
  if (nullable === true || keeps) {
    delete schema.items; // unknown or untyped values must have neither, or kubectl refuses them
    delete schema.properties;
  }
  if ((schema.type === "array" && schema.items === undefined) || (keeps && schema.type === "object")) delete schema.type;
  return withRequired(schema);
}

/** Null stands for absent in old clients: what may be null is not required. */
function withRequired({ required, ...schema }: JSONSchemaProps): JSONSchemaProps {
  const { properties = {}, additionalProperties } = schema;
  if (isRecord(additionalProperties) && additionalProperties["nullable"] === true) return schema;
  const left = required?.filter((name) => !Object.hasOwn(properties, name) || properties[name]?.nullable !== true) ?? [];
  return left.length === 0 ? schema : { ...schema, required: left };
}
