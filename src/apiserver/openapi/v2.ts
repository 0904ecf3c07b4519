import type { AnyResource } from "../registry/resource.ts";
import { allDefinitions } from "./all-definitions.ts";
import type { DefinitionOptions, JsonSchema } from "./definitions.ts";
import { common, operationsOf, parameterType, type Operation } from "./paths.ts";

/** The OpenAPI v2 document: all group versions in one. */
export interface DocumentV2 {
  readonly swagger: "2.0";
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, JsonSchema>>>>;
  readonly definitions: Readonly<Record<string, JsonSchema>>;
}

export function documentV2(resources: readonly AnyResource[], version: string, options: Omit<DefinitionOptions, "dialect">): DocumentV2 {
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const op of resources.flatMap(operationsOf)) (paths[op.path] ??= {})[op.method] = operation(op);
  return {
    swagger: "2.0", info: { title: "Kubernetes", version }, paths,
    definitions: allDefinitions(resources, { ...options, dialect: "v2" }),
  };
}

function operation(op: Operation): JsonSchema {
  const body = op.method === "get" ? [] : [{ name: "body", in: "body", required: op.method !== "delete", schema: op.body === undefined ? { type: "object" } : { $ref: `#/definitions/${op.body}` } }];
  return {
    ...common(op),
    consumes: op.method === "patch" ? op.patchTypes : ["*/*"],
    produces: ["application/json", "application/yaml"], schemes: ["https"],
    parameters: [
      ...body,
      ...op.query.map((name) => ({ name, in: "query", type: parameterType(name), uniqueItems: true })),
      ...op.pathParameters.map((name) => ({ name, in: "path", required: true, type: "string", uniqueItems: true })),
    ],
    responses: { 200: { description: "OK", schema: { $ref: `#/definitions/${op.answer}` } }, 401: { description: "Unauthorized" } },
  };
}
