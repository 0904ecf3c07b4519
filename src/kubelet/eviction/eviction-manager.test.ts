import assert from "node:assert/strict";
import { test } from "node:test";
import type { Node, Pod } from "#api/gen/core-v1.ts";
import { silent } from "#base/log.ts";
import { VirtualClock } from "#base/virtual-clock.ts";
import { startNode } from "../fake-node.ts";
import { uidOf } from "../names.ts";
import { settingsWith } from "../settings/read-settings.ts";
import { EvictionManager } from "./eviction-manager.ts";
import type { Observation, Signal } from "./signals.ts";
import { nothing, type EvictionSource } from "./source.ts";

/** A thousand of what the signal counts, and pods that hold ten each. */
const source = (signal: Signal, available: () => number): EvictionSource => ({
  observe: () => Promise.resolve(new Map<Signal, Observation>([[signal, { capacity: 1_000, available: available() }]])),
  uses: (pods) => Promise.resolve(new Map(pods.map((pod) => [uidOf(pod), { memory: 10, processes: 1, volumes: nothing, containers: new Map() }]))),
  imagesApart: () => Promise.resolve(false),
});
const halves = { evictionHard: { "memory.available": "50%", "nodefs.available": "50%" }, evictionSoft: { "pid.available": "50%" }, evictionSoftGracePeriod: { "pid.available": "1m" }, evictionMaxPodGracePeriod: 20 };
const pod = (name: string, priority: number): Pod => ({ metadata: { name, uid: name }, status: {}, spec: { priority, containers: [{ name: "c" }], terminationGracePeriodSeconds: 15 } });

const never = new AbortController().signal;

interface Run { readonly manager: EvictionManager; readonly clock: VirtualClock; readonly did: string[] }

function run(signal: Signal, available: () => number, reclaimDisk: () => Promise<boolean> = async () => false): Run {
  const clock = new VirtualClock(0);
  const did: string[] = [];
  const manager = new EvictionManager({
    settings: settingsWith(halves), source: source(signal, available), clock, log: silent,
    pods: () => [pod("critical", 2_000_000_000), pod("high", 5), pod("low", 1)],
    isGone: () => false,
    evict: (uid, { message }, graceSeconds) => did.push(`evict ${uid} within ${graceSeconds} s: ${message}`),
    reclaimDisk: () => {
      did.push("reclaim");
      return reclaimDisk();
    },
    changed: () => did.push(`is ${manager.conditions.join()}`),
    say: (reason, message) => did.push(`${reason}: ${message}`),
    evicted: (evicting) => did.push(`counted ${evicting}`),
  });
  return { manager, clock, did };
}

test("short of memory: the least important pod goes, at once", async () => {
  const { manager, did } = run("memory.available", () => 400);
  assert.equal((await manager.lookOnce(never))?.metadata.name, "low");
  assert.deepEqual(did, [
    "is MemoryPressure",
    "EvictionThresholdMet: Attempting to reclaim memory",
    "evict low within 0 s: The node was low on resource: memory. Threshold quantity: 500, available: 400. ",
    "counted memory.available",
  ]);
});

test("short of disk: nobody goes where removing what nobody uses is enough", async () => {
  let available = 400;
  const { manager, did } = run("nodefs.available", () => available, async () => {
    available = 600;
    return false;
  });
  assert.equal(await manager.lookOnce(never), undefined);
  assert.deepEqual(did, ["is DiskPressure", "EvictionThresholdMet: Attempting to reclaim ephemeral-storage", "reclaim"]);
});

/** One look, for which time goes on as often as somebody waits. Gives who went, and when. */
async function lookWithTime({ manager, clock }: Run): Promise<[string | undefined, number]> {
  let over = false;
  const looked = manager.lookOnce(never).finally(() => { over = true; });
  for (; !over; await new Promise(setImmediate)) if (clock.nextMs !== undefined) clock.advance(clock.nextMs);
  return [(await looked)?.metadata.name, clock.now()];
}

test("short of disk: the room of dead containers is waited for, which the runtime gives back later, but not for long", async () => {
  let looks = 0;
  const soon = run("nodefs.available", () => (++looks < 4 ? 400 : 600), async () => true);
  assert.deepEqual(await lookWithTime(soon), [undefined, 2_000]);
  assert.deepEqual(await lookWithTime(run("nodefs.available", () => 400, async () => true)), ["low", 5_000]);
  assert.deepEqual(await lookWithTime(run("nodefs.available", () => 400, async () => false)), ["low", 0]);
});

test("short of disk: somebody goes where it is not, also when it fails", async () => {
  const { manager } = run("nodefs.available", () => 400, () => Promise.reject(new Error("no runtime")));
  assert.equal((await manager.lookOnce(never))?.metadata.name, "low");
});

test("past a soft threshold: after its grace, and with time to end, no more than the pod's own", async () => {
  const { manager, clock, did } = run("pid.available", () => 400);
  assert.equal(await manager.lookOnce(never), undefined);
  assert.deepEqual(did, ["is PIDPressure"]);
  clock.advance(60_000);
  await manager.lookOnce(never);
  assert.equal(did.at(-2), "evict low within 15 s: The node was low on resource: pids. Threshold quantity: 500, available: 400. ");
});

test("enough again: the condition stays for five minutes", async () => {
  let available = 400;
  const { manager, clock } = run("pid.available", () => available);
  const conditions: string[] = [];
  for (const [ms, left] of [[0, 400], [299_000, 600], [1_000, 600]] as const) {
    available = left;
    clock.advance(ms);
    await manager.lookOnce(never);
    conditions.push(manager.conditions.join());
  }
  assert.deepEqual(conditions, ["PIDPressure", "PIDPressure", ""]);
});

test("a whole node that is short says so in its status and lets nobody in who asks for nothing", async (t) => {
  const node = await startNode(t, {}, { evictionSource: source("memory.available", () => 400), settings: settingsWith(halves) });
  await node.eventually(() => {
    const { status } = node.client.read("nodes/n1") as Node;
    assert.deepEqual(status?.conditions?.filter((c) => c.status === "True").map((c) => c.type), ["MemoryPressure", "Ready"]);
  });
  await node.create("late", {});
  await node.eventually(() => assert.equal(node.pod("late")?.status.message, "Pod was rejected: The node had condition: [MemoryPressure]. "));
  const { phase, reason, containerStatuses, conditions } = node.pod("late")?.status ?? {};
  assert.deepEqual({ phase, reason, containerStatuses, conditions }, { phase: "Failed", reason: "Evicted", containerStatuses: undefined, conditions: undefined });
  assert.ok(node.events("n1").includes("NodeHasInsufficientMemory: Node n1 status is now: NodeHasInsufficientMemory"));
});
