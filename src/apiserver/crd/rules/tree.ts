import type { JSONSchemaProps } from "#api/gen/apiextensions-v1.ts";
import { isRecord } from "#apimachinery/equal.ts";
import type { Correlated } from "../schema/ratcheting.ts";
import { compileRules, type CompiledRules } from "./compile.ts";

/** The rules of a schema where they stand, and nothing else of it. */
export interface RuleNode extends Correlated {
  /** What an invalid value is called in messages. */
  readonly type: string;
  readonly own: CompiledRules | undefined;
  readonly fields: ReadonlyMap<string, RuleNode>;
  readonly items: RuleNode | undefined;
  readonly values: RuleNode | undefined;
}

/** Undefined where there are no rules in a schema. */
export function ruleTree(schema: JSONSchemaProps, root = true): RuleNode | undefined {
  const rules = schema["x-kubernetes-validations"] ?? [];
  const inner = (sub: unknown): RuleNode | undefined => (isRecord(sub) ? ruleTree(sub as JSONSchemaProps, false) : undefined);
  const fields = new Map(Object.entries(schema.properties ?? {}).flatMap(([name, sub]) => {
    const node = inner(sub);
    return node === undefined ? [] : [[name, node] as const];
  }));
  const [items, values] = [inner(schema.items), inner(schema.additionalProperties)];
  if (rules.length === 0 && fields.size === 0 && items === undefined && values === undefined) return undefined;
  return {
    type: schema.type ?? "", own: rules.length === 0 ? undefined : compileRules(schema, rules, root), fields, items, values,
    listType: schema["x-kubernetes-list-type"], listKeys: schema["x-kubernetes-list-map-keys"] ?? [], atomicMap: schema["x-kubernetes-map-type"] === "atomic",
  };
}
