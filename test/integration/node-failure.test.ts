/** A node that is cut off: the real server, scheduler and controllers, nodes that only renew their leases, and a time that the test moves. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { Node, Pod } from "#api/gen/core-v1.ts";
import { getCondition } from "#api/conditions.ts";
import { leases, nodes, pods, serviceAccounts, statefulSets } from "#api/resources.ts";
import { microTimestamp, timestamp } from "#apimachinery/time.ts";
import { nextTurn, systemClock } from "#base/clock.ts";
import { runAll } from "#base/component.ts";
import { silent } from "#base/log.ts";
import { VirtualClock } from "#base/virtual-clock.ts";
import { eventually } from "#base/waiting.ts";
import type { Client } from "#client/client.ts";
import { newInformers } from "#client/informers.ts";
import { nodeLifecycleController } from "#controllers/node-lifecycle/reconciler.ts";
import { podGcController } from "#controllers/pod-gc/reconciler.ts";
import { statefulSetController } from "#controllers/statefulset/reconciler.ts";
import { taintEvictionController } from "#controllers/taint-eviction/reconciler.ts";
import { newScheduler } from "#scheduler/scheduler.ts";
import { startApiServer } from "../support/api-server.ts";

const namespace = "default";
const leaseNamespace = "kube-node-lease";
const step = 5_000;

interface World {
  readonly client: Client;
  /** What events said of nodes that came and went. */
  readonly told: readonly string[];
  /** Lets so many seconds pass, in which these nodes renew their leases and all controllers see it. */
  readonly pass: (seconds: number, ...alive: readonly string[]) => Promise<void>;
  /** The same, five seconds at a time, until the check holds. */
  readonly passing: (alive: readonly string[], check: () => Promise<void>) => Promise<void>;
}

async function startWorld(t: TestContext, ...names: readonly string[]): Promise<World> {
  const { client } = await startApiServer(t);
  const clock = new VirtualClock(systemClock.now());
  await client.resource(serviceAccounts).create({ metadata: { name: "default", namespace } });
  for (const name of names) await newNode(client, name, clock.now());
  const informers = newInformers(client, systemClock, silent);
  const seen = informers.for(leases, { namespace: leaseNamespace });
  const told: string[] = [];
  const tell = (_about: object, _type: string, reason: string, message: string): void => { if (/^(Registered|Removing)Node$/.test(reason)) told.push(message); };
  const deps = { client, informers, clock, log: silent, events: () => ({ event: tell }) };
  const stopping = new AbortController();
  const parts = [nodeLifecycleController(deps), taintEvictionController(deps), podGcController(deps), statefulSetController(deps), newScheduler({ ...deps, clock: systemClock, events: deps.events() })];
  const running = runAll([...parts, informers], stopping.signal);
  t.after(async () => {
    stopping.abort();
    await running;
  });
  const renew = async (name: string): Promise<void> => {
    const { metadata } = await client.resource(leases).patch(name, leaseNamespace, { type: "merge", body: { spec: { renewTime: microTimestamp(clock.now()) } } });
    while (seen.get(`${leaseNamespace}/${name}`)?.metadata.resourceVersion !== metadata.resourceVersion) await nextTurn();
  };
  const pass: World["pass"] = async (seconds, ...alive) => {
    for (let left = seconds * 1000; left > 0; left -= step) {
      clock.advance(Math.min(step, left));
      await Promise.all(alive.map(renew));
      await letPodsRun(client, alive, clock.now());
    }
  };
  const passing: World["passing"] = (alive, check) => eventually(async () => {
    await pass(5, ...alive);
    await check();
  });
  return { client, told, pass, passing };
}

async function newNode(client: Client, name: string, now: number): Promise<void> {
  const node = await client.resource(nodes).create({ metadata: { name, labels: { "kubernetes.io/hostname": name } }, spec: {}, status: {} });
  await client.resource(nodes).patch(name, undefined, { type: "merge", body: { spec: { taints: null } } });
  const conditions = [{ type: "Ready", status: "True" as const, lastHeartbeatTime: timestamp(now), lastTransitionTime: timestamp(now) }];
  await client.resource(nodes).patch(node.metadata.name, undefined, { type: "merge", body: { status: { conditions, allocatable: { cpu: "4", memory: "8Gi", pods: "10" } } } }, { subresource: "status" });
  await client.resource(leases).create({ metadata: { name, namespace: leaseNamespace }, spec: { holderIdentity: name, leaseDurationSeconds: 40, renewTime: microTimestamp(now) } });
}

/** What the agents of these nodes do. */
async function letPodsRun(client: Client, alive: readonly string[], now: number): Promise<void> {
  for (const pod of (await client.resource(pods).list({ namespace })).items) {
    const { metadata: { name, deletionTimestamp }, spec: { nodeName = "" }, status: { phase } } = pod;
    if (!alive.includes(nodeName)) continue;
    const conditions = [{ type: "Ready", status: "True" as const, lastTransitionTime: timestamp(now) }];
    if (deletionTimestamp !== undefined) await client.resource(pods).delete(name, namespace, { gracePeriodSeconds: 0 });
    else if (phase === "Pending") await client.resource(pods).patch(name, namespace, { type: "merge", body: { status: { phase: "Running", conditions } } }, { subresource: "status" });
  }
}

