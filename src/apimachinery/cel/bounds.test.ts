import { equal, ok } from "node:assert/strict";
import { describe, test } from "node:test";
import { compileWith, evaluate } from "./fixture.ts";
import { fromJson } from "./json-values.ts";
import { dynType } from "./types.ts";

const exhausted = "error: operation cancelled: actual cost limit exceeded";
const long = "a".repeat(20_000);
const many = Array.from({ length: 2_000 }, (_, i) => i);

const hostile: readonly (readonly [name: string, expression: string, variables: Record<string, unknown>, result: unknown])[] = [
  ["a pattern that backtracks elsewhere", "s.matches('^(a+)+$')", { s: `${long}b` }, false],
  ["a long pattern over a long text", `s.matches('${"a?".repeat(1_200)}')`, { s: long }, exhausted],
  ["a pattern of a book's length", "s.matches(p)", { s: "a", p: "[a-z]".repeat(200_000) }, "error: error parsing regexp: pattern of 1000000 characters is too long"],
  ["many long patterns", "l.exists(i, s.matches(p + string(i) + 'b'))", { s: "a", p: "[a-z]?".repeat(1_600), l: many }, exhausted],
  ["loops within loops", "l.all(a, l.all(b, l.all(c, a + b + c >= 0)))", { l: many }, exhausted],
  ["lists that double", "cel.bind(a, l + l, cel.bind(b, a + a, cel.bind(c, b + b, cel.bind(d, c + c, d.all(x, x >= 0)))))", { l: [...many, ...many, ...many, ...many, ...many, ...many, ...many, ...many, ...many] }, exhausted],
  ["texts that double", `${"cel.bind(s, s + s, ".repeat(40)}size(s)${")".repeat(40)}`, { s: long }, exhausted],
  ["replacements that multiply", "s.replace('a', s).size()", { s: long }, exhausted],
  ["a product of sets", "sets.contains(l, l)", { l: many }, exhausted],
];

describe("a run ends within its budget", () => {
  for (const [name, expression, variables, result] of hostile) test(name, () => {
    const start = process.cpuUsage();
    equal(evaluate(expression, variables), result);
    const { user } = process.cpuUsage(start); // not the clock: neighbours must not count
    ok(user < 1_500_000, `took ${user} µs`);
  });
});

const refused: readonly (readonly [name: string, expression: string, message: RegExp])[] = [
  ["brackets", `${"(".repeat(5_000)}1${")".repeat(5_000)}`, /recursion limit/],
  ["lists", `${"[".repeat(300)}${"]".repeat(300)}`, /recursion limit/],
  ["sums", `1${" + 1".repeat(5_000)}`, /recursion limit/],
  ["members", `a${".b".repeat(5_000)}`, /recursion limit/],
  ["length", `'${"x".repeat(100_001)}'`, /expression code point size exceeds limit: size: 100003, limit 100000/],
];

describe("what is too deep or too long is refused", () => {
  for (const [name, expression, message] of refused) test(name, () => {
    const compiled = compileWith(expression);
    ok(!compiled.ok && message.test(compiled.text), compiled.ok ? "compiled" : compiled.text.slice(0, 200));
  });
  test("a long chain of conditions is not deep", () => {
    equal(evaluate(`true${" && true".repeat(5_000)}`), true);
  });
});

/** Random trees out of a grammar that gives many type errors, errors and hits alike. */
function expressions(seed: number): () => string {
  let state = seed;
  const random = (n: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state % n;
  };
  const leaves = ["1", "-1", "0", "2u", "1.5", "'a'", "'1'", "b'x'", "true", "null", "x", "y", "z", "[]", "{}", "x.a", "x.?b", "9223372036854775807", "duration('1s')", "timestamp('2020-01-01T00:00:00Z')"];
  const forms = ["A + B", "A - B", "A * B", "A / B", "A % B", "A == B", "A < B", "A && B", "A || B", "A in B", "A[B]", "A[?B]", "(A ? B : A)", "!A", "-A", "[A, B]", "{A: B}", "A.all(i, B)", "A.map(i, B)", "A.filter(i, B == i)",
    "A.exists(i, j, B)", "A.transformMap(i, j, B)", "cel.bind(x, A, B)", "size(A)", "string(A)", "int(A)", "dyn(A)", "type(A)", "A.matches(B)", "A.split(B)", "A.replace(B, A)", "A.optMap(x, B)", "optional.of(A)", "A.orValue(B)", "has(x.a)", "A.sum()", "A.min()", "A.isSorted()", "sets.contains(A, B)", "A.substring(B)", "A.indexOf(B)"];
  const make = (depth: number): string => depth === 0 ? leaves[random(leaves.length)] ?? "1" : (forms[random(forms.length)] ?? "A").replace(/[AB]/g, () => `dyn(${make(random(depth))})`);
  return () => make(4);
}

test("no expression makes compiling or running throw", () => {
  const next = expressions(7);
  const values = { x: { a: [1, "b", null, { c: 1.5 }] }, y: [3, 1, 2], z: "text" };
  let ran = 0;
  for (let i = 0; i < 3_000; i++) {
    const compiled = compileWith(next(), { x: dynType, y: dynType, z: dynType });
    if (!compiled.ok) continue;
    compiled.program.run((name) => fromJson(values[name as keyof typeof values]), 10_000);
    ran++;
  }
  ok(ran > 500, `only ${ran} of 3000 ran`);
});

const doubled = (start: string, step: (name: string) => string, end: (name: string) => string): string =>
  `${Array.from({ length: 60 }, (_, i) => `cel.bind(v${i}, ${i === 0 ? start : step(`v${i - 1}`)}, `).join("")}${end("v59")}${")".repeat(60)}`;
const shared: readonly (readonly [name: string, expression: string])[] = [
  ["lists within lists, compared", doubled("[dyn(1)]", (v) => `[dyn(${v}), ${v}]`, (v) => `${v} == ${v} + []`)],
  ["maps within maps, compared", doubled("{'a': dyn(1)}", (v) => `{'a': dyn(${v}), 'b': ${v}}`, (v) => `${v} == {'a': ${v}.a, 'b': ${v}.b}`)],
  ["lists within lists, printed", doubled("[dyn(1)]", (v) => `[dyn(${v}), ${v}]`, (v) => `'%s'.format([${v}])`)],
  ["lists joined to themselves", doubled("['a']", (v) => `${v} + ${v}`, (v) => `${v}.join()`)],
];

describe("parts that are shared do not multiply", () => {
  for (const [name, expression] of shared) test(name, () => {
    const start = process.cpuUsage();
    equal(evaluate(expression), exhausted);
    ok(process.cpuUsage(start).user < 3_000_000);
  });
  test("nor do types", () => {
    equal(evaluate(doubled("{1: 1}", (v) => `{${v}: ${v}}`, (v) => `size(${v})`)), "error: unsupported key type");
  });
  test("nor do values that leave as JSON", () => {
    equal(evaluate(doubled("[dyn(1)]", (v) => `[dyn(${v}), ${v}]`, (v) => v)), "list(2)");
  });
});
