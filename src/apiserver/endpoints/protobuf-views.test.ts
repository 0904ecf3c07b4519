import assert from "node:assert/strict";
import { test } from "node:test";
import { StatusError } from "#apimachinery/status.ts";
import { Item } from "../cacher/item.ts";
import { namespaces } from "../registry/core/namespace.ts";
import { erase } from "../registry/resource.ts";
import { partialProtobufView, protobufView } from "./protobuf-views.ts";

const prefix = "/registry/core/namespaces/";
const item = (): Item => new Item(prefix, `${prefix}x`, Buffer.from('{"kind":"Namespace","apiVersion":"v1","metadata":{"name":"x","uid":"u","creationTimestamp":"2026-11-26T13:13:24Z"},"spec":{"finalizers":["kubernetes"]},"status":{"phase":"Active"}}'), 196);
const view = protobufView(erase(namespaces));

// what kube-apiserver 1.20 answers for the same object, without clusterName (field 15 of ObjectMeta), which is gone
const meta = "0a1d0a017812001a0022002a017532033139363800420808f4e0a0d8061000";
const message = `${meta}120c0a0a6b756265726e657465731a080a06416374697665`;
const envelope = `6b3873000a0f0a02763112094e616d6573706163651237${message}1a002200`;

test("one object", () => assert.equal(view.one(item()).toString("hex"), envelope));

test("a list has the length of all elements before them", () => {
  const elements = [item(), item()].map((i) => view.element(i));
  const metadata = { resourceVersion: "204" };
  const extent = { count: 2, bytes: elements.reduce((sum, e) => sum + e.length, 0) };
  const list = Buffer.concat([view.listHead(metadata, extent), ...elements, view.listTail(metadata, extent)]);
  assert.equal(list.toString("hex"), `6b3873000a130a027631120d4e616d6573706163654c697374127d0a090a0012033230341a00${`1237${message}`.repeat(2)}1a002200`);
});

test("an event is a length and a WatchEvent around the enveloped object", () => {
  const length = envelope.length / 2;
  assert.equal(view.frame("ADDED", item(), true).toString("hex"), `${(length + 11).toString(16).padStart(8, "0")}0a05414444454412540a${length.toString(16)}${envelope}`);
});

test("a failure is an event with a Status", () => {
  const frame = view.failure(new StatusError("Expired", "too old"));
  assert.equal(frame.readUInt32BE(), frame.length - 4);
  assert.equal(frame.toString("latin1", 4, 11), "\n\x05ERROR");
  for (const part of ["k8s\0\n\x0c\n\x02v1\x12\x06Status", "too old", "Expired"]) assert(frame.includes(part), part);
});

test("metadata alone has a kind of its own", () => {
  const partial = partialProtobufView(erase(namespaces), "meta.k8s.io/v1");
  assert(partial.one(item()).includes("meta.k8s.io/v1\x12\x15PartialObjectMetadata"));
  assert.equal(partial.element(item()).toString("hex"), `121f${meta}`);
});

test("an object is encoded once per format", () => {
  const one = item();
  assert.equal(view.element(one), view.element(one));
});
