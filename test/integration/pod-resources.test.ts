/** A whole kubelet on a simulated runtime tells over its socket which pods have which devices. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { Channel, load, type Unary } from "#base/grpc/channel.ts";
import { app, startNode, type FakeNode } from "#kubelet/fake-node.ts";
import descriptor from "#kubelet/pod-resources/gen/pod-resources-v1.descriptor.json" with { type: "json" };
import type { PodResourcesListerCalls } from "#kubelet/pod-resources/gen/pod-resources-v1.ts";
import { TestDevicePlugin } from "../support/device-plugin.ts";

const resource = "example.com/null";

async function asking(t: TestContext, node: FakeNode): Promise<Unary<PodResourcesListerCalls>> {
  const socket = join(node.dir, "kubelet/pod-resources/kubelet.sock");
  await node.eventually(() => assert.ok(existsSync(socket)), 30_000);
  const channel = new Channel(socket);
  t.after(() => channel.close());
  return channel.unary(load(descriptor), "v1.PodResourcesLister") as unknown as Unary<PodResourcesListerCalls>;
}

test("pods are told with their devices, and what devices there are", async (t) => {
  const node = await startNode(t, {}, { devicePlugins: true });
  const ask = await asking(t, node);
  assert.deepEqual([await ask.list({}), await ask.getAllocatableResources({})], [{}, {}]);

  const devices = join(node.dir, "kubelet/device-plugins");
  await node.eventually(() => assert.ok(existsSync(join(devices, "kubelet.sock"))), 30_000);
  const plugin = new TestDevicePlugin(devices, resource, [{ ID: "a", health: "Healthy", topology: { nodes: [{ ID: "0" }, { ID: "1" }] } }, { ID: "b", health: "Healthy" }, { ID: "c", health: "Unhealthy" }]);
  t.after(() => plugin.stop());
  await plugin.start();
  await plugin.register();
  const [a0, a1] = ["0", "1"].map((ID) => ({ resourceName: resource, deviceIds: ["a"], topology: { nodes: [{ ID }] } }));
  await node.eventually(async () => assert.deepEqual(await ask.getAllocatableResources({}), { devices: [a0, a1, { resourceName: resource, deviceIds: ["b"] }] }));

  await node.create("one", { containers: [app({ resources: { limits: { [resource]: "1" }, requests: { [resource]: "1" } } }), app({ name: "none" })] });
  await node.eventually(() => assert.equal(node.pod("one")?.status.phase, "Running"));
  const one = { name: "one", namespace: "default", containers: [{ name: "app", devices: [a0, a1] }, { name: "none" }] };
  assert.deepEqual(await ask.list({}), { podResources: [one] });
  assert.deepEqual(await ask.get({ podName: "one", podNamespace: "default" }), { podResources: one });
  await assert.rejects(ask.get({ podName: "two", podNamespace: "default" }), /code = Unknown desc = pod two in namespace default not found/);
  assert.match(await node.host.metrics.text(), /kubelet_pod_resources_endpoint_errors_get\{server_api_version="v1"\} 1/);
});
