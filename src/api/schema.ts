import type { ApiSchema } from "#apimachinery/schema.ts";
import tables from "./gen/schema.json" with { type: "json" };

/** The schema tables of every generated package. */
export const apiSchema: ApiSchema = tables as unknown as ApiSchema;
