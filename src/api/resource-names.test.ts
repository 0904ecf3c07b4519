import assert from "node:assert/strict";
import { test } from "node:test";
import { isExtended } from "./resource-names.ts";

const names: Readonly<Record<string, boolean>> = { "example.com/gpu": true, cpu: false, "kubernetes.io/x": false, "a.kubernetes.io/x": false, "requests.example.com/x": false, "example.com/": false, "example.com/a/b": false, "Example.com/x": false };
for (const [name, want] of Object.entries(names)) test(`${name} ${want ? "is" : "is not"} an extended resource`, () => assert.equal(isExtended(name), want));
