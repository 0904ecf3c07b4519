import assert from "node:assert/strict";
import { test } from "node:test";
import { nextTurn } from "#base/clock.ts";
import type { Clock } from "#base/clock.ts";
import { newEventRecorder } from "#client/event-recorder.ts";
import { newSimulatedRuntime } from "#cri/simulated/runtime.ts";
import { FakeClient } from "../fake-client.ts";
import { KubeletMetrics } from "../metrics.ts";
import type { PodRuntime } from "../runtime/pod-runtime.ts";
import { ProbeWorker } from "./probe-worker.ts";
import { Ticks } from "./ticks.ts";

// when who waits comes back, and what is waited for then, with a period of 100
const cases: readonly { readonly name: string; readonly at: readonly number[]; readonly waits: readonly number[] }[] = [
  { name: "in time", at: [10, 110, 210], waits: [90, 90, 90] },
  { name: "a little late each time: the grid stays", at: [17, 117, 217, 317], waits: [83, 83, 83, 83] },
  { name: "later than the next: at once, and then on the grid again", at: [130, 140, 210], waits: [0, 60, 90] },
  { name: "much later: once, not for each that was missed", at: [950, 960, 1_010], waits: [0, 40, 90] },
  { name: "after the clock was set back", at: [10, -5_000], waits: [90, 100] },
];
for (const { name, at, waits } of cases)
  test(name, () => {
    const ticks = new Ticks(0, 100);
    assert.deepEqual(at.map((now) => ticks.wait(now)), waits);
  });

/** Every sleep ends late, as on a machine with much to do. */
function lateClock(lateMs: number, untilMs: number): Clock & { readonly over: AbortSignal } {
  const stop = new AbortController();
  let now = 0;
  return {
    over: stop.signal,
    now: () => now,
    async sleep(ms, signal) {
      await nextTurn();
      now += ms + lateMs;
      if (now > untilMs) stop.abort();
      signal.throwIfAborted();
    },
  };
}

test("a probe of a second is taken sixty times a minute, though every wait is 30 ms too long", async () => {
  const clock = lateClock(30, 60_000);
  const client = new FakeClient();
  let probes = 0;
  const runtime = newSimulatedRuntime({});
  runtime.execSync = async () => {
    probes++;
    return { exitCode: 0 };
  };
  const instance = { id: "1", name: "c", sandboxId: "s", state: "running", restartCount: 0, createdAt: 0, startedAt: 0, finishedAt: 0, exitCode: 0, reason: "", message: "", image: "", imageId: "", hash: "", logPath: "" } as const;
  const held: PodRuntime = { uid: "u", namespace: "default", name: "p", sandboxes: [], containers: [instance] };
  const probe = { exec: { command: ["true"] }, periodSeconds: 1 };
  const container = { kind: "app", container: { name: "c", livenessProbe: probe } } as const;
  const pod = { metadata: { name: "p", namespace: "default", uid: "u" }, spec: { containers: [container.container] }, status: {} };
  const metrics = new KubeletMetrics("n1", () => [], clock);
  const worker = new ProbeWorker({ runtime, events: newEventRecorder(client, "kubelet", "n1"), metrics, clock, hostIp: "", result: () => undefined, decided: () => {} }, "liveness", probe, pod, container);
  worker.observe(pod, container, held);
  await worker.run(clock.over);
  assert.equal(probes, 60);
});
