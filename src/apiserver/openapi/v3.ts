import type { AnyResource } from "../registry/resource.ts";
import { allDefinitions } from "./all-definitions.ts";
import type { DefinitionOptions, JsonSchema } from "./definitions.ts";
import { common, operationsOf, parameterType, type Operation } from "./paths.ts";

const answers = ["application/json", "application/yaml"];

/** The OpenAPI v3 document of one group version. */
export function documentV3(resources: readonly AnyResource[], version: string, options: Omit<DefinitionOptions, "dialect">): JsonSchema {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const op of resources.flatMap(operationsOf)) {
    const item = (paths[op.path] ??= { parameters: op.pathParameters.map((name) => ({ name, in: "path", required: true, schema: { type: "string", uniqueItems: true } })) });
    item[op.method] = operation(op);
  }
  return {
    openapi: "3.0.0", info: { title: "Kubernetes", version }, paths,
    components: { schemas: allDefinitions(resources, { ...options, dialect: "v3" }) },
  };
}

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
