import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Pod } from "#api/gen/core-v1.ts";
import { FilterRun } from "../filter-run.ts";
import { Nominations } from "../nominations.ts";
import { PodInfo } from "../pod-info.ts";
import { clusterOf, filterAll, node, pod, scoreAll } from "../testing.ts";
import { nodeResourcesBalancedAllocation } from "./node-resources-balanced-allocation.ts";
import { nodeResourcesFit } from "./node-resources-fit.ts";

/** Nothing but "acme.io/device" is devices. */
const fit = nodeResourcesFit((resource) => resource === "acme.io/device");

const cases: readonly { readonly name: string; readonly pod: Pod; readonly on?: readonly Pod[]; readonly says: string; readonly resolvable?: boolean }[] = [
  { name: "fits when it fills the node exactly", pod: pod({ requests: { cpu: "3", memory: "7Gi" } }), on: [pod({ on: "a", requests: { cpu: "1", memory: "1Gi" } })], says: "" },
  { name: "a pod that asks for nothing fits on a full node", pod: pod(), on: [pod({ on: "a", requests: { cpu: "4" } })], says: "" },
  { name: "preemption may help when others are in the way", pod: pod({ requests: { cpu: "1m" } }), on: [pod({ on: "a", requests: { cpu: "4" } })], says: "Insufficient cpu", resolvable: true },
  { name: "preemption does not help when the node is too small", pod: pod({ requests: { cpu: "5" } }), says: "Insufficient cpu", resolvable: false },
  { name: "all shortages are named", pod: pod({ requests: { cpu: "5", memory: "9Gi", "ephemeral-storage": "1", "example.com/gpu": "1" } }), says: "Insufficient cpu, Insufficient memory, Insufficient ephemeral-storage, Insufficient example.com/gpu", resolvable: false },
  { name: "devices may stand for what a node does not have", pod: pod({ requests: { "acme.io/device": "9" } }), says: "" },
  { name: "init containers count by the largest, sidecars add up", pod: pod({ initContainers: [{ name: "s", restartPolicy: "Always", resources: { requests: { cpu: "1" } } }, { name: "i", resources: { requests: { cpu: "3500m" } } }], requests: { cpu: "2" } }), says: "Insufficient cpu", resolvable: false },
  { name: "the overhead counts", pod: pod({ requests: { cpu: "3" }, overhead: { cpu: "1001m" } }), says: "Insufficient cpu", resolvable: false },
];

describe("NodeResourcesFit", () => {
  for (const { name, pod: incoming, on = [], says, resolvable } of cases) {
    test(name, () => {
      const cluster = clusterOf([node("a")], on);
      assert.deepEqual(filterAll(fit, incoming, cluster), { a: says });
      const run = new FilterRun([fit], new PodInfo(incoming), cluster, new Nominations());
      run.prepare();
      const [first] = cluster.nodes;
      assert(first !== undefined);
      assert.equal(run.verdict(first)?.resolvable, resolvable);
    });
  }

  test("devices do not stand for what a node has", () => {
    const cluster = clusterOf([node("a", { allocatable: { cpu: "4", memory: "8Gi", pods: "110", "acme.io/device": "2" } })]);
    assert.deepEqual(filterAll(fit, pod({ requests: { "acme.io/device": "3" } }), cluster), { a: "Insufficient acme.io/device" });
  });

  test("a node takes no more pods than it says", () => {
    const cluster = clusterOf([node("a", { allocatable: { cpu: "4", memory: "8Gi", pods: "1" } })], [pod({ on: "a" })]);
    assert.deepEqual(filterAll(fit, pod(), cluster), { a: "Too many pods" });
  });

  test("the emptier node scores higher", () => {
    const cluster = clusterOf([node("a"), node("b")], [pod({ on: "a", requests: { cpu: "2", memory: "4Gi" } })]);
    assert.deepEqual(scoreAll(fit, pod({ requests: { cpu: "1", memory: "2Gi" } }), cluster), { a: 25, b: 75 });
  });

  test("a pod that asks for nothing counts as 100m and 200Mi", () => {
    const cluster = clusterOf([node("a", { allocatable: { cpu: "1", memory: "2000Mi", pods: "9" } })]);
    assert.deepEqual(scoreAll(fit, pod(), cluster), { a: 90 });
  });

  test("pods that are gone give back what they had", () => {
    const one = pod({ name: "one", on: "a", requests: { cpu: "4", "example.com/gpu": "1" } });
    const cluster = clusterOf([node("a")], [one]);
    cluster.removePod("default/one");
    assert.deepEqual(filterAll(fit, pod({ requests: { cpu: "4" } }), cluster), { a: "" });
  });
});

describe("NodeResourcesBalancedAllocation", () => {
  test("prefers the node where CPU and memory are used alike", () => {
    const cluster = clusterOf([node("a"), node("b")], [pod({ on: "a", requests: { cpu: "2" } }), pod({ on: "b", requests: { cpu: "2", memory: "4Gi" } })]);
    assert.deepEqual(scoreAll(nodeResourcesBalancedAllocation, pod({ requests: { cpu: "1", memory: "2Gi" } }), cluster), { a: 75, b: 100 });
  });

  test("says nothing about pods that ask for nothing", () => {
    assert.deepEqual(scoreAll(nodeResourcesBalancedAllocation, pod(), clusterOf([node("a")])), { a: 0 });
  });
});