const taintsOf = ({ spec }: Node): string[] => (spec.taints ?? []).map(({ key, effect }) => `${key.replace("node.kubernetes.io/", "")}:${effect}`).toSorted();
const readyOf = ({ status }: Node | Pod): string | undefined => getCondition(status.conditions, "Ready")?.status;

test("a node that is cut off is Unknown, then loses its pods; who was there lives on under its name until the node says otherwise", async (t) => {
  const { client, pass, passing } = await startWorld(t, "a", "b", "c");
  const node = (name: string): Promise<Node> => client.resource(nodes).get(name);
  const first = (): Promise<Pod> => client.resource(pods).get("db-0", namespace);
  await client.resource(statefulSets).create({
    metadata: { name: "db", namespace }, status: { replicas: 0 },
    spec: { serviceName: "db", replicas: 1, selector: { matchLabels: { app: "db" } }, template: { metadata: { labels: { app: "db" } }, spec: { containers: [{ name: "db", image: "db" }] } } },
  });
  await eventually(async () => assert.notEqual((await first()).spec.nodeName ?? "", ""));
  const { metadata: { uid }, spec: { nodeName: lost = "" } } = await first();
  const alive = ["a", "b", "c"].filter((name) => name !== lost);
  await pass(10, ...alive, lost);
  assert.equal(readyOf(await first()), "True");

  await pass(35, ...alive);
  assert.deepEqual([readyOf(await node(lost)), taintsOf(await node(lost))], ["True", []]);
  await pass(15, ...alive);
  await passing(alive, async () => assert.deepEqual([readyOf(await node(lost)), taintsOf(await node(lost)), readyOf(await first())], ["Unknown", ["unreachable:NoExecute", "unreachable:NoSchedule"], "False"]));
  for (const name of alive) assert.deepEqual([readyOf(await node(name)), taintsOf(await node(name))], ["True", []]);

  await pass(250, ...alive);
  assert.equal((await first()).metadata.deletionTimestamp, undefined);
  await pass(60, ...alive);
  await passing(alive, async () => assert.deepEqual((await first()).status.conditions?.filter(({ type }) => type === "DisruptionTarget").map(({ reason }) => reason), ["DeletionByTaintManager"]));
  await passing(alive, async () => assert.notEqual((await first()).metadata.deletionTimestamp, undefined));
  await pass(600, ...alive);
  assert.deepEqual([(await first()).metadata.uid, (await first()).spec.nodeName], [uid, lost]); // nobody knows that it does not run

  await client.resource(nodes).patch(lost, undefined, { type: "strategic", body: { spec: { taints: [{ key: "node.kubernetes.io/out-of-service", value: "nodeshutdown", effect: "NoExecute" }] } } });
  await passing(alive, async () => {
    const pod = await first();
    assert.notEqual(pod.metadata.uid, uid);
    assert(alive.includes(pod.spec.nodeName ?? ""));
  });
});

test("where every node falls silent, none loses its pods, not even who was to", async (t) => {
  const { client, pass, passing } = await startWorld(t, "a", "b");
  const all = async <T>(of: (node: Node) => T): Promise<T[]> => (await client.resource(nodes).list()).items.map(of);
  await pass(10, "a", "b");
  await pass(60, "b");
  await passing(["b"], async () => assert.deepEqual(await all(taintsOf), [["unreachable:NoExecute", "unreachable:NoSchedule"], []]));
  await pass(60);
  await passing([], async () => assert.deepEqual(await all(taintsOf), [["unreachable:NoSchedule"], ["unreachable:NoSchedule"]]));
});

test("a taint as kubectl sets it, without a time, drives away who bears it for some seconds when these are over", async (t) => {
  const { client, pass, passing } = await startWorld(t, "a");
  const spec = { nodeName: "a", containers: [{ name: "c", image: "i:1" }], tolerations: [{ key: "k", operator: "Exists" as const, effect: "NoExecute" as const, tolerationSeconds: 60 }] };
  await client.resource(pods).create({ metadata: { name: "bears", namespace }, spec, status: {} });
  await client.resource(pods).create({ metadata: { name: "not", namespace }, spec: { ...spec, tolerations: [] }, status: {} });
  const names = async (): Promise<string[]> => (await client.resource(pods).list({ namespace })).items.map(({ metadata }) => metadata.name);
  await client.resource(nodes).patch("a", undefined, { type: "strategic", body: { spec: { taints: [{ key: "k", value: "v", effect: "NoExecute" }] } } });
  await passing(["a"], async () => assert.deepEqual(await names(), ["bears"]));
  await pass(30, "a");
  assert.deepEqual(await names(), ["bears"]);
  await pass(60, "a");
  await passing(["a"], async () => assert.deepEqual(await names(), []));
});

test("nodes that come and go are told of, each once", async (t) => {
  const { client, told, pass } = await startWorld(t, "a", "b");
  await eventually(() => assert.deepEqual(told.toSorted(), ["Node a event: Registered Node a in Controller", "Node b event: Registered Node b in Controller"]));
  await pass(10, "a", "b");
  await client.resource(nodes).delete("b", undefined);
  await eventually(() => assert.deepEqual(told.slice(2), ["Node b event: Removing Node b from Controller"]));
});
