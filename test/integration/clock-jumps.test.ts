/** The machine's clock is set while the control plane runs: what is measured goes on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { getCondition } from "#api/conditions.ts";
import { nodes } from "#api/resources.ts";
import { timestamp } from "#apimachinery/time.ts";
import type { Clock } from "#base/clock.ts";
import { runAll } from "#base/component.ts";
import { silent } from "#base/log.ts";
import { VirtualClock } from "#base/virtual-clock.ts";
import { newEventRecorder } from "#client/event-recorder.ts";
import { newInformers } from "#client/informers.ts";
import { nodeLifecycleController } from "#controllers/node-lifecycle/reconciler.ts";
import { startApiServer } from "../support/api-server.ts";
import { eventually } from "../support/instance.ts";

const hour = 3_600_000;

test("a clock that is set by an hour or a day makes no node silent; time that passes does", async (t) => {
  const { client } = await startApiServer(t);
  const at = timestamp(Date.parse("2026-05-01T00:00:00Z"));
  await client.resource(nodes).create({ metadata: { name: "n1" }, spec: {}, status: {} });
  await client.resource(nodes).patch("n1", undefined, { type: "merge", body: { status: { conditions: [{ type: "Ready", status: "True", reason: "KubeletReady", lastHeartbeatTime: at, lastTransitionTime: at }] } } }, { subresource: "status" });
  const steady = new VirtualClock(Date.parse(at));
  let [offsetMs, looks] = [0, 0];
  const clock: Clock = { now: () => { looks++; return steady.now() + offsetMs; }, sleep: (ms, signal) => steady.sleep(ms, signal) };
  const stopping = new AbortController();
  const informers = newInformers(client, steady, silent);
  const deps = { client, informers, clock, steady, log: silent, events: (component: string) => newEventRecorder(client, component, undefined, clock, stopping.signal) };
  const running = runAll([nodeLifecycleController(deps), informers], stopping.signal);
  t.after(async () => { stopping.abort(); await running; });
  const ready = async (): Promise<string | undefined> => getCondition((await client.resource(nodes).get("n1")).status.conditions, "Ready")?.status;
  /** Lets the controller look once more. */
  const look = async (ms: number): Promise<void> => {
    const before = looks;
    await eventually(async () => assert(steady.nextMs !== undefined && steady.nextMs <= 5_000));
    steady.advance(ms);
    await eventually(async () => assert(looks > before));
  };
  await eventually(async () => assert(looks > 0));
  for (const jumpMs of [hour, -hour, 24 * hour, -24 * hour]) {
    offsetMs += jumpMs;
    await look(5_000);
    assert.equal(await ready(), "True");
  }
  await look(60_000);
  await eventually(async () => assert.equal(await ready(), "Unknown"));
});
