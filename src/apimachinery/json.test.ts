import assert from "node:assert/strict";
import { test } from "node:test";
import { parseJson } from "./json.ts";

test("keys said twice are named with their paths, once each, and the last one wins", () => {
  const { value, duplicates } = parseJson('{"spec":{"replicas":1,"replicas":2,"c":[{"a":":","a":1,"a":2}]},"spec2":"\\"{"}');
  assert.deepEqual(duplicates, ['duplicate field "spec.replicas"', 'duplicate field "spec.c[0].a"']);
  assert.deepEqual(value, { spec: { replicas: 2, c: [{ a: 2 }] }, spec2: '"{' });
});

test("a colon in a string is no key, an escaped quote no end", () => {
  assert.deepEqual(parseJson(Buffer.from('{"a":"b:\\\\\\":c"}')).duplicates, []);
});

test("__proto__ is a key like any other", () => {
  const { value } = parseJson('{"__proto__":{"polluted":true}}');
  assert.equal(({} as { polluted?: boolean }).polluted, undefined);
  assert.deepEqual(Object.keys(value as object), ["__proto__"]);
});

test("a nesting of 100,000 is refused, not a stack overflow", () => {
  assert.throws(() => parseJson("[".repeat(100_000)), { reason: "BadRequest", message: "invalid character '[' exceeded max depth" });
  assert.throws(() => parseJson(`${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`), { message: "invalid character '{' exceeded max depth" });
});

const broken: readonly [text: string, message: string][] = [
  ["", "unexpected end of JSON input"], ["{", "unexpected end of JSON input"], ["x", "invalid character 'x' looking for beginning of value"],
  ["{a:1}", "invalid character 'a' looking for beginning of object key string"], ['{"a" 1}', "invalid character '1' after object key"],
  ['{"a":1 "b":2}', "invalid character '\"' after object key:value pair"], ["[1 2]", "invalid character '2' after array element"], ["{} x", "invalid character 'x' after top-level value"],
  ["[tru]", "invalid character ']' in literal true (expecting 'e')"], ['"a\nb"', "invalid character '\\n' in string literal"], ['"\\x"', "invalid character 'x' in string escape code"], ["-", "unexpected end of JSON input"], ["1.x", "invalid character 'x' after decimal point in numeric literal"],
];
for (const [text, message] of broken) test(`${JSON.stringify(text)} is refused in Go's words`, () => assert.throws(() => parseJson(text), { reason: "BadRequest", message }));
