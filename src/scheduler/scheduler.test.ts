/** The whole scheduler against a cluster in memory. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { Namespace, Pod } from "#api/gen/core-v1.ts";
import type { PodDisruptionBudget } from "#api/gen/policy-v1.ts";
import { isScheduled } from "#api/pod.ts";
import { namespaces, podDisruptionBudgets } from "#api/resources.ts";
import { zoneLabel } from "#api/node.ts";
import { systemClock } from "#base/clock.ts";
import { newFakeCluster, type FakeCluster } from "./fake-cluster.ts";
import { node, pod, type PodParts } from "./testing.ts";

function start(t: TestContext): FakeCluster {
  const cluster = newFakeCluster();
  t.after(() => cluster.stop());
  return cluster;
}

/** Waits until it holds. */
async function until(what: () => boolean): Promise<void> {
  const limit = AbortSignal.timeout(5_000);
  while (!what()) await systemClock.sleep(2, limit);
}

const nodeOf = (cluster: FakeCluster, name: string): string | undefined => cluster.pod(`default/${name}`)?.spec.nodeName;
const scheduledCondition = (p: Pod | undefined): unknown => p?.status.conditions?.find((c) => c.type === "PodScheduled");
const lastEvent = (cluster: FakeCluster, name: string): string | undefined => {
  const event = cluster.events.findLast((e) => e.about === `default/${name}`);
  return event && `${event.type} ${event.reason} ${event.message}`;
};
const placed = (cluster: FakeCluster, name: string): Promise<void> => until(() => isScheduled(cluster.pod(`default/${name}`) ?? pod()));
const told = (cluster: FakeCluster, name: string): Promise<void> => until(() => lastEvent(cluster, name) !== undefined);

test("a pod is bound, and an event says where", async (t) => {
  const cluster = start(t);
  cluster.addNode(node("a"));
  cluster.addPod(pod({ name: "p" }));
  await cluster.allBound(1);
  assert.equal(nodeOf(cluster, "p"), "a");
  await told(cluster, "p");
  assert.equal(lastEvent(cluster, "p"), "Normal Scheduled Successfully assigned default/p to a");
});

test("without nodes a pod waits, and is bound when one comes", async (t) => {
  const cluster = start(t);
  cluster.addPod(pod({ name: "p" }));
  await told(cluster, "p");
  assert.equal(lastEvent(cluster, "p"), "Warning FailedScheduling no nodes available to schedule pods");
  cluster.addNode(node("a"));
  await placed(cluster, "p");
});

const unschedulable: readonly { readonly name: string; readonly pod: PodParts; readonly message: string }[] = [
  { name: "that is too large for any node", pod: { requests: { cpu: "5" } }, message: "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling." },
  { name: "with nobody less important in the way", pod: { requests: { cpu: "3" } }, message: "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod." },
  { name: "that must not preempt", pod: { requests: { cpu: "3" }, priority: 10, preemptionPolicy: "Never" }, message: "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never." },
  { name: "that names a node which is not there", pod: { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "In", values: ["x"] }] }] } } } }, message: "0/1 nodes are available: 1 node(s) didn't satisfy plugin(s) [NodeAffinity]. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling." },
  { name: "whose claim is missing", pod: { volumes: [{ name: "v", persistentVolumeClaim: { claimName: "x" } }] }, message: `0/1 nodes are available: persistentvolumeclaim "x" not found. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.` },
];
for (const { name, pod: parts, message } of unschedulable) {
  test(`a pod ${name} stays Pending and says why`, async (t) => {
    const cluster = start(t);
    cluster.addNode(node("a"));
    cluster.addPod(pod({ name: "full", on: "a", requests: { cpu: "2" } }));
    cluster.addPod(pod({ name: "p", ...parts }));
    await told(cluster, "p");
    assert.equal(lastEvent(cluster, "p"), `Warning FailedScheduling ${message}`);
    await until(() => scheduledCondition(cluster.pod("default/p")) !== undefined);
    const condition = scheduledCondition(cluster.pod("default/p")) as { status: string; reason: string; message: string };
    assert.deepEqual([condition.status, condition.reason, condition.message], ["False", "Unschedulable", message]);
  });
}

test("a waiting pod is bound when the pod in its way ends", async (t) => {
  const cluster = start(t);
  cluster.addNode(node("a"));
  const full = pod({ name: "full", on: "a", requests: { cpu: "4" } });
  cluster.addPod(full);
  cluster.addPod(pod({ name: "p", requests: { cpu: "1" } }));
  await told(cluster, "p");
  cluster.addPod({ ...full, status: { phase: "Succeeded" } });
  await placed(cluster, "p");
});

test("pods of another scheduler and gated pods are left alone", async (t) => {
  const cluster = start(t);
  cluster.addNode(node("a"));
  cluster.addPod(pod({ name: "foreign", schedulerName: "other" }));
  cluster.addPod(pod({ name: "gated", schedulingGates: [{ name: "wait" }] }));
  cluster.addPod(pod({ name: "p" }));
  await placed(cluster, "p");
  assert.equal(nodeOf(cluster, "foreign"), undefined);
  assert.equal(nodeOf(cluster, "gated"), undefined);
  cluster.addPod(pod({ name: "gated" }));
  await placed(cluster, "gated");
});

test("a binding that fails is tried again and frees what it held", async (t) => {
  const cluster = start(t);
  cluster.addNode(node("a"));
  cluster.bindErrors.push(new Error("etcdserver: request timed out"));
  cluster.addPod(pod({ name: "p", requests: { cpu: "4" } }));
  await told(cluster, "p");
  assert.equal(lastEvent(cluster, "p"), "Warning FailedScheduling binding rejected: etcdserver: request timed out");
  await placed(cluster, "p");
});

