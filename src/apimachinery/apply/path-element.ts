/** One step of a path to a field, as sets write it. Upstream: structured-merge-diff fieldpath/element.go, serialize-pe.go */
import { isRecord } from "../equal.ts";
import { quote } from "../quote.ts";
import { getOwn } from "../records.ts";
import type { ListType } from "./types.ts";

export const fieldStep = (name: string): string => `f:${name}`;

/** The step to one element of a set or keyed list; a complaint in upstream's words where it has none. */
export function elementStep(list: ListType, element: unknown): { readonly step: string } | { readonly problem: string } {
  return list.relation === "map" ? keyedStep(list, element) : valueStep(element);
}

function keyedStep(list: ListType, element: unknown): ReturnType<typeof elementStep> {
  if (element === null || element === undefined) return { problem: "associative list with keys may not have a null element" };
  if (!isRecord(element)) return { problem: "associative list with keys may not have non-map elements" };
  let text = "";
  for (const { name, fallback } of list.keys) {
    const value = getOwn(element, name) ?? (Object.hasOwn(element, name) ? null : fallback);
    if (value === undefined) return { problem: `associative list with keys has an element that omits key field ${quote(name)} (and doesn't have default value)` };
    text += `${text === "" ? "" : ","}${JSON.stringify(name)}:${JSON.stringify(value)}`;
  }
  return { step: `k:{${text}}` };
}

function valueStep(element: unknown): ReturnType<typeof elementStep> {
  if (element === null || element === undefined) return { problem: "associative list without keys has an element that's an explicit null" };
  if (Array.isArray(element)) return { problem: "not supported: associative list with lists as elements" };
  if (isRecord(element)) return { problem: "associative list without keys has an element that's a map type" };
  return { step: `v:${JSON.stringify(element)}` };
}

/** `.name`, `[key="value",other=1]`, `[="value"]`, `[0]`. */
export function stepText(step: string): string {
  const rest = step.slice(2);
  switch (step.charAt(0)) {
    case "k": return `[${Object.entries(JSON.parse(rest) as Record<string, unknown>).map(([name, value]) => `${name}=${valueText(value)}`).join(",")}]`;
    case "v": return `[=${valueText(JSON.parse(rest))}]`;
    case "i": return `[${rest}]`;
    default: return `.${rest}`;
  }
}

export const pathText = (steps: readonly string[]): string => steps.map(stepText).join("");

/** Upstream: value.ToString */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "string") return quote(value);
  if (Array.isArray(value)) return `[${value.map(valueText).join(",")}]`;
  if (isRecord(value)) return `{${Object.entries(value).map(([key, item]) => `${key}=${valueText(item)}`).join(";")}}`;
  return String(value as number | boolean);
}

/** A step that a user wrote, with its keys in order; undefined when it is none. */
export function canonicalStep(step: string): string | undefined {
  if (step === "." || step.startsWith("f:")) return step;
  try {
    if (step.startsWith("v:")) return `v:${JSON.stringify(JSON.parse(step.slice(2)))}`;
    if (step.startsWith("i:")) return Number.isInteger(Number(step.slice(2))) ? step : undefined;
    const key: unknown = step.startsWith("k:") ? JSON.parse(step.slice(2)) : undefined;
    if (!isRecord(key)) return undefined;
    return `k:${JSON.stringify(Object.fromEntries(Object.entries(key).sort(([a], [b]) => (a < b ? -1 : 1))))}`;
  } catch {
    return undefined;
  }
}
