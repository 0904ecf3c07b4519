import assert from "node:assert/strict";
import { test } from "node:test";
import type { Clock } from "#base/clock.ts";
import type { ClusterEvent } from "./cluster-events.ts";
import { fits, rejectedForGood, type Plugin } from "./framework.ts";
import { PodInfo } from "./pod-info.ts";
import { SchedulingQueue } from "./queue.ts";
import type { QueuedPod } from "./queued-pod.ts";
import { node, pod, type PodParts } from "./testing.ts";

/** Time that stands still until it is moved. */
class StandingClock implements Clock {
  at = 1_000_000;
  now = (): number => this.at;
  /** Sleeping moves it. */
  sleep = async (ms: number): Promise<void> => { this.at += ms; };
}

const plugins: readonly Plugin[] = [
  { name: "Gate", preEnqueue: ({ labels }) => (labels["gate"] === undefined ? fits : rejectedForGood("gated")) },
  { name: "Fit", wakesOn: ["pod/gone", "node/added"], hint: (_pod, { object }) => object.metadata.name !== "useless" },
  { name: "Taints", wakesOn: ["node/taints"] },
];

const info = (parts: PodParts): PodInfo => new PodInfo(pod(parts));
const { signal } = new AbortController();

function newQueue(): { readonly queue: SchedulingQueue; readonly clock: StandingClock } {
  const clock = new StandingClock();
  return { queue: new SchedulingQueue(plugins, clock), clock };
}

async function names(queue: SchedulingQueue, count: number): Promise<string[]> {
  const out: string[] = [];
  for (let i = 0; i < count; i++) out.push((await queue.next(signal)).info.pod.metadata.name);
  return out;
}

function wake(queue: SchedulingQueue, event: ClusterEvent, name = "n"): void {
  queue.wake({ event, old: undefined, object: node(name) });
}

test("the more important pod comes first, then the one that waits longer", async () => {
  const { queue, clock } = newQueue();
  for (const parts of [{ name: "low" }, { name: "high", priority: 10 }, { name: "later" }]) {
    queue.set(info(parts), false);
    clock.at++;
  }
  assert.deepEqual(await names(queue, 3), ["high", "low", "later"]);
});

test("a gated pod is not tried until its gate is gone", async () => {
  const { queue } = newQueue();
  queue.set(info({ name: "p", labels: { gate: "1" } }), false);
  queue.set(info({ name: "other" }), false);
  assert.deepEqual(await names(queue, 1), ["other"]);
  assert.equal(queue.sizes.gated, 1);
  queue.set(info({ name: "p" }), true);
  assert.deepEqual(await names(queue, 1), ["p"]);
});

test("a gate that waits for something is asked again when that comes", async () => {
  let open = false;
  const door: Plugin = { name: "Door", wakesOn: ["resource-claim/changed"], hint: (_pod, { object }) => object.metadata.name !== "useless", preEnqueue: () => (open ? fits : rejectedForGood("closed")) };
  const queue = new SchedulingQueue([...plugins, door], new StandingClock());
  queue.set(info({ name: "p" }), false);
  wake(queue, "resource-claim/changed");
  assert.equal(queue.sizes.gated, 1);
  open = true;
  wake(queue, "node/added");
  wake(queue, "resource-claim/changed", "useless");
  assert.equal(queue.sizes.gated, 1);
  wake(queue, "resource-claim/changed");
  assert.deepEqual(queue.sizes, { active: 1, backoff: 0, waiting: 0, gated: 0 });
});

async function rejectedBy(queue: SchedulingQueue, ...by: string[]): Promise<QueuedPod> {
  queue.set(info({ name: "p" }), false);
  const tried = await queue.next(signal);
  queue.putBack(tried, { rejectedBy: new Set(by) });
  return tried;
}

test("a rejected pod waits for what can help it, and for nothing else", async () => {
  const { queue, clock } = newQueue();
  await rejectedBy(queue, "Fit");
  clock.at += 60_000;
  wake(queue, "node/taints");
  wake(queue, "claim/changed");
  wake(queue, "node/added", "useless");
  assert.deepEqual(queue.sizes, { active: 0, backoff: 0, waiting: 1, gated: 0 });
  wake(queue, "node/added");
  assert.deepEqual(queue.sizes, { active: 1, backoff: 0, waiting: 0, gated: 0 });
});

test("a pod that nothing in particular rejected is woken by everything", async () => {
  const { queue, clock } = newQueue();
  await rejectedBy(queue);
  clock.at += 60_000;
  wake(queue, "class/changed");
  assert.equal(queue.sizes.active, 1);
});

test("a pod that is woken soon is in back-off, behind the others", async () => {
  const { queue } = newQueue();
  await rejectedBy(queue, "Fit");
  wake(queue, "pod/gone");
  assert.equal(queue.sizes.backoff, 1);
  queue.set(info({ name: "fresh" }), false);
  assert.deepEqual(await names(queue, 2), ["fresh", "p"]);
});

test("after an error a pod waits 1 s, 2 s, 4 s, 8 s, 10 s even when there is nothing else to do", async () => {
  const { queue, clock } = newQueue();
  queue.set(info({ name: "p" }), false);
  const waits: number[] = [];
  for (let i = 0; i < 6; i++) {
    const tried = await queue.next(signal);
    const from = clock.at;
    queue.putBack(tried, "error");
    queue.putBack(await queue.next(signal), { rejectedBy: new Set() });
    waits.push(clock.at - from);
    tried.errors = i + 1;
    queue.activate("default/p");
  }
  assert.deepEqual(waits, [1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
});

test("what nothing wakes is tried again after five minutes", async () => {
  const { queue, clock } = newQueue();
  await rejectedBy(queue, "Taints");
  const from = clock.at;
  await queue.next(signal);
  assert(clock.at - from >= 300_000 && clock.at - from <= 330_000);
});

test("a change of the pod itself wakes it, a change of its status does not", async () => {
  const { queue, clock } = newQueue();
  await rejectedBy(queue, "Taints");
  clock.at += 60_000;
  queue.set(info({ name: "p" }), false);
  assert.equal(queue.sizes.waiting, 1);
  queue.set(info({ name: "p" }), true);
  assert.equal(queue.sizes.active, 1);
});

test("a deleted pod is not tried", async () => {
  const { queue } = newQueue();
  queue.set(info({ name: "p" }), false);
  queue.set(info({ name: "q" }), false);
  queue.delete("default/p");
  assert.deepEqual(await names(queue, 1), ["q"]);
});

test("waiting for a pod ends with the signal", async () => {
  const { queue } = newQueue();
  await assert.rejects(queue.next(AbortSignal.abort()));
});
