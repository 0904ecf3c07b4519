import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Event } from "#api/gen/core-v1.ts";
import { events } from "#api/resources.ts";
import { systemClock } from "#base/clock.ts";
import { newEventRecorder } from "./event-recorder.ts";
import { FakeApi } from "./fake-api.ts";
import { newClient } from "./http-client.ts";
import { inProcess } from "./in-process-transport.ts";
import { TransportError } from "./transport.ts";

const open = () => {
  const api = new FakeApi();
  let now = Date.UTC(2026, 0, 1);
  const clock = { now: () => now, sleep: async () => {} };
  const client = newClient(inProcess(api.handler, { name: "test", groups: [] }), systemClock);
  const recorder = newEventRecorder(client, "replicaset-controller", undefined, clock);
  return { api, recorder, tick: (ms: number) => { now += ms; }, list: async (): Promise<readonly Event[]> => { await recorder.flush(); return (await client.resource(events).list()).items; } };
};
const pod = (name = "web") => ({ apiVersion: "v1", kind: "Pod", metadata: { name, namespace: "x", uid: "u", resourceVersion: "7" } });

describe("the event recorder", () => {
  test("writes who, what and about what", async () => {
    const { recorder, list } = open();
    recorder.event(pod(), "Normal", "SuccessfulCreate", "Created pod: web-1", { fieldPath: "spec.containers{c}" });
    const [event] = await list();
    assert.ok(event);
    assert.match(event.metadata.name, /^web\.[0-9a-f]{16}$/);
    const { metadata, ...rest } = event;
    assert.equal(metadata.namespace, "x");
    assert.deepEqual(rest, {
      kind: "Event", apiVersion: "v1", reason: "SuccessfulCreate", message: "Created pod: web-1", type: "Normal", count: 1,
      involvedObject: { kind: "Pod", apiVersion: "v1", name: "web", namespace: "x", uid: "u", resourceVersion: "7", fieldPath: "spec.containers{c}" },
      source: { component: "replicaset-controller" }, reportingComponent: "replicaset-controller", reportingInstance: "",
      firstTimestamp: "2026-01-01T00:00:00Z", lastTimestamp: "2026-01-01T00:00:00Z",
    });
  });

  test("counts up what repeats, also after the first has expired", async () => {
    const { api, recorder, tick, list } = open();
    recorder.event(pod(), "Warning", "BackOff", "again");
    tick(10_000);
    recorder.event(pod(), "Warning", "BackOff", "again");
    const [event] = await list();
    assert.deepEqual([event?.count, event?.firstTimestamp, event?.lastTimestamp], [2, "2026-01-01T00:00:00Z", "2026-01-01T00:00:10Z"]);
    api.remove(`/api/v1/namespaces/x/events/${event?.metadata.name}`);
    recorder.event(pod(), "Warning", "BackOff", "again");
    assert.deepEqual((await list()).map((e) => [e.metadata.name, e.count]), [[event?.metadata.name, 3]]);
  });

  test("combines many that differ only in the message", async () => {
    const { recorder, list } = open();
    for (let i = 1; i <= 14; i++) recorder.event(pod(), "Warning", "Failed", `attempt ${i}`);
    const written = await list();
    assert.equal(written.length, 10);
    const combined = written.find((e) => e.message?.startsWith("(combined"));
    assert.deepEqual([combined?.message, combined?.count], ["(combined from similar events): attempt 14", 5]);
  });

  test("drops a flood about one object, not about its neighbour", async () => {
    const { recorder, list } = open();
    for (let i = 0; i < 40; i++) recorder.event(pod(), "Normal", `Reason${i}`, "x");
    recorder.event(pod("other"), "Normal", "Started", "x");
    const written = await list();
    assert.deepEqual([written.length, written.some((e) => e.involvedObject.name === "other")], [26, true]);
  });

  test("waits little for a server that starts beside it, and longer for one that stays away", async () => {
    const api = new FakeApi();
    const waited: number[] = [];
    const clock = { now: () => 0, sleep: async (ms: number) => { waited.push(ms); } };
    const transport = inProcess(api.handler, { name: "test", groups: [] });
    const late = newClient((request) => (waited.length < 8 ? Promise.reject(new TransportError("cannot reach it", { sent: false })) : transport(request)), systemClock);
    const recorder = newEventRecorder(late, "kubelet", undefined, clock);
    recorder.event(pod(), "Normal", "Started", "x");
    await recorder.flush();
    assert.equal((await late.resource(events).list()).items.length, 1);
    assert.deepEqual([waited.length, (waited[0] ?? 0) < 400, waited.slice(0, 3).reduce((sum, ms) => sum + ms, 0) < 3_000, (waited[7] ?? 0) >= 10_000], [8, true, true, true]);
  });

  test("drops what does not fit into its queue, and events of a cluster-scoped object go to default", async () => {
    const { recorder, list } = open();
    for (let i = 0; i < 1500; i++) recorder.event({ kind: "Node", metadata: { name: `n${i}` } }, "Normal", "Seen", "x");
    const written = await list();
    assert.deepEqual([written.length, written[0]?.metadata.namespace], [1001, "default"]); // one is taken at once
  });
});
