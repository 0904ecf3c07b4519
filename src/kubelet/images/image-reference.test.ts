import assert from "node:assert/strict";
import { test } from "node:test";
import { registryOf, withTag } from "./image-reference.ts";

const cases = [
  ["nginx", "nginx:latest"],
  ["nginx:1.25", "nginx:1.25"],
  ["localhost:5000/a/b", "localhost:5000/a/b:latest"],
  ["docker.io/library/busybox:1", "docker.io/library/busybox:1"],
  [`a@sha256:${"0".repeat(64)}`, `a@sha256:${"0".repeat(64)}`],
  ["Upper", undefined],
  ["a b", undefined],
  ["", undefined],
  ["-x", undefined],
  ["a:", undefined],
  ["invalid.com/@x", undefined],
] as const;
for (const [name, want] of cases) test(`${name} → ${want}`, () => assert.equal(withTag(name), want));

test("the registry of a bare name is Docker's", () =>
  assert.deepEqual(["nginx", "a/b", "docker.io/a", "localhost:5000/a", "gcr.io/a/b"].map(registryOf), [
    "index.docker.io",
    "index.docker.io",
    "index.docker.io",
    "localhost:5000",
    "gcr.io",
  ]));
