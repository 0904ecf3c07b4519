/** What is wrong with an applied configuration, in upstream's words. Upstream: structured-merge-diff typed/validate.go, helpers.go */
import { isRecord } from "../equal.ts";
import { quote } from "../quote.ts";
import { elementStep, fieldStep, stepText, valueText } from "./path-element.ts";
import { shapeOf, typeUnder, type ListType, type MapType, type ScalarType, type Type } from "./types.ts";

/** `.spec.foo: field not declared in schema`; empty when nothing is wrong. */
export function problemsOf(type: Type, value: unknown, path = ""): readonly string[] {
  if (value === null || value === undefined) return [];
  const shape = shapeOf(type, value);
  switch (shape.kind) {
    case "scalar": return said(path, scalarProblem(shape, value));
    case "list": return Array.isArray(value) ? ofList(shape, value, path) : said(path, `expected list, got &{${valueText(value)}}`);
    case "map": return isRecord(value) ? ofMap(shape, value, path) : said(path, `expected map, got &{${valueText(value)}}`);
  }
}

/** One problem bare, several under a heading. Upstream: ValidationErrors.Error */
export const problemText = (problems: readonly string[]): string => (problems.length === 1 ? (problems[0] ?? "") : `errors:\n${problems.map((p) => `  ${p}`).join("\n")}`);

const said = (path: string, problem: string | undefined): string[] => (problem === undefined ? [] : [path === "" ? problem : `${path}: ${problem}`]);

function scalarProblem({ of }: ScalarType, value: unknown): string | undefined {
  switch (of) {
    case "numeric": return typeof value === "number" || typeof value === "bigint" ? undefined : `expected numeric (int or float), got ${goType(value)}`;
    case "string": return typeof value === "string" ? undefined : `expected string, got &value.valueUnstructured{Value:${goValue(value)}}`;
    case "boolean": return typeof value === "boolean" ? undefined : `expected boolean, got &{${valueText(value)}}`;
    case "any": return typeof value === "object" ? `expected any scalar, got &{${valueText(value)}}` : undefined;
  }
}

function goType(value: unknown): string {
  if (Array.isArray(value)) return "[]interface {}";
  if (typeof value === "object") return "map[string]interface {}";
  return typeof value === "boolean" ? "bool" : typeof value;
}

/** Go's `%#v`. */
function goValue(value: unknown): string {
  if (typeof value === "string") return quote(value);
  if (typeof value !== "object" || value === null) return String(value as number);
  if (Array.isArray(value)) return `[]interface {}{${value.map(goValue).join(", ")}}`;
  return `map[string]interface {}{${Object.entries(value).map(([key, item]) => `${quote(key)}:${goValue(item)}`).join(", ")}}`;
}

/** Stops at the first undeclared field of a map, as upstream does. */
function ofMap(map: MapType, value: Record<string, unknown>, path: string): readonly string[] {
  const problems: string[] = [];
  for (const key of Object.keys(value)) {
    const here = path + stepText(fieldStep(key));
    const type = typeUnder(map, key);
    if (type === undefined) return [...problems, `${here}: field not declared in schema`];
    problems.push(...problemsOf(type, value[key], here));
  }
  return problems;
}

function ofList(list: ListType, value: readonly unknown[], path: string): readonly string[] {
  if (list.relation === "atomic") return value.flatMap((item, i) => problemsOf(list.element, item, `${path}[${i}]`));
  const problems: string[] = [];
  const seen = new Set<string>();
  for (const [i, item] of value.entries()) {
    const found = elementStep(list, item);
    if ("problem" in found) return [...problems, ...said(path, `element ${i}: ${found.problem}`)];
    if (seen.has(found.step)) problems.push(...said(path, `duplicate entries for key ${stepText(found.step)}`));
    seen.add(found.step);
    problems.push(...problemsOf(list.element, item, path + stepText(found.step)));
  }
  return problems;
}
