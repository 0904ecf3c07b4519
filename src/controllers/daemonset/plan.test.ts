import assert from "node:assert/strict";
import { test } from "node:test";
import type { Node, Taint } from "#api/gen/core-v1.ts";
import { FailureBackoff } from "./backoff.ts";
import { hash, nodeOf, now, podOf, setOf } from "./fixture.ts";
import { placesOf, ruleFor } from "./places.ts";
import { plan } from "./plan.ts";
import { roll } from "./rolling.ts";
import { statusOf } from "./status.ts";
import { templateFor, tolerationsOf } from "./template.ts";

const taint = (key: string, effect: Taint["effect"]): Taint => ({ key, effect });
const three = ["a", "b", "c"].map((name) => nodeOf(name));
const names = (pods: readonly { readonly metadata: { readonly name: string } }[]): string[] => pods.map(({ metadata }) => metadata.name);

// Upstream: pkg/controller/daemon/daemon_controller_test.go TestNodeShouldRunDaemonPod
const rules: readonly { readonly name: string; readonly spec?: object; readonly node: Node; readonly want: string }[] = [
  { name: "a plain node runs one", node: nodeOf("a"), want: "run" },
  { name: "another node's name", spec: { nodeName: "b" }, node: nodeOf("a"), want: "leave" },
  { name: "a label that it lacks", spec: { nodeSelector: { disk: "ssd" } }, node: nodeOf("a"), want: "leave" },
  { name: "a label that it has", spec: { nodeSelector: { disk: "ssd" } }, node: nodeOf("a", [], { disk: "ssd" }), want: "run" },
  { name: "a taint keeps new ones off, not those that are there", node: nodeOf("a", [taint("gpu", "NoSchedule")]), want: "stay" },
  { name: "a taint drives them away", node: nodeOf("a", [taint("gpu", "NoExecute")]), want: "leave" },
  { name: "a taint that only advises", node: nodeOf("a", [taint("gpu", "PreferNoSchedule")]), want: "run" },
  { name: "a taint that they bear", spec: { tolerations: [{ operator: "Exists" }] }, node: nodeOf("a", [taint("gpu", "NoExecute")]), want: "run" },
  { name: "a node in trouble", node: nodeOf("a", [taint("node.kubernetes.io/not-ready", "NoExecute"), taint("node.kubernetes.io/unschedulable", "NoSchedule")]), want: "run" },
  { name: "a node without a network", node: nodeOf("a", [taint("node.kubernetes.io/network-unavailable", "NoSchedule")]), want: "stay" },
  { name: "a node without a network, for who makes it", spec: { hostNetwork: true }, node: nodeOf("a", [taint("node.kubernetes.io/network-unavailable", "NoSchedule")]), want: "run" },
];
for (const { name, spec = {}, node, want } of rules) test(`where: ${name}`, () => assert.equal(ruleFor(setOf(spec), node), want));

const surging = { maxUnavailable: 0, maxSurge: 1 };
interface Case { readonly name: string; readonly update?: object; readonly nodes?: readonly Node[]; readonly pods: readonly string[]; readonly create?: readonly string[]; readonly remove?: readonly string[]; readonly ended?: readonly string[] }

const steps: readonly Case[] = [
  { name: "each node gets one", pods: ["b1"], create: ["a", "c"] },
  { name: "one that waits for its node counts", pods: ["a1 w", "b1", "c1"] },
  { name: "one that leaves still has the place", pods: ["a1 l", "b1", "c1"] },
  { name: "one that has ended and leaves has it no more", pods: ["a1 fl", "b1", "c1"], create: ["a"] },
  { name: "of two the older stays", pods: ["a2", "a1", "b1", "c1"], remove: ["a2"] },
  { name: "a failed one goes first", pods: ["a1 f", "b1 s", "c1"], ended: ["a1", "b1"] },
  { name: "where none may be they go", nodes: [nodeOf("a", [taint("x", "NoExecute")]), nodeOf("b", [taint("x", "NoSchedule")])], pods: ["a1", "a2 l", "b1"], remove: ["a1"] },
  { name: "who waits for a node that is gone goes", pods: ["a1", "b1", "c1", "z1 w", "z2"], remove: ["z1"] },
  { name: "an old one and a new one may meet while the new one does not serve", update: surging, pods: ["a1 o", "a2 u", "b1", "c1"] },
  { name: "and no longer", update: surging, pods: ["a1 o", "a2", "b1", "c1"], remove: ["a1"] },
  { name: "an old one that does not serve makes room", update: surging, pods: ["a1 ou", "a2 u", "b1", "c1"], remove: ["a1"] },
  { name: "a third is one too many", update: surging, pods: ["a1 o", "a2 u", "a3 u", "b1", "c1"], remove: ["a3"] },
];
for (const { name, update, nodes = three, pods, create = [], remove = [], ended = [] } of steps) {
  test(`kept: ${name}`, () => {
    const set = setOf({}, update);
    const step = plan(set, hash, placesOf(set, nodes, pods.map(podOf)), now);
    assert.deepEqual([step.create, names(step.remove), names(step.ended.map(({ pod }) => pod))], [create, remove, ended]);
  });
}

