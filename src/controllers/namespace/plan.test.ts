import assert from "node:assert/strict";
import { test } from "node:test";
import type { Namespace } from "#api/gen/core-v1.ts";
import { conditionsOf, isEmpty, type Left } from "./plan.ts";

const now = Date.parse("2026-01-01T00:00:10Z");
const namespace = (conditions: NonNullable<Namespace["status"]["conditions"]> = []): Namespace => ({ metadata: { name: "shop" }, spec: {}, status: { conditions } });
const nothing: Left = { undiscovered: [], deletionErrors: [], remaining: [], finalizers: new Map() };

// Upstream: pkg/controller/namespace/deletion/status_condition_utils_test.go
const cases: readonly [name: string, Left, type: string, reason: string, message: string][] = [
  ["a group that cannot be read", { ...nothing, undiscovered: ["m/v1: down"] }, "NamespaceDeletionDiscoveryFailure", "DiscoveryFailed", "Discovery failed for some groups, 1 failing: unable to retrieve the complete list of server APIs: m/v1: down"],
  ["what cannot be deleted", { ...nothing, deletionErrors: ["z", "a"] }, "NamespaceDeletionContentFailure", "ContentDeletionFailed", "Failed to delete all resource types, 2 remaining: a, z"],
  ["what remains", { ...nothing, remaining: [{ group: "", resource: "pods", count: 2 }, { group: "apps", resource: "deployments", count: 1 }] }, "NamespaceContentRemaining", "SomeResourcesRemain", "Some resources are remaining: deployments.apps has 1 resource instances, pods. has 2 resource instances"],
  ["what is held", { ...nothing, finalizers: new Map([["x.io/y", 2]]) }, "NamespaceFinalizersRemaining", "SomeFinalizersRemain", "Some content in the namespace has finalizers remaining: x.io/y in 2 resource instances"],
];
for (const [name, left, type, reason, message] of cases) {
  test(name, () => {
    const conditions = conditionsOf(namespace(), left, now);
    assert.deepEqual(conditions?.filter(({ status }) => status === "True"), [{ type, status: "True", reason, message, lastTransitionTime: "2026-01-01T00:00:10Z" }]);
    assert.equal(conditions?.length, 5);
  });
}

test("what is said already is not said again; a time stays while its status does", () => {
  const left: Left = { ...nothing, deletionErrors: ["a"] };
  const first = conditionsOf(namespace(), left, now) ?? [];
  assert.equal(conditionsOf(namespace(first), left, now + 9000), undefined);
  const next = conditionsOf(namespace(first), { ...nothing, deletionErrors: ["b"], remaining: [{ group: "", resource: "pods", count: 1 }] }, now + 9000) ?? [];
  assert.deepEqual(next.filter(({ status }) => status === "True").map(({ lastTransitionTime }) => lastTransitionTime), ["2026-01-01T00:00:10Z", "2026-01-01T00:00:19Z"]);
});

test("a namespace is empty when nothing is left and everything was looked at", () => {
  assert.deepEqual([isEmpty(nothing), isEmpty({ ...nothing, undiscovered: ["m/v1: down"] }), isEmpty({ ...nothing, deletionErrors: ["a"] })], [true, false, false]);
});
