/** The types of served objects, for checks of expressions before they run. Upstream: apiserver/pkg/cel/openapi */
import { escapedKeyword, escapeName } from "#apimachinery/cel/escape.ts";
import { bindSchema } from "#apimachinery/cel/schema-types.ts";
import * as types from "#apimachinery/cel/types.ts";
import type { CelType } from "#apimachinery/cel/types.ts";
import type { FieldSchema } from "#apimachinery/schema.ts";
import { apiSchema } from "#api/schema.ts";
import type { AnyResource } from "../../registry/resource.ts";

const scalars: ReadonlyMap<string, CelType> = new Map([
  ["string", types.stringType], ["int32", types.intType], ["int64", types.intType], ["uint8", types.intType], ["uint32", types.intType], ["uint64", types.intType],
  ["bool", types.boolType], ["double", types.doubleType], ["bytes", types.bytesType], ["Time", types.timestampType], ["MicroTime", types.timestampType],
]);

const known = new Map<string, CelType>();

/** dyn where nothing is known of it. */
export function typeOfObjects({ custom, schema, kind }: AnyResource): CelType {
  if (custom === undefined) return structType(schema);
  const written = custom.schema();
  return written === undefined ? types.dynType : bindSchema(written, kind, true)?.type ?? types.dynType;
}

/** Fields are looked up when an expression names them: types may hold themselves. */
function structType(name: string): CelType {
  const before = known.get(name);
  if (before !== undefined) return before;
  const fields = new Map(Object.entries(apiSchema.types[name]?.fields ?? {}).map(([field, schema]) => [escapeName(field) ?? field, schema]));
  const made: CelType = {
    kind: "object", name, params: [],
    field: (asked) => {
      const found = fields.get(asked) ?? fields.get(escapedKeyword(asked) ?? "");
      return found === undefined ? undefined : fieldType(found);
    },
  };
  known.set(name, made);
  return made;
}

function fieldType({ type, shape }: FieldSchema): CelType {
  const element = scalars.get(type) ?? (Object.hasOwn(apiSchema.types, type) ? structType(type) : types.dynType);
  if (shape === undefined) return element;
  return shape === "list" ? types.listType(element) : types.mapType(types.stringType, shape === "map" ? element : types.listType(element));
}
