import type { JSONSchemaProps } from "#api/gen/apiextensions-v1.ts";
import { isRecord } from "#apimachinery/equal.ts";

export interface FoundField { readonly names: readonly string[]; readonly schema: JSONSchemaProps }

/**
 * The field that a simple path (`.spec.color`, `.spec['my-field']`) leads to in a schema, or why it leads nowhere.
 * @param brackets names in brackets are allowed. Upstream: apiserver/schema/cel ValidFieldPath
 */
export function fieldAt(path: string, schema: JSONSchemaProps, brackets: boolean): FoundField | string {
  const names: string[] = [];
  let rest = path;
  let found: JSONSchemaProps = schema;
  while (rest !== "") {
    const [token = "", dotted, bracketed] = /^(?:\.([^.[]*)|\['((?:[^'\\]|\\.)*)'\])/.exec(rest) ?? [];
    if (token === "" || (bracketed !== undefined && !brackets)) return `expected [ or . but got: ${rest}`;
    const name = dotted ?? (bracketed ?? "").replaceAll(/\\(.)/g, "$1");
    if (name === "") return "unexpected end of JSON path";
    const next = stepInto(found, name);
    if (next === undefined) return "does not refer to a valid field";
    [found, rest] = [next, rest.slice(token.length)];
    names.push(name);
  }
  return names.length === 0 ? "does not refer to a valid field" : { names, schema: found };
}

function stepInto({ properties = {}, additionalProperties }: JSONSchemaProps, name: string): JSONSchemaProps | undefined {
  if (Object.hasOwn(properties, name)) return properties[name];
  return isRecord(additionalProperties) ? (additionalProperties as JSONSchemaProps) : undefined;
}
