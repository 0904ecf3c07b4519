import type { AnyResource } from "../registry/resource.ts";
import type { JsonSchema } from "./definitions.ts";
import { jsonFormat, type Format, type Paths } from "./format.ts";
import { common, operationsOf, parameterType, type Operation } from "./paths.ts";

/** The OpenAPI v3 document of one group version. */
export const v3Json: Format = {
  ...jsonFormat, dialect: "v3", pathsOf: pathsV3,
  around: (version, paths, definitions) => [
    Buffer.from(`{"openapi":"3.0.0","info":${JSON.stringify({ title: "Kubernetes", version })},"paths":{`), ...paths, Buffer.from('},"components":{"schemas":{'), ...definitions, Buffer.from("}}}"),
  ],
};

function pathsV3(resources: readonly AnyResource[]): Paths {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const op of resources.flatMap(operationsOf)) {
    const item = (paths[op.path] ??= { parameters: op.pathParameters.map((name) => ({ name, in: "path", required: true, schema: { type: "string", uniqueItems: true } })) });
    item[op.method] = operation(op);
  }
  return paths;
}

const answers = ["application/json", "application/yaml"];

function operation(op: Operation): JsonSchema {
  const reference = (name: string): JsonSchema => ({ schema: { $ref: `#/components/schemas/${name}` } });
  const bodyTypes = op.method === "patch" ? op.patchTypes : ["*/*"];
  const body = op.method === "patch" ? { schema: { type: "object" } } : reference(op.body ?? "");
  return {
    ...common(op),
    parameters: op.query.map((name) => ({ name, in: "query", schema: { type: parameterType(name), uniqueItems: true } })),
    ...(op.method !== "get" && { requestBody: { content: Object.fromEntries(bodyTypes.map((type) => [type, body])) } }),
    responses: { 200: { description: "OK", content: Object.fromEntries(answers.map((type) => [type, reference(op.answer)])) }, 401: { description: "Unauthorized" } },
  };
}
