import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubeObject } from "#apimachinery/meta.ts";
import { foregroundFinalizer, plan, type OwnerState, type Plan } from "./plan.ts";

const owner = (blockOwnerDeletion: boolean): KubeObject["metadata"]["ownerReferences"] => [{ apiVersion: "v1", kind: "Pod", name: "o", uid: "o", blockOwnerDeletion }];
const owned = (block = true): KubeObject => ({ metadata: { name: "x", uid: "x", ownerReferences: owner(block) ?? [] } });
const dependent: KubeObject = { metadata: { name: "d", uid: "d", ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "x", uid: "x", blockOwnerDeletion: true }] } };
const going: KubeObject = { metadata: { ...dependent.metadata, deletionTimestamp: "2026-01-01T00:00:00Z", finalizers: [foregroundFinalizer] } };

const cases: readonly [what: string, object: KubeObject, dependents: readonly KubeObject[], owner: OwnerState, expected: Plan][] = [
  ["an owner that stays", owned(), [], "solid", { action: "keep" }],
  ["an owner that is gone", owned(), [], "absent", { action: "delete", policy: "Background" }],
  ["an owner that waits, nothing owned", owned(), [], "waiting", { action: "delete", policy: "Background" }],
  ["an owner that waits, something owned", owned(), [dependent], "waiting", { action: "delete", policy: "Foreground" }],
  ["a circle: what it owns waits already", owned(), [going], "waiting", { action: "unblock" }],
  ["a circle that is open", owned(false), [going], "waiting", { action: "delete", policy: "Foreground" }],
  ["it waits itself, and is blocked", going, [{ metadata: { ...dependent.metadata, ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "d", uid: "d", blockOwnerDeletion: true }] } }], "waiting", { action: "foreground", ready: false }],
  ["it waits itself, for nothing", going, [], "waiting", { action: "foreground", ready: true }],
];
for (const [what, object, dependents, state, expected] of cases) {
  test(what, () => assert.deepEqual(plan(object, dependents, () => state), expected));
}
