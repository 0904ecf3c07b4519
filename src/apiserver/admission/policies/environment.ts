/** What the expressions of policies and webhooks may name, and the checks that their configurations are held to. Upstream: apiserver/pkg/admission/plugin/cel/compile.go */
import { compile } from "#apimachinery/cel/compile.ts";
import type { Environment } from "#apimachinery/cel/environment.ts";
import { authorizerType, resourceCheckType } from "#apimachinery/cel/library/authorization.ts";
import { standardFunctions } from "#apimachinery/cel/library/standard.ts";
import type { Program } from "#apimachinery/cel/program.ts";
import { bindSchema, dynamicSchema, type Binding, type OpenApiSchema } from "#apimachinery/cel/schema-types.ts";
import { dynType, errorType, isDynamic, objectType, opaqueType, typeText, type CelType } from "#apimachinery/cel/types.ts";

const text: OpenApiSchema = { type: "string" };
const time: OpenApiSchema = { type: "string", format: "date-time" };
const texts: OpenApiSchema = { type: "array", items: text };
const textMap: OpenApiSchema = { type: "object", additionalProperties: text };
const object = (properties: Readonly<Record<string, OpenApiSchema>>): OpenApiSchema => ({ type: "object", properties });

const kind = object({ group: text, version: text, kind: text });
const resource = object({ group: text, version: text, resource: text });
const requestSchema = object({
  kind, resource, subResource: text, requestKind: kind, requestResource: resource, requestSubResource: text, name: text, namespace: text, operation: text, dryRun: { type: "boolean" }, options: dynamicSchema(),
  userInfo: object({ username: text, uid: text, groups: texts, extra: { type: "object", additionalProperties: texts } }),
});
const namespaceSchema = object({
  metadata: object({
    name: text, generateName: text, namespace: text, labels: textMap, annotations: textMap, uid: text, creationTimestamp: time, deletionTimestamp: time,
    deletionGracePeriodSeconds: { type: "integer" }, generation: { type: "integer" }, resourceVersion: text, finalizers: texts,
  }),
  spec: object({ finalizers: texts }),
  status: object({ phase: text }),
});

function bound(schema: OpenApiSchema, name: string): Binding {
  const binding = bindSchema(schema, name);
  if (binding === undefined) throw new Error(`the schema of ${name} binds to nothing`);
  return binding;
}

export const requestBinding: Binding = bound(requestSchema, "kubernetes.AdmissionRequest");
export const namespaceBinding: Binding = bound(namespaceSchema, "kubernetes.Namespace");

export interface Names {
  /** `params`, where the policy has a kind of parameters. */
  readonly params?: boolean;
  /** The policy's variables that come before, with their types. */
  readonly variables?: ReadonlyMap<string, CelType>;
  readonly authorizer?: boolean;
  readonly namespaceObject?: boolean;
  /** Types of the objects, where they are known; otherwise they are read as they come. */
  readonly object?: CelType;
  /** Object types that literals may make. */
  readonly structs?: (name: string) => CelType | undefined;
}

export function admissionEnvironment({ params = false, variables, authorizer = true, namespaceObject = true, object: objects = dynType, structs }: Names): Environment {
  return {
    functions: standardFunctions,
    ...(structs === undefined ? {} : { structs }),
    variables: new Map<string, CelType>([
      ["object", objects], ["oldObject", objects], ["request", requestBinding.type],
      ...(namespaceObject ? [["namespaceObject", namespaceBinding.type] as const] : []),
      ...(params ? [["params", dynType] as const] : []),
      ...(variables === undefined ? [] : [["variables", objectType("kubernetes.variables", variables)] as const]),
      ...(authorizer ? [["authorizer", opaqueType(authorizerType)] as const, ["authorizer.requestResource", opaqueType(resourceCheckType)] as const] : []),
    ]),
  };
}

/** A program, or why there is none, in upstream's words. */
export type CompiledExpression = { readonly program: Program } | { readonly error: string };

/** @param returns names of the types that the expression may come to; empty: any */
export function compileExpression(expression: string, environment: Environment, returns: readonly string[]): CompiledExpression {
  const compiled = compile(expression, environment);
  if (!compiled.ok) return { error: `compilation failed: ${compiled.text}` };
  const { returnType } = compiled.program;
  if (returns.length === 0 || isDynamic(returnType) || returns.includes(returnType.name) || returns.includes(typeText(returnType)) || (returnType.kind === "list" && isDynamic(returnType.params[0] ?? dynType))) return { program: compiled.program };
  return { error: returns.length === 1 ? `must evaluate to ${returns[0]}` : `must evaluate to one of [${returns.join(" ").replace("null", "null_type")}]` };
}

export const typeOf = (compiled: CompiledExpression): CelType => ("program" in compiled ? compiled.program.returnType : errorType);
