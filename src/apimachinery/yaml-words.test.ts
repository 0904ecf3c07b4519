import assert from "node:assert/strict";
import { test } from "node:test";
import { parseYaml } from "./yaml.ts";

/** As Kubernetes answers a body of this kind; seen. */
const broken: readonly [text: string, words: string][] = [
  ["a: b: c", "mapping values are not allowed in this context"],
  ["a: b\n  c: d\n", "line 2: mapping values are not allowed in this context"],
  ["a: 1\nb: : 2\n", "line 2: mapping values are not allowed in this context"],
  ["a: [1, 2", "line 1: did not find expected ',' or ']'"],
  ["kind: ConfigMap\nmetadata: {name: a, labels: {x: y}\ndata: {}\n", "line 2: did not find expected ',' or '}'"],
  ['a: "x', "found unexpected end of stream"],
  ['x: 1\n\n\ny: "abc\n', "line 5: found unexpected end of stream"],
  ["a:\n\tb: 1\n", "line 2: found character that cannot start any token"],
  ["\ta: 1\n", "found character that cannot start any token"],
  ["a: 1\nb: @x\n", "line 2: found character that cannot start any token"],
  ['a: 1\nb: "\\q"\n', "line 2: found unknown escape character"],
  ["a: 1\nb\nc: 2\n", "line 3: could not find expected ':'"],
  ["kind: ConfigMap\nmetadata:\n  name: a\n data: {}\n", "line 3: did not find expected key"],
  ["a: b\n- c\n", "line 1: did not find expected key"],
  ["a: &x &y b", "did not find expected key"],
  ["a: ]", "did not find expected node content"],
  ["a: |x\n  b\n", "did not find expected comment or line break"],
  ["%YAML 1.1\na: b\n", "line 1: did not find expected <document start>"],
  ["a: 1\nb: *x\n", "unknown anchor 'x' referenced"],
];
for (const [text, words] of broken) test(`${JSON.stringify(text)} is refused in Go's words`, () => assert.throws(() => parseYaml(text), { reason: "BadRequest", message: `error converting YAML to JSON: yaml: ${words}` }));
