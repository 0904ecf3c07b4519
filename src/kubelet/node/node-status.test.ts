import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { Node } from "#api/gen/core-v1.ts";
import { nodes } from "#api/resources.ts";
import { systemClock } from "#base/clock.ts";
import { silent } from "#base/log.ts";
import { eventually } from "#base/waiting.ts";
import { newSimulatedRuntime } from "#cri/simulated/runtime.ts";
import { VolumesInUse } from "#volumes/csi/in-use.ts";
import { FakeClient } from "../fake-client.ts";
import { NodeStatusReporter, type NodeOptions } from "./node-status.ts";

const resources = { memoryBytes: 0, capacity: { cpu: "2", pods: "110" }, allocatable: { cpu: "1", pods: "110" } };

/** A reporter of node n1 that runs until the test ends. */
function startReporter(t: TestContext, client: FakeClient, options: Partial<NodeOptions> = {}): NodeStatusReporter {
  const reporter = new NodeStatusReporter({
    client, resources, clock: systemClock, log: silent, runtime: newSimulatedRuntime(), nodeName: "n1", addresses: [], kubeletPort: 10250, seen: () => nodeIn(client),
    devices: () => ({ capacity: {}, allocatable: {} }), pressures: () => [], shutdown: () => undefined, say: () => {}, volumesInUse: new VolumesInUse(), ...options,
  });
  const stop = new AbortController();
  const running = reporter.run(stop.signal);
  t.after(async () => {
    stop.abort();
    await running;
  });
  return reporter;
}

const nodeIn = (client: FakeClient): Node | undefined => client.read("nodes/n1") as Node | undefined;
const patchStatus = (client: FakeClient, status: object): Promise<Node> => client.resource(nodes).patch("n1", undefined, { type: "strategic", body: { status } }, { subresource: "status" });

test("an extended resource that somebody gives the node can be given out, and no more when it is taken away", async (t) => {
  const client = new FakeClient();
  const read = (): Node | undefined => nodeIn(client);
  const reporter = startReporter(t, client, { devices: () => ({ capacity: { "example.com/gpu": "3" }, allocatable: { "example.com/gpu": "2" } }) });
  await eventually(() => assert.deepEqual(read()?.status.allocatable, { cpu: "1", pods: "110", "example.com/gpu": "2" }));
  const give = async (fakes: string | null): Promise<void> => {
    await patchStatus(client, { capacity: { "example.com/fake": fakes, "example.com/gpu": "9" } });
    reporter.wake();
  };
  await give("1k");
  await eventually(() => assert.deepEqual(read()?.status.allocatable, { cpu: "1", pods: "110", "example.com/gpu": "2", "example.com/fake": "1k" }));
  assert.deepEqual(read()?.status.capacity, { cpu: "2", pods: "110", "example.com/gpu": "3", "example.com/fake": "1k" });
  await give(null);
  await eventually(() => assert.deepEqual(read()?.status, { ...read()?.status, capacity: { cpu: "2", pods: "110", "example.com/gpu": "3" }, allocatable: { cpu: "1", pods: "110", "example.com/gpu": "2" } }));
});

test("a kubelet that was cut off takes back what a controller has said of it meanwhile", async (t) => {
  const client = new FakeClient();
  const ready = (): string | undefined => nodeIn(client)?.status.conditions?.find(({ type }) => type === "Ready")?.status;
  const said: string[] = [];
  const reporter = startReporter(t, client, { say: (_type, reason) => said.push(reason) });
  await eventually(() => assert.equal(ready(), "True"));
  await patchStatus(client, { conditions: [{ type: "Ready", status: "Unknown", reason: "NodeStatusUnknown" }] });
  said.length = 0;
  reporter.wake();
  await eventually(() => assert.deepEqual([ready(), said], ["True", ["NodeReady"]]));
});

test("of a cordon and its end, and of another boot, events tell once each", async (t) => {
  const client = new FakeClient();
  const said: string[] = [];
  const reporter = startReporter(t, client, { say: (type, reason, message) => said.push(`${type} ${reason}: ${message}`) });
  await eventually(() => assert.equal(said.length, 4)); // its conditions
  for (const unschedulable of [true, null]) {
    await client.resource(nodes).patch("n1", undefined, { type: "merge", body: { spec: { unschedulable } } });
    const count = said.length;
    reporter.wake();
    await eventually(() => assert.equal(said.length, count + 1));
  }
  const bootID = nodeIn(client)?.status.nodeInfo?.bootID ?? "";
  await patchStatus(client, { nodeInfo: { bootID: "another" } });
  reporter.wake();
  await eventually(() => assert.deepEqual(said.slice(4), ["Normal NodeNotSchedulable: Node n1 status is now: NodeNotSchedulable", "Normal NodeSchedulable: Node n1 status is now: NodeSchedulable", `Warning Rebooted: Node n1 has been rebooted, boot id: ${bootID}`]));
});

test("a condition that somebody else keeps up is no reason to report", async (t) => {
  const client = new FakeClient();
  let looks = 0;
  const reporter = startReporter(t, client, { pressures: () => (looks++, []) });
  await eventually(() => assert.equal(nodeIn(client)?.status.conditions?.length, 4));
  await patchStatus(client, { conditions: [{ type: "KernelDeadlock", status: "False" }] });
  const [written, looked] = [client.revision, looks];
  for (const more of [1, 2, 3]) {
    reporter.wake();
    await eventually(() => assert.ok(looks >= looked + more));
  }
  assert.equal(client.revision, written);
});
