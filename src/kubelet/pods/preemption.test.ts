import assert from "node:assert/strict";
import { test } from "node:test";
import { Quantity } from "#apimachinery/quantity.ts";
import type { Pod } from "#api/gen/core-v1.ts";
import { app, startNode } from "../fake-node.ts";
import { resourcesOf } from "../node/node-info.ts";
import { defaultSettings } from "../settings/settings.ts";
import { victimsOf, type Amount } from "./preemption.ts";

const critical = 2_000_000_000;
type Sort = "Guaranteed" | "Burstable" | "BestEffort";
const podOf = (name: string, qosClass: Sort, requests: Readonly<Record<string, string>> = {}, priority = 0): Pod =>
  ({ metadata: { name, uid: name, resourceVersion: "1" }, spec: { priority, containers: [{ name: "c", resources: { requests } }] }, status: { qosClass } });
const cpu = (amount: number): readonly Amount[] => [{ name: "cpu", amount }];
const here: readonly Pod[] = [
  podOf("idle", "BestEffort"), podOf("idle2", "BestEffort"),
  podOf("small", "Burstable", { cpu: "100m", memory: "100Mi" }), podOf("large", "Burstable", { cpu: "500m", memory: "500Mi" }), podOf("thin", "Burstable", { cpu: "100m", memory: "50Mi" }),
  podOf("sure", "Guaranteed", { cpu: "1", memory: "1Gi" }), podOf("sure2", "Guaranteed", { cpu: "2", memory: "1Gi" }),
  podOf("other", "BestEffort", { cpu: "4", memory: "4Gi" }, critical),
];

const cases: readonly (readonly [string, readonly Amount[], readonly string[] | undefined])[] = [
  ["nothing is lacking", [], []],
  ["one that gives enough, the smaller of two", cpu(100), ["thin"]],
  ["rather one than two", cpu(300), ["large"]],
  ["who gives most first, then the rest", cpu(600), ["large", "thin"]],
  ["both resources count alike", [{ name: "cpu", amount: 100 }, { name: "memory", amount: 90 * 2 ** 20 }], ["small"]],
  ["of the guaranteed only what the others cannot give, and then no more of the others than that needs", cpu(1_500), ["sure", "large"]],
  ["the larger of the guaranteed", cpu(2_100), ["sure2", "thin"]],
  ["a place of a pod", [{ name: "pods", amount: 1 }], ["idle"]],
  ["as many as there are", cpu(3_700), ["sure2", "sure", "large", "thin", "small"]],
  ["a critical one keeps its place", cpu(3_701), undefined],
];
for (const [name, lacks, want] of cases)
  test(`who goes for a critical pod: ${name}`, () => assert.deepEqual(victimsOf(podOf("new", "Burstable", {}, critical), here, lacks)?.map(({ metadata }) => metadata.name), want));

test("a critical pod that lacks room gets that of another, which has ended before; a usual one is refused, and so is one for whom there can be none", async (t) => {
  const node = await startNode(t);
  const { allocatable } = await resourcesOf(node.dir, defaultSettings);
  const asking = (share: number): Pod["spec"] => ({ containers: [app({ resources: { requests: { memory: String(Math.floor(Quantity.parse(allocatable["memory"] ?? "0").value * share)) } } })] });
  const metadata = { resourceVersion: "1" };
  await node.create("lesser", asking(0.6), metadata);
  await node.eventually(() => assert.equal(node.pod("lesser")?.status.phase, "Running"));
  await node.create("usual", asking(0.6), metadata);
  await node.eventually(() => assert.equal(node.pod("usual")?.status.reason, "OutOfmemory"));
  await node.create("critical", { ...asking(0.6), priority: critical }, metadata);
  await node.eventually(() => assert.deepEqual([node.pod("critical")?.status.phase, node.pod("lesser")?.status.phase], ["Running", "Failed"]));
  const { reason, message, conditions } = node.pod("lesser")?.status ?? {};
  assert.deepEqual([reason, message], ["Preempting", "Preempted in order to admit critical pod"]);
  assert.equal(conditions?.find(({ type }) => type === "DisruptionTarget")?.message, "Pod was preempted by Kubelet to accommodate a critical pod.");
  assert.ok(node.events("lesser").includes("Preempting: Preempted in order to admit critical pod"), node.events("lesser").join("\n"));
  await node.create("late", { ...asking(0.6), priority: critical }, metadata);
  await node.eventually(() => assert.equal(node.pod("late")?.status.reason, "UnexpectedAdmissionError"));
  assert.match(node.pod("late")?.status.message ?? "", /no set of running pods found to reclaim resources: \[\(res: memory, q: \d+\), \]$/);
  assert.equal(node.pod("critical")?.status.phase, "Running");
});