test("room that was given to a pod not yet seen bound is not given twice", async (t) => {
  const cluster = start(t);
  cluster.addNode(node("a"));
  cluster.addNode(node("b"));
  for (const name of ["p", "q"]) cluster.addPod(pod({ name, requests: { cpu: "3" } }));
  await Promise.all([placed(cluster, "p"), placed(cluster, "q")]);
  assert.notEqual(nodeOf(cluster, "p"), nodeOf(cluster, "q"));
});

test("pods spread over zones by themselves", async (t) => {
  const cluster = start(t);
  for (const zone of ["a", "b", "c"]) for (const i of [1, 2]) cluster.addNode(node(`${zone}${i}`, { labels: { [zoneLabel]: zone } }));
  const constraint = { maxSkew: 1, topologyKey: zoneLabel, whenUnsatisfiable: "DoNotSchedule" as const, labelSelector: { matchLabels: { app: "web" } } };
  for (let i = 0; i < 6; i++) cluster.addPod(pod({ name: `p${i}`, labels: { app: "web" }, topologySpreadConstraints: [constraint] }));
  await cluster.allBound(6);
  const zones = Map.groupBy([0, 1, 2, 3, 4, 5], (i) => nodeOf(cluster, `p${i}`)?.[0]);
  assert.deepEqual([...zones.values()].map((list) => list.length), [2, 2, 2]);
});

test("an important pod takes the place of the least important ones", async (t) => {
  const cluster = start(t);
  cluster.addNode(node("a"));
  cluster.addNode(node("b"));
  for (const [name, on, priority] of [["a-low", "a", 1], ["a-mid", "a", 2], ["b-mid", "b", 2], ["b-high", "b", 3]] as const) cluster.addPod(pod({ name, on, priority, requests: { cpu: "2" } }));
  cluster.addPod(pod({ name: "p", priority: 100, requests: { cpu: "2" } }));
  await until(() => cluster.pod("default/a-low")?.metadata.deletionTimestamp !== undefined);
  await until(() => cluster.pod("default/p")?.status.nominatedNodeName === "a");
  assert.equal(lastEvent(cluster, "p"), "Warning FailedScheduling 0/2 nodes are available: 2 Insufficient cpu.");
  assert.deepEqual(cluster.pod("default/a-low")?.status.conditions?.map((c) => [c.type, c.reason, c.message]), [["DisruptionTarget", "PreemptionByScheduler", "default-scheduler: preempting to accommodate a higher priority pod"]]);
  await until(() => lastEvent(cluster, "a-low") !== undefined);
  assert.equal(lastEvent(cluster, "a-low"), "Normal Preempted Preempted by pod uid-p on node a");
  assert.equal(nodeOf(cluster, "p"), undefined);
  cluster.table({ resource: "pods" }).remove("default/a-low");
  await placed(cluster, "p");
  assert.equal(nodeOf(cluster, "p"), "a");
  for (const name of ["a-mid", "b-mid", "b-high"]) assert.equal(cluster.pod(`default/${name}`)?.metadata.deletionTimestamp, undefined);
});

test("a pod that its budget keeps stays where another one's can go, and goes where none can", async (t) => {
  const cluster = start(t);
  const budget: PodDisruptionBudget = { metadata: { name: "b", namespace: "default" }, spec: { minAvailable: 1, selector: { matchLabels: { app: "kept" } } }, status: { disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 } };
  cluster.table(podDisruptionBudgets).put(budget);
  for (const name of ["a", "b"]) cluster.addNode(node(name));
  cluster.addPod(pod({ name: "kept", on: "a", priority: 1, labels: { app: "kept" }, requests: { cpu: "4" } }));
  cluster.addPod(pod({ name: "free", on: "b", priority: 2, requests: { cpu: "4" } }));
  cluster.addPod(pod({ name: "p", priority: 100, requests: { cpu: "4" } }));
  await until(() => cluster.pod("default/p")?.status.nominatedNodeName === "b");
  assert.equal(cluster.pod("default/kept")?.metadata.deletionTimestamp, undefined);
  cluster.addPod(pod({ name: "q", priority: 100, requests: { cpu: "4" } }));
  await until(() => cluster.pod("default/q")?.status.nominatedNodeName === "a");
  assert.notEqual(cluster.pod("default/kept")?.metadata.deletionTimestamp, undefined);
});

test("room that preemption made is kept for whom it was made", async (t) => {
  const cluster = start(t);
  cluster.addNode(node("a"));
  cluster.addPod(pod({ name: "victim", on: "a", requests: { cpu: "4" } }));
  cluster.addPod(pod({ name: "p", priority: 100, requests: { cpu: "4" } }));
  await until(() => cluster.pod("default/victim")?.metadata.deletionTimestamp !== undefined);
  cluster.addPod(pod({ name: "sneak", priority: 1, requests: { cpu: "4" } }));
  await told(cluster, "sneak");
  cluster.table({ resource: "pods" }).remove("default/victim");
  await placed(cluster, "p");
  assert.equal(nodeOf(cluster, "sneak"), undefined);
});

test("a pod that is deleted while it waits is forgotten", async (t) => {
  const cluster = start(t);
  cluster.table<Namespace>(namespaces).put({ metadata: { name: "default" }, spec: {}, status: {} });
  cluster.addPod(pod({ name: "p" }));
  await told(cluster, "p");
  cluster.table({ resource: "pods" }).remove("default/p");
  cluster.addNode(node("a"));
  cluster.addPod(pod({ name: "q" }));
  await placed(cluster, "q");
  assert.equal(cluster.events.filter((e) => e.about === "default/p").length, 1);
});
