import assert from "node:assert/strict";
import { test } from "node:test";
import type { Deployment, ReplicaSet } from "#api/gen/apps-v1.ts";
import { maxSurge, maxUnavailable, newSize, proportional, shrinkOld } from "./rolling.ts";

type Share = number | string;
const deployment = (replicas: number, surge: Share = "25%", unavailable: Share = "25%", type = "RollingUpdate", before?: number): Deployment => ({
  metadata: { name: "web" }, spec: { replicas, selector: {}, template: {}, strategy: { type, ...(type === "RollingUpdate" && { rollingUpdate: { maxSurge: surge, maxUnavailable: unavailable } }) } }, status: { ...(before !== undefined && { replicas: before }) },
}) as Deployment;
/** @param minute when it was made: the smaller, the older */
const set = (name: string, replicas: number, available = replicas, minute = 0, before?: number): ReplicaSet => ({
  metadata: { name, creationTimestamp: new Date(minute * 60_000).toISOString(), ...(before !== undefined && { annotations: { "deployment.kubernetes.io/max-replicas": String(before) } }) },
  spec: { replicas, selector: {} }, status: { replicas, availableReplicas: available },
});
const told = (resizes: readonly { readonly set: ReplicaSet; readonly replicas: number }[]): string[] => resizes.map((r) => `${r.set.metadata.name} ${r.replicas}`).toSorted();

// Upstream: pkg/controller/deployment/util/deployment_util_test.go ResolveFenceposts
const limits: readonly [name: string, deployment: Deployment, surge: number, unavailable: number][] = [
  ["a quarter of ten", deployment(10), 3, 2],
  ["a quarter of one", deployment(1), 1, 0],
  ["never neither", deployment(10, 0, "1%"), 0, 1],
  ["no more than there are", deployment(3, 0, 10), 0, 3],
  ["of none", deployment(0), 0, 0],
  ["of one that is made anew", deployment(10, 0, 0, "Recreate"), 0, 0],
];
for (const [name, of, surge, unavailable] of limits) test(`limits: ${name}`, () => assert.deepEqual([maxSurge(of), maxUnavailable(of)], [surge, unavailable]));

// Upstream: pkg/controller/deployment/rolling_test.go ReconcileNewReplicaSet
const news: readonly [name: string, deployment: Deployment, fresh: number, old: number, want: number][] = [
  ["no room for more", deployment(10, 0), 0, 10, 0],
  ["as many as may be above", deployment(10, 2), 0, 10, 2],
  ["what is still missing", deployment(10, 2), 5, 0, 10],
  ["no more than wanted", deployment(10, 20), 8, 10, 10],
  ["too many already", deployment(10, 2), 10, 2, 10],
  ["all at once when it is made anew", deployment(10, 0, 0, "Recreate"), 0, 10, 10],
];
for (const [name, of, fresh, old, want] of news) test(`new pods: ${name}`, () => assert.equal(newSize(of, [set("new", fresh), set("old", old)], fresh), want));

// Upstream: pkg/controller/deployment/rolling_test.go ReconcileOldReplicaSets, CleanupUnhealthyReplicas, ScaleDownOldReplicaSetsForRollingUpdate
const shrinks: readonly [name: string, deployment: Deployment, fresh: ReplicaSet, old: readonly ReplicaSet[], want: readonly string[]][] = [
  ["so many that the fewest serve", deployment(10, 0, 2), set("new", 0), [set("old", 10)], ["old 8"]],
  ["none while new ones are missing", deployment(10, 0, 2), set("new", 5, 0), [set("old", 8)], []],
  ["as new ones come to serve", deployment(10, 0, 2), set("new", 5, 3), [set("old", 8)], ["old 5"]],
  ["broken ones first", deployment(10, 0, 2), set("new", 2), [set("old", 8, 5)], ["old 6"]],
  ["the oldest set first", deployment(10, 2, 0), set("new", 4), [set("newer", 4, 4, 2), set("oldest", 4, 4, 1)], ["oldest 2"]],
  ["all when the new ones serve", deployment(10, 2, 0), set("new", 10), [set("a", 1, 1, 1), set("b", 1, 1, 2)], ["a 0", "b 0"]],
];
for (const [name, of, fresh, old, want] of shrinks) test(`old pods go: ${name}`, () => assert.deepEqual(told(shrinkOld(of, fresh, old)), want));

// Upstream: pkg/controller/deployment/sync_test.go Scale
const scales: readonly [name: string, deployment: Deployment, fresh: ReplicaSet | undefined, old: readonly ReplicaSet[], want: readonly string[]][] = [
  ["one set alone", deployment(12), set("new", 10), [], ["new 12"]],
  ["one that has the size", deployment(10), set("new", 10), [], []],
  ["the last old one when there is no new one", deployment(5), undefined, [set("a", 0, 0, 1), set("b", 0, 0, 2)], ["b 5"]],
  ["up, by their shares", deployment(12, 0, 0), set("new", 5, 5, 2, 10), [set("old", 5, 5, 1, 10)], ["new 6", "old 6"]],
  ["down, by their shares", deployment(8, 0, 0), set("new", 5, 5, 2, 10), [set("old", 5, 5, 1, 10)], ["new 4", "old 4"]],
  ["the rest to the largest", deployment(11, 0, 0), set("new", 5, 5, 2, 10), [set("old", 5, 5, 1, 10)], ["new 6"]],
  ["with room above it", deployment(20, 2, 0), set("new", 6, 6, 2, 12), [set("old", 6, 6, 1, 12)], ["new 11", "old 11"]],
  ["to none", deployment(0), set("new", 5, 5, 2, 10), [set("old", 5, 5, 1, 10)], ["new 0", "old 0"]],
  ["nothing while it is made anew", deployment(12, 0, 0, "Recreate"), set("new", 5), [set("old", 5)], []],
];
for (const [name, of, fresh, old, want] of scales) test(`scaled while it rolls: ${name}`, () => assert.deepEqual(told(proportional(of, fresh, old)), want));
