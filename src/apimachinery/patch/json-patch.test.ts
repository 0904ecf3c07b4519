import assert from "node:assert/strict";
import { test } from "node:test";
import { applyPatch, createPatch } from "rfc6902";
import { applyJsonPatch } from "./json-patch.ts";

const applied: readonly [name: string, doc: unknown, patch: unknown, result: unknown][] = [
  ["adds to a list's end", { a: [1] }, [{ op: "add", path: "/a/-", value: 2 }], { a: [1, 2] }],
  ["adds before an element", { a: [1] }, [{ op: "add", path: "/a/0", value: 0 }], { a: [0, 1] }],
  ["counts a negative index from the end", { a: [1, 2] }, [{ op: "remove", path: "/a/-1" }], { a: [1] }],
  ["unescapes pointers", { "a/b": { "c~d": 1 } }, [{ op: "replace", path: "/a~1b/c~0d", value: 2 }], { "a/b": { "c~d": 2 } }],
  ["moves", { a: { b: 1 } }, [{ op: "move", from: "/a/b", path: "/c" }], { a: {}, c: 1 }],
  ["copies by value", { a: { b: 1 } }, [{ op: "copy", from: "/a", path: "/c" }, { op: "replace", path: "/c/b", value: 2 }], { a: { b: 1 }, c: { b: 2 } }],
  ["tests deeply", { a: { b: [1] } }, [{ op: "test", path: "/a", value: { b: [1] } }], { a: { b: [1] } }],
  ["takes a missing value for null in a test", {}, [{ op: "test", path: "/a", value: null }], {}],
  ["takes what Go reads as a number for an index", { a: [1, 2] }, [{ op: "remove", path: "/a/01" }, { op: "add", path: "/a/+1", value: 3 }], { a: [1, 3] }],
  ["inserts before a negative index", { a: [1, 2] }, [{ op: "add", path: "/a/-2", value: 0 }], { a: [1, 0, 2] }],
  ["moves within a list", { a: [1, 2, 3] }, [{ op: "move", from: "/a/0", path: "/a/1" }], { a: [2, 1, 3] }],
  ["takes a missing value to add for null", {}, [{ op: "add", path: "/a" }], { a: null }],
  ["does nothing for null", { a: 1 }, null, { a: 1 }],
  ["makes what it replaces", { a: 1 }, [{ op: "replace", path: "/b", value: 2 }], { a: 1, b: 2 }],
  ["copies nothing as null", {}, [{ op: "copy", from: "/a", path: "/b" }], { b: null }],
  ["does not look before the first slash", { a: 1 }, [{ op: "replace", path: "x/a", value: 2 }], { a: 2 }],
  ["tests the whole", { a: 1 }, [{ op: "test", path: "", value: { a: 1 } }], { a: 1 }],
  ["replaces the whole", { a: 1 }, [{ op: "replace", path: "", value: { b: 2 } }], { b: 2 }],
];
for (const [name, doc, patch, result] of applied) {
  test(name, () => {
    const before = structuredClone(doc);
    assert.deepEqual(applyJsonPatch(doc, patch), result);
    assert.deepEqual(doc, before);
  });
}

const refused: readonly [name: string, patch: unknown, reason: string, cause: RegExp | undefined][] = [
  ["an operation that is text", ["x"], "BadRequest", undefined], ["an operation that is null", [null], "Invalid", /Unexpected kind/], ["a replacement of an element that is missing", [{ op: "replace", path: "/l/5", value: 1 }], "Invalid", /missing key/],
  ["a copy of an element that is missing", [{ op: "copy", from: "/l/5", path: "/y" }], "Invalid", /missing/], ["an addition in the place of the whole", [{ op: "add", path: "", value: {} }], "Invalid", /missing path/], ["the whole as text", [{ op: "replace", path: "", value: "x" }], "Invalid", /must be object or array/],
  ["a path without a slash", [{ op: "add", path: "a", value: 1 }], "Invalid", /missing path/], ["the whole copied into itself", [{ op: "copy", from: "", path: "/o/x" }], "Invalid", /missing path/], ["a move from nowhere", [{ op: "move", path: "/y" }], "Invalid", /missing from/], ["an operation without a path", [{ op: "add", value: 1 }], "Invalid", /missing path/], ["an operation in capitals", [{ op: "ADD", path: "/a", value: 1 }], "Invalid", /Unexpected kind/],
  ["a step into text", [{ op: "add", path: "/a/b", value: 1 }], "Invalid", /missing path/], ["an index before the beginning", [{ op: "add", path: "/l/-3", value: 1 }], "Invalid", /invalid index/], ["a list in another order", [{ op: "add", path: "/l/-", value: 2 }, { op: "test", path: "/l", value: [2, 1] }], "Invalid", /testing value/],
  ["an object", {}, "BadRequest", undefined], ["a missing parent", [{ op: "add", path: "/x/y", value: 1 }], "Invalid", /missing path/], ["a missing key to remove", [{ op: "remove", path: "/x" }], "Invalid", /missing/],
  ["a failed test", [{ op: "test", path: "/a", value: 2 }], "Invalid", /testing value \/a failed/], ["an index outside", [{ op: "add", path: "/l/5", value: 1 }], "Invalid", /invalid index/],
  ["an unknown operation", [{ op: "frobnicate", path: "/a" }], "Invalid", /Unexpected kind/], ["a move into itself", [{ op: "move", from: "/o", path: "/o/x" }], "Invalid", /into itself/],
  ["a step into the prototype", [{ op: "add", path: "/__proto__/polluted", value: 1 }], "Invalid", /missing path/], ["a constructor", [{ op: "add", path: "/constructor/prototype/polluted", value: 1 }], "Invalid", /missing path/],
  ["10,001 operations", Array<unknown>(10_001).fill({ op: "test", path: "/a", value: 1 }), "RequestEntityTooLarge", undefined],
];
for (const [name, patch, reason, cause] of refused) {
  test(`${name} is refused`, () => {
    assert.throws(() => applyJsonPatch({ a: 1, l: [1], o: {} }, patch), (err: Error & { reason: string }) => err.reason === reason && (cause === undefined || cause.test((err.cause as Error).message)));
  });
}

test("copies may not double a document without end", () => {
  const patch = Array.from({ length: 40 }, (_, i) => ({ op: "copy", from: "/a", path: `/a/k${i}` }));
  assert.throws(() => applyJsonPatch({ a: { text: "x".repeat(100) } }, patch), { reason: "Invalid" });
});

test("a thousand random edits come out as the oracle's", () => {
  let seed = 7;
  const random = (n: number): number => (seed = (seed * 1103515245 + 12345) % 2147483648) % n;
  const value = (depth: number): unknown => [() => random(5), () => "abc".slice(random(3)), () => random(2) === 0, () => Array.from({ length: random(4) }, () => value(depth + 1)), () => Object.fromEntries(Array.from({ length: random(4) }, () => ["abcd".charAt(random(4)), value(depth + 1)]))][depth > 3 ? random(3) : random(5)]?.();
  for (let i = 0; i < 1000; i++) {
    const [from, to] = [value(0), value(0)];
    const patch = createPatch(from, to);
    if (patch.some(({ path }) => path === "")) continue; // upstream replaces the whole by an object only
    const oracle = { root: structuredClone(from) };
    applyPatch(oracle, patch.map((op) => ({ ...op, path: `/root${op.path}`, ...("from" in op && { from: `/root${op.from}` }) })));
    assert.deepEqual(applyJsonPatch(from, patch), oracle.root);
    assert.deepEqual(applyJsonPatch(from, patch), to);
  }
});
