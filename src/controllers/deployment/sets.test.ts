import assert from "node:assert/strict";
import { test } from "node:test";
import type { ReplicaSet } from "#api/gen/apps-v1.ts";
import { highestRevision, revisionOf } from "./sets.ts";

const set = (revision: string): ReplicaSet => ({ metadata: { name: "s", annotations: { "deployment.kubernetes.io/revision": revision } }, spec: { selector: {} }, status: { replicas: 0 } });

test("revisions are 64 bits wide, as Go's", () => {
  assert.equal(revisionOf(set("3546343826724305833")), 3546343826724305833n);
  assert.equal(highestRevision([set("7"), set("3546343826724305833"), set("8")]) + 1n, 3546343826724305834n);
});

test("what is no number is no revision", () => {
  for (const text of ["", "x", "1.5", "-1"]) assert.equal(revisionOf(set(text)), 0n);
  assert.equal(highestRevision([]), 0n);
});
