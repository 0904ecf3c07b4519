import type { JSONSchemaProps } from "#api/gen/apiextensions-v1.ts";
import { isRecord } from "#apimachinery/equal.ts";
import { knownFormat } from "./formats.ts";
import { holds, type Checks, type Structural } from "./structural.ts";

const numbers = ["maximum", "minimum", "multipleOf", "maxLength", "minLength", "maxItems", "minItems", "maxProperties", "minProperties"] as const;
const junctors = ["allOf", "anyOf", "oneOf"] as const;

/** Compiles the schemas of one definition. What is equal in them (a pod's containers, again and again) is kept once. */
export class SchemaCompiler {
  readonly #ids = new Map<Structural, number>();
  readonly #byContent = new Map<string, Structural>();

  /** @param schema checked before: structural, and every field of its type */
  compile(schema: JSONSchemaProps): Structural {
    const properties = schema.properties === undefined ? undefined : new Map(Object.entries(schema.properties).map(([name, sub]) => [name, this.compile(sub)]));
    const items = isRecord(schema.items) ? this.compile(schema.items) : undefined;
    const additional = isRecord(schema.additionalProperties) ? this.compile(schema.additionalProperties) : (schema.additionalProperties as boolean | undefined);
    const node: Omit<Structural, "below"> = {
      type: schema.type ?? "", nullable: schema.nullable === true, preserve: schema["x-kubernetes-preserve-unknown-fields"] === true,
      embedded: schema["x-kubernetes-embedded-resource"] === true, intOrString: schema["x-kubernetes-int-or-string"] === true,
      properties, items, additional, default: schema.default, listType: schema["x-kubernetes-list-type"], listKeys: schema["x-kubernetes-list-map-keys"] ?? [],
      atomicMap: schema["x-kubernetes-map-type"] === "atomic", checks: this.#checks(schema), rules: schema["x-kubernetes-validations"],
    };
    return this.#interned({ ...node, below: below(node) });
  }

  #checks(schema: JSONSchemaProps): Checks | undefined {
    const checks: Record<string, unknown> = {};
    for (const field of numbers) if (schema[field] !== undefined) checks[field] = schema[field];
    for (const junctor of junctors) if (schema[junctor] !== undefined && schema[junctor].length > 0) checks[junctor] = schema[junctor].map((sub) => this.compile(sub));
    if (schema.not !== undefined) checks["not"] = this.compile(schema.not);
    if (schema.exclusiveMaximum === true) checks["exclusiveMaximum"] = true;
    if (schema.exclusiveMinimum === true) checks["exclusiveMinimum"] = true;
    if (schema.pattern) checks["pattern"] = schema.pattern;
    if (schema.format && knownFormat(schema.format)) checks["format"] = schema.format;
    if (schema.enum !== undefined && schema.enum.length > 0) checks["enum"] = schema.enum;
    if (schema.required !== undefined && schema.required.length > 0) checks["required"] = schema.required;
    return Object.keys(checks).length === 0 ? undefined : checks;
  }

  #interned(node: Structural): Structural {
    const content = JSON.stringify(node, (key, value: unknown) => {
      if (value === node || key === "default" || key === "enum" || key === "rules") return value;
      const id = isRecord(value) ? this.#ids.get(value as unknown as Structural) : undefined;
      if (id !== undefined) return { id };
      return value instanceof Map ? [...(value as Map<string, Structural>)].map(([name, sub]) => [name, this.#ids.get(sub)]) : value;
    });
    const known = this.#byContent.get(content);
    if (known !== undefined) return known;
    this.#byContent.set(content, node);
    this.#ids.set(node, this.#ids.size);
    return node;
  }
}

function below(node: Omit<Structural, "below">): number {
  let bits = (node.default === undefined ? 0 : holds.defaults) | (node.listType === "set" || node.listType === "map" ? holds.listRules : 0)
    | (node.embedded ? holds.embedded : 0) | (node.rules === undefined ? 0 : holds.rules);
  if (node.items !== undefined) bits |= node.items.below;
  if (typeof node.additional === "object") bits |= node.additional.below;
  for (const sub of node.properties?.values() ?? []) bits |= sub.below;
  return bits;
}
