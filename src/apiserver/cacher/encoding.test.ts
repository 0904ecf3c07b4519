import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeObject, joined, metadataOf } from "./encoding.ts";

const metadatas: readonly [what: string, metadata: object][] = [
  ["nothing but a name", { name: "p" }],
  ["maps and lists", { name: "p", labels: { a: "b" }, ownerReferences: [{ name: "o", uid: "u" }], managedFields: [{ fieldsV1: { "f:data": { ".": {}, "f:k": {} } } }] }],
  ["braces, quotes and backslashes in texts", { name: "p", annotations: { a: '{"metadata":{"x":"}\\"', "b}\\": "\\\\", c: 'ends with a backslash \\' } }],
  ["more than ASCII", { name: "p", annotations: { ä: "}{“”\u2028" } }],
];
for (const [what, metadata] of metadatas) {
  test(`metadata is cut out of the bytes: ${what}`, () => {
    const bytes = encodeObject({ kind: "Pod", apiVersion: "v1", metadata: { name: "p", ...metadata }, spec: { metadata: { other: "}" } } } as never);
    assert.deepEqual(JSON.parse(metadataOf(bytes).toString()), metadata);
  });
}

test("joined bytes lie in memory of their own", () => {
  const made = joined([Buffer.from("ab"), Buffer.from(""), Buffer.from("c")]);
  assert.deepEqual([made.toString(), made.buffer.byteLength], ["abc", 3]);
});
