import type { JSONSchemaProps } from "#api/gen/apiextensions-v1.ts";
import { isRecord } from "#apimachinery/equal.ts";
import type { Cause } from "#apimachinery/status.ts";
import { required } from "#apimachinery/validation/causes.ts";

/** What value validation speaks of must stand outside of it too. Upstream: apiserver/schema/complete.go */
export const validateCompleteness = (schema: JSONSchemaProps, path: string): readonly Cause[] => junctors(schema, schema, path, path);

function junctors(validation: JSONSchemaProps, schema: JSONSchemaProps | undefined, path: string, from: string): readonly Cause[] {
  if (schema === undefined) return [missing(path, from)];
  const { not, allOf = [], anyOf = [], oneOf = [] } = validation;
  return [
    ...(not === undefined ? [] : nested(not, schema, path, `${from}.not`)),
    ...allOf.flatMap((sub, i) => nested(sub, schema, path, `${from}.allOf[${i}]`)),
    ...anyOf.flatMap((sub, i) => nested(sub, schema, path, `${from}.anyOf[${i}]`)),
    ...oneOf.flatMap((sub, i) => nested(sub, schema, path, `${from}.oneOf[${i}]`)),
  ];
}

function nested(validation: JSONSchemaProps, schema: JSONSchemaProps | undefined, path: string, from: string): readonly Cause[] {
  if (schema === undefined) return [missing(path, from)];
  const { items, properties = {} } = validation;
  return [
    ...junctors(validation, schema, path, from),
    ...(isRecord(items) ? nested(items, isRecord(schema.items) ? schema.items : undefined, `${path}.items`, `${from}.items`) : []),
    ...Object.entries(properties).flatMap(([name, sub]) => {
      const own = Object.hasOwn(schema.properties ?? {}, name) ? schema.properties?.[name] : undefined;
      return nested(sub, own, `${path}.properties[${name}]`, `${from}.properties[${name}]`);
    }),
  ];
}

const missing = (path: string, from: string): Cause => required(path, `because it is defined in ${from}`);
