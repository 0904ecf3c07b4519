import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubeObject } from "#apimachinery/meta.ts";
import { selectorOfLabels } from "#apimachinery/selectors.ts";
import { claim } from "./ownership.ts";

const selector = selectorOfLabels({ app: "web" });
const owner = (metadata: object = {}): KubeObject => ({ metadata: { name: "web", uid: "1", ...metadata } });
const object = (name: string, app: string, uid?: string, metadata: object = {}): KubeObject => ({
  metadata: { name, labels: { app }, ...(uid !== undefined && { ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: "web", uid, controller: true }] }), ...metadata },
});
const leaving = { deletionTimestamp: "2026-01-01T00:00:00Z" };

// Upstream: pkg/controller/controller_ref_manager_test.go
const cases: readonly { readonly name: string; readonly owner?: KubeObject; readonly object: KubeObject; readonly want: string }[] = [
  { name: "its own, with its labels, it keeps", object: object("a", "web", "1"), want: "owned" },
  { name: "its own, with other labels, it releases", object: object("a", "db", "1"), want: "release" },
  { name: "nobody's, with its labels, it adopts", object: object("a", "web"), want: "adopt" },
  { name: "nobody's, with other labels, is not its affair", object: object("a", "db"), want: "" },
  { name: "another's is not its affair, whatever the labels", object: object("a", "web", "2"), want: "" },
  { name: "what leaves is not adopted", object: object("a", "web", undefined, leaving), want: "" },
  { name: "what leaves and is its own still counts", object: object("a", "web", "1", leaving), want: "owned" },
  { name: "a leaving owner adopts nothing", owner: owner(leaving), object: object("a", "web"), want: "" },
  { name: "a leaving owner releases nothing", owner: owner(leaving), object: object("a", "db", "1"), want: "" },
  { name: "what does not belong is released", object: object("stranger", "web", "1"), want: "release" },
  { name: "what does not belong is not adopted", object: object("stranger", "web"), want: "" },
];
for (const { name, owner: by = owner(), object: one, want } of cases) {
  test(name, () => {
    const sorted = Object.entries(claim(by, selector, [one], ({ metadata }) => metadata.name !== "stranger"));
    assert.deepEqual(sorted.filter(([, objects]) => objects.length > 0).map(([what]) => what), want === "" ? [] : [want]);
  });
}
