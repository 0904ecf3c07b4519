import assert from "node:assert/strict";
import { test } from "node:test";
import { parseExact } from "./exact-json.ts";

// what comes out as it went in
const exact = [
  '{"a":9007199254740993}', '{"a":-9223372036854775808,"b":[9223372036854775807,1]}', '[9007199254740993]', "9007199254740993",
  '{"a":"9007199254740993","b":9007199254740993}', '{"9007199254740993":9007199254740993}', String.raw`{"a":"\" ,9007199254740993","b":9007199254740993}`, '{"a":1234567890123456}',
  '{"__proto__":9007199254740993}', '{"a":{"b":{"c":[{"d":9007199254740993}]}}}',
];
for (const text of exact) test(text, () => assert.equal(JSON.stringify(parseExact(text)), text));

const others: readonly (readonly [text: string, value: unknown])[] = [
  ["[0.12345678901234567890, 1]", [0.123_456_789_012_345_68, 1]], ["[1e-1234567890123456]", [0]], ["[1234567890123456789.5]", [1_234_567_890_123_456_800]],
  ["[9007199254740992e1]", [90_071_992_547_409_920]], ["[99999999999999999999]", [1e20]], ["[9223372036854775808]", [9_223_372_036_854_775_808]], ['{"a": 9007199254740993 }', { a: 9_007_199_254_740_993n }],
];
for (const [text, value] of others) test(`${text} is what it is to Go`, () => assert.deepEqual(parseExact(text), value));

test("what is no JSON is refused as ever", () => assert.throws(() => parseExact('{"a":9007199254740993'), SyntaxError));
test("no two numbers in one place", () => assert.throws(() => parseExact("[9007199254740993 9007199254740993]"), SyntaxError));
