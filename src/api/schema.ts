import type { ApiSchema, TypeName } from "#apimachinery/schema.ts";
import tables from "./gen/schema.json" with { type: "json" };

/** The schema tables of every generated package. */
export const apiSchema: ApiSchema = tables as unknown as ApiSchema;

/** The type of a kind in the tables; undefined for one that they do not have. Status and the like belong to every group. */
export function schemaTypeOf(apiVersion: string, kind: string): TypeName | undefined {
  const [version = "", group = ""] = apiVersion.split("/").toReversed();
  const own = `${group === "" ? "core" : group.split(".", 1)[0]}/${version}.${kind}`;
  return [own, `meta/v1.${kind}`].find((type) => apiSchema.types[type] !== undefined);
}