// Upstream: pkg/controller/daemon/update_test.go
const updates: readonly Case[] = [
  { name: "one node at a time", pods: ["a1 o", "b1 o", "c1 o"], remove: ["a1"] },
  { name: "the next when it serves", pods: ["a1", "b1 o", "c1 o"], remove: ["b1"] },
  { name: "and not before", pods: ["a1 u", "b1 o", "c1 o"] },
  { name: "a node without a pod is missing one", pods: ["b1 o", "c1 o"] },
  { name: "one that leaves is missing", pods: ["a1 ol", "b1 o", "c1 o"] },
  { name: "what does not serve costs nothing", pods: ["a1 u", "b1 ou", "c1 o"], remove: ["b1"] },
  { name: "a share is rounded up", update: { maxUnavailable: "34%" }, pods: ["a1 o", "b1 o", "c1 o"], remove: ["a1", "b1"] },
  { name: "a new one comes beside the old one", update: surging, pods: ["a1 o", "b1 o", "c1 o"], create: ["a"] },
  { name: "not two at once", update: surging, pods: ["a1 o", "a2 u", "b1 o", "c1 o"] },
  { name: "the old one goes when the new one serves", update: surging, pods: ["a1 o", "a2", "b1 o", "c1 o"], create: ["b"], remove: ["a1"] },
  { name: "beside an old one that does not serve at once", update: surging, pods: ["a1 o", "a2 u", "b1 ou", "c1 o"], create: ["b"] },
  { name: "done", pods: ["a1", "b1", "c1"] },
];
for (const { name, update, pods, create = [], remove = [] } of updates) {
  test(`updated: ${name}`, () => {
    const set = setOf({}, update);
    const step = roll(set, hash, placesOf(set, three, pods.map(podOf)).places, now);
    assert.deepEqual([step.create, names(step.remove)], [create, remove]);
  });
}

test("OnDelete replaces nothing", () => {
  const set = setOf({}, {}, { updateStrategy: { type: "OnDelete" } });
  assert.deepEqual(roll(set, hash, placesOf(set, three, ["a1 ou"].map(podOf)).places, now), { create: [], remove: [] });
});

test("a pod is bound to its node, knows its revision, and bears trouble", () => {
  const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [] }] } }, podAffinity: {} };
  const { metadata, spec } = templateFor(setOf({ affinity }), hash, "a");
  assert.deepEqual(metadata?.labels, { app: "log", "pod-template-generation": "7", "controller-revision-hash": "new" });
  assert.deepEqual(spec?.affinity, { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "In", values: ["a"] }] }] } }, podAffinity: {} });
  const short = tolerationsOf({ containers: [], tolerations: [{ key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute", tolerationSeconds: 5 }, { key: "gpu", operator: "Exists" }] });
  assert.deepEqual([short.length, short[0]?.key, short.filter(({ tolerationSeconds }) => tolerationSeconds !== undefined)], [7, "gpu", []]);
});

test("the status counts nodes, each by its oldest pod", () => {
  const set = setOf({}, {}, { minReadySeconds: 20 });
  const { places } = placesOf(set, [...three, nodeOf("d", [taint("x", "NoSchedule")])], ["a1 o", "a2", "b1 y", "d1"].map(podOf));
  assert.deepEqual(statusOf(set, hash, 0, places, now), {
    status: { currentNumberScheduled: 2, numberMisscheduled: 1, desiredNumberScheduled: 3, numberReady: 2, observedGeneration: 2, updatedNumberScheduled: 1, numberAvailable: 1, numberUnavailable: 2 }, againMs: 15_000,
  });
});

test("failures are answered with growing waits, and forgotten in the end", () => {
  const backoff = new FailureBackoff();
  const waits = [0, 500, 1000, 2500, 3000, 3001].map((at) => backoff.attempt("a", at));
  assert.deepEqual(waits, [0, 500, 0, 500, 0, 3999]);
  assert.deepEqual([backoff.attempt("b", 3001), backoff.attempt("a", 3_000_000), backoff.attempt("a", 3_000_001)], [0, 0, 999]);
});
