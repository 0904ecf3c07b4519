import { jsonFormat, type Format, type Paths } from "./format.ts";
import type { JsonSchema } from "./definitions.ts";
import { common, operationsOf, parameterType, type Operation } from "./paths.ts";
import type { AnyResource } from "../registry/resource.ts";

/** The OpenAPI v2 document: all group versions in one. */
export const v2Json: Format = {
  ...jsonFormat, dialect: "v2", pathsOf: pathsV2,
  around: (version, paths, definitions) => [
    Buffer.from(`{"swagger":"2.0","info":${JSON.stringify({ title: "Kubernetes", version })},"paths":{`), ...paths, Buffer.from('},"definitions":{'), ...definitions, Buffer.from("}}"),
  ],
};

/** All operations by path and method. */
export function pathsV2(resources: readonly AnyResource[]): Paths {
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const op of resources.flatMap(operationsOf)) (paths[op.path] ??= {})[op.method] = operation(op);
  return paths;
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
