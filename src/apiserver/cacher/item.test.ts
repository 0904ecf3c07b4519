import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeObject } from "./encoding.ts";
import { Item, writtenItem } from "./item.ts";

const stored = (metadata: object): Buffer => encodeObject({ kind: "Pod", apiVersion: "v1", metadata: { name: "p", ...metadata } });
const itemOf = (value: Buffer): Item => new Item("/registry/core/pods/", "/registry/core/pods/default/p", value, 7);

test("an item has its revision, first in its metadata", () => {
  assert.equal(itemOf(stored({})).json.toString(), '{"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":"7","name":"p"}}');
  assert.equal(itemOf(stored({})).at("/registry/core/pods/", 8).json.toString(), '{"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":"8","name":"p"}}');
  assert.equal(itemOf(Buffer.from('{"metadata":{}}')).json.toString(), '{"metadata":{"resourceVersion":"7"}}');
});

test("what an item keeps holds no more memory than its own bytes", () => {
  const item = itemOf(stored({}));
  for (const kept of [item.json, item.derived("f", () => Buffer.from("some other form"))]) assert.equal(kept.buffer.byteLength, kept.byteLength);
});

test("the same bytes at the same revision are one item", () => {
  const value = stored({});
  const of = (bytes: Buffer, revision: number): Item => writtenItem("/registry/core/pods/", "/registry/core/pods/default/p", bytes, revision);
  const first = of(value, 7);
  assert.equal(of(value, 7), first);
  assert.equal(of(value, 8).json.toString(), '{"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":"8","name":"p"}}');
  assert.notEqual(of(stored({}), 7), first);
});
