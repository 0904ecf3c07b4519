/** The part of JSONPath that definitions use: `.a.b`, `.a[0]`, `.a['b']`, `.a[*]`, `.a[?(@.type=="x")].b`. Upstream: client-go/util/jsonpath */
import { isRecord } from "#apimachinery/equal.ts";
import { getOwn } from "#apimachinery/records.ts";

type Step = (value: unknown) => readonly unknown[];

/** All values that a path leads to. Throws SyntaxError for what is no such path. */
export function jsonPath(path: string): (value: unknown) => readonly unknown[] {
  const steps = parse(path);
  return (value) => steps.reduce<readonly unknown[]>((values, step) => values.flatMap((v) => step(v)), [value]);
}

const tokens = /\.\.|\.(?:((?:[^\s.[\](){}'"\\]|\\.)+))?|\[\s*(?:(-?\d+)|(\*)|'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|(-?\d*):(-?\d*)|\?\(([^\]]*)\))\s*\]/y;

function parse(path: string): Step[] {
  const steps: Step[] = [];
  const token = new RegExp(tokens); // a place of its own: filters hold paths
  while (token.lastIndex < path.length) {
    const found = token.exec(path);
    if (found === null || found[0] === "..") throw new SyntaxError(`unrecognized path ${JSON.stringify(path)}`);
    const [, name, index, star, single, double, from, to, filter] = found;
    if (name === "*" || star !== undefined) steps.push(each);
    else if (name !== undefined) steps.push(field(name.replaceAll(/\\(.)/g, "$1")));
    else if (single !== undefined || double !== undefined) steps.push(field((single ?? double ?? "").replaceAll(/\\(.)/g, "$1")));
    else if (index !== undefined) steps.push(item(Number(index)));
    else if (from !== undefined) steps.push(slice(from, to ?? ""));
    else if (filter !== undefined) steps.push(filtered(filter));
  }
  return steps;
}

const field = (name: string): Step => (value) => (isRecord(value) && Object.hasOwn(value, name) ? [getOwn(value, name)] : []);
const each: Step = (value) => (Array.isArray(value) ? (value as readonly unknown[]) : isRecord(value) ? Object.values(value) : []);
const item = (index: number): Step => (value) => (Array.isArray(value) && value.at(index) !== undefined ? [value.at(index)] : []);
const slice = (from: string, to: string): Step => (value) => (Array.isArray(value) ? value.slice(from === "" ? 0 : Number(from), to === "" ? undefined : Number(to)) : []);

type Compare = (a: unknown, b: unknown) => boolean;
const ordered = (test: (order: number) => boolean): Compare => (a, b) => typeof a === typeof b && (typeof a === "number" || typeof a === "string") && test(a < (b as typeof a) ? -1 : a === b ? 0 : 1);
const comparisons: Readonly<Record<string, Compare>> = {
  "==": (a, b) => a === b, "!=": (a, b) => a !== b, "<": ordered((o) => o < 0), "<=": ordered((o) => o <= 0), ">": ordered((o) => o > 0), ">=": ordered((o) => o >= 0),
};

function filtered(text: string): Step {
  const found = /^\s*(@[^\s=!<>]*|'[^']*'|"[^"]*"|[^\s=!<>]+)\s*(?:(==|!=|<=|>=|<|>)\s*(@[^\s=!<>]*|'[^']*'|"[^"]*"|[^\s=!<>]+)\s*)?$/.exec(text);
  if (found === null) throw new SyntaxError(`unrecognized filter ${JSON.stringify(text)}`);
  const [, left = "", operator, right = ""] = found;
  const [a, b] = [operand(left), operand(right)];
  const keeps = operator === undefined ? (v: unknown): boolean => a(v) !== undefined : (v: unknown): boolean => a(v) !== undefined && (comparisons[operator] as Compare)(a(v), b(v));
  return (value) => (Array.isArray(value) ? (value as readonly unknown[]).filter(keeps) : []);
}

function operand(text: string): (value: unknown) => unknown {
  if (text.startsWith("@")) {
    const inner = jsonPath(text.slice(1));
    return (value) => inner(value)[0];
  }
  const literal: unknown = /^['"]/.test(text) ? text.slice(1, -1) : text === "true" ? true : text === "false" ? false : text !== "" && !Number.isNaN(Number(text)) ? Number(text) : text;
  return () => literal;
}
