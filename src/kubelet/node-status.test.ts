import assert from "node:assert/strict";
import { test } from "node:test";
import type { Node } from "#api/gen/core-v1.ts";
import { nodes } from "#api/resources.ts";
import { systemClock } from "#base/clock.ts";
import { silent } from "#base/log.ts";
import { eventually } from "#base/waiting.ts";
import { newSimulatedRuntime } from "#cri/simulated/runtime.ts";
import { VolumesInUse } from "#volumes/csi/in-use.ts";
import { FakeClient } from "./fake-client.ts";
import { NodeStatusReporter } from "./node-status.ts";

test("an extended resource that somebody gives the node can be given out, and no more when it is taken away", async (t) => {
  const client = new FakeClient();
  const read = (): Node | undefined => client.read("nodes/n1") as Node | undefined;
  const resources = { memoryBytes: 0, capacity: { cpu: "2", pods: "110" }, allocatable: { cpu: "1", pods: "110" } };
  const reporter = new NodeStatusReporter({
    client, resources, clock: systemClock, log: silent, runtime: newSimulatedRuntime(), nodeName: "n1", addresses: [], kubeletPort: 10250, seen: read,
    devices: () => ({ capacity: { "example.com/gpu": "3" }, allocatable: { "example.com/gpu": "2" } }),
    pressures: () => [], shutdown: () => undefined, say: () => {}, volumesInUse: new VolumesInUse(),
  });
  const stop = new AbortController();
  const running = reporter.run(stop.signal);
  t.after(async () => {
    stop.abort();
    await running;
  });
  await eventually(() => assert.deepEqual(read()?.status.allocatable, { cpu: "1", pods: "110", "example.com/gpu": "2" }));
  const give = async (fakes: string | null): Promise<void> => {
    await client.resource(nodes).patch("n1", undefined, { type: "strategic", body: { status: { capacity: { "example.com/fake": fakes, "example.com/gpu": "9" } } } }, { subresource: "status" });
    reporter.wake();
  };
  await give("1k");
  await eventually(() => assert.deepEqual(read()?.status.allocatable, { cpu: "1", pods: "110", "example.com/gpu": "2", "example.com/fake": "1k" }));
  assert.deepEqual(read()?.status.capacity, { cpu: "2", pods: "110", "example.com/gpu": "3", "example.com/fake": "1k" });
  await give(null);
  await eventually(() => assert.deepEqual(read()?.status, { ...read()?.status, capacity: { cpu: "2", pods: "110", "example.com/gpu": "3" }, allocatable: { cpu: "1", pods: "110", "example.com/gpu": "2" } }));
});
