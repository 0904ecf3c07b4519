import type { CustomResourceColumnDefinition } from "#api/gen/apiextensions-v1.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { nameColumn, since } from "../registry/common/columns.ts";
import type { Column } from "../registry/resource.ts";
import { jsonPath } from "./schema/json-path.ts";

const age: CustomResourceColumnDefinition = { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp", description: "When the object was created." };
const columnTypes: ReadonlySet<string> = new Set(["string", "integer", "number", "boolean", "date"]);

/** The name, then the definition's own columns; the age where it has none. Upstream: apiextensions-apiserver/pkg/registry/customresource/tableconvertor */
export const columnsOf = (columns: readonly CustomResourceColumnDefinition[] = [age]): readonly Column<KubeObject>[] => [nameColumn, ...columns.flatMap(column)];

function column({ name, type, format, description, priority = 0, jsonPath: path }: CustomResourceColumnDefinition): readonly Column<KubeObject>[] {
  const read = reader(path);
  if (read === undefined || !columnTypes.has(type)) return [];
  return [{
    name, type: type as Column<KubeObject>["type"], ...(format && { format }), description: description || `Custom resource definition column (in JSONPath format): ${path}`, ...(priority > 0 && { wide: true }),
    cell: (obj, now) => cell(type, read(obj)[0], now),
  }];
}

/** Undefined for a path that cannot be read: upstream shows no such column. */
function reader(path: string): ReturnType<typeof jsonPath> | undefined {
  try {
    return jsonPath(path);
  } catch (err) {
    if (err instanceof SyntaxError) return undefined;
    throw err;
  }
}

function cell(type: string, value: unknown, now: number): string | number | boolean | null {
  if (value === undefined || value === null) return null;
  switch (type) {
    case "string": return typeof value === "string" ? value : JSON.stringify(value);
    case "integer": return typeof value === "number" ? Math.trunc(value) : typeof value === "bigint" ? Number(value) : null;
    case "number": return typeof value === "number" || typeof value === "bigint" ? Number(value) : null;
    case "boolean": return typeof value === "boolean" ? value : null;
    case "date": return typeof value === "string" ? (Number.isNaN(Date.parse(value)) ? "<invalid>" : since(value, now)) : null;
    default: return null;
  }
}
