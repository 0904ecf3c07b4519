import assert from "node:assert/strict";
import { test } from "node:test";
import { applyMergePatch } from "./merge-patch.ts";

// the examples of RFC 7386, appendix A, where the patch is an object
const cases: readonly [doc: unknown, patch: Record<string, unknown>, result: unknown][] = [
  [{ a: "b" }, { a: "c" }, { a: "c" }], [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }], [{ a: "b" }, { a: null }, {}], [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
  [{ a: ["b"] }, { a: "c" }, { a: "c" }], [{ a: "c" }, { a: ["b"] }, { a: ["b"] }], [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }], [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }], [[1, 2], { a: "b", c: null }, { a: "b" }], [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
];
for (const [doc, patch, result] of cases) test(`${JSON.stringify(doc)} patched with ${JSON.stringify(patch)}`, () => assert.deepEqual(applyMergePatch(doc, patch), result));

test("null for a patch is refused", () => assert.throws(() => applyMergePatch({}, null), { reason: "BadRequest", message: "Invalid JSON Patch" }));

test("a patch that is no object is refused", () => {
  assert.throws(() => applyMergePatch({}, []), { reason: "BadRequest", message: "json: cannot unmarshal array into Go value of type map[string]interface {}" });
});

test("__proto__ in a patch pollutes nothing", () => {
  const result = applyMergePatch({}, JSON.parse('{"__proto__":{"polluted":true},"a":{"constructor":{"prototype":{"x":1}}}}'));
  assert.equal(({} as { polluted?: boolean; x?: number }).polluted, undefined);
  assert.deepEqual(Object.keys(result), ["__proto__", "a"]);
});
