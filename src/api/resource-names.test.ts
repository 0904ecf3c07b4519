import assert from "node:assert/strict";
import { test } from "node:test";
import { isExtended, mayBeDevices, resourceOfClass } from "./resource-names.ts";

const names: Readonly<Record<string, boolean>> = { "example.com/gpu": true, cpu: false, "kubernetes.io/x": false, "a.kubernetes.io/x": false, "requests.example.com/x": false, "example.com/": false, "example.com/a/b": false, "Example.com/x": false };
for (const [name, want] of Object.entries(names)) test(`${name} ${want ? "is" : "is not"} an extended resource`, () => assert.equal(isExtended(name), want));

test("devices may stand for extended resources, and for one of each class's name", () => {
  assert.deepEqual(["example.com/gpu", resourceOfClass("gpu"), "cpu", "kubernetes.io/x"].map(mayBeDevices), [true, true, false, false]);
});
