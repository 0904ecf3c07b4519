/** A whole kubelet on a simulated runtime, and real device plugins over their sockets. */
import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { Node, Pod } from "#api/gen/core-v1.ts";
import type { ContainerConfig } from "#cri/gen/cri-v1.ts";
import type { Runtime } from "#cri/runtime.ts";
import { newSimulatedRuntime } from "#cri/simulated/runtime.ts";
import { app, image, startNode, type FakeNode } from "#kubelet/fake-node.ts";
import { TestDevicePlugin } from "../support/device-plugin.ts";

const resource = "example.com/null";
const healthy = (...ids: readonly string[]): { readonly ID: string; readonly health: string }[] => ids.map((ID) => ({ ID, health: "Healthy" }));
const asking = (count: number): Partial<Pod["spec"]> => ({ containers: [app({ resources: { limits: { [resource]: String(count) }, requests: { [resource]: String(count) } } })] });
const amounts = (node: FakeNode): (string | undefined)[] => {
  const status = (node.client.read("nodes/n1") as Node | undefined)?.status;
  return [status?.capacity?.[resource], status?.allocatable?.[resource]];
};

async function plugged(t: TestContext, node: FakeNode, ids: readonly string[], options: object = {}): Promise<TestDevicePlugin> {
  const plugin = new TestDevicePlugin(join(node.dir, "kubelet/device-plugins"), resource, healthy(...ids), options);
  t.after(() => plugin.stop());
  await node.eventually(() => assert.ok(existsSync(join(node.dir, "kubelet/device-plugins/kubelet.sock"))), 30_000);
  await plugin.start();
  await plugin.register();
  await node.eventually(() => assert.equal(amounts(node)[1], String(ids.length)));
  return plugin;
}

test("a plugin's devices are the node's, and pods get them with what they need", async (t) => {
  const node = await startNode(t, {}, { devicePlugins: true });
  const plugin = await plugged(t, node, ["a", "b", "c"], { preStartRequired: true, getPreferredAllocationAvailable: true });
  await node.create("two", asking(2));
  await node.eventually(() => assert.equal(node.pod("two")?.status.phase, "Running"));
  assert.deepEqual(plugin.asked, ["allocate c,b", "start c,b"]);
  assert.deepEqual(node.pod("two")?.status.containerStatuses?.[0]?.allocatedResourcesStatus, [{ name: resource, resources: [{ resourceID: "c", health: "Healthy" }, { resourceID: "b", health: "Healthy" }] }]);
  await node.create("more", asking(2));
  await node.eventually(() => assert.equal(node.pod("more")?.status.reason, "UnexpectedAdmissionError"));
  assert.equal(node.pod("more")?.status.message, `Pod was rejected: Allocate failed due to requested number of devices unavailable for ${resource}. Requested: 2, Available: 1, which is unexpected`);
});

test("devices that fall ill are told, and those of a plugin that goes are unknown until it comes again", async (t) => {
  const node = await startNode(t, {}, { devicePlugins: true });
  const plugin = await plugged(t, node, ["a", "b"]);
  await node.create("one", asking(1));
  await node.eventually(() => assert.equal(node.pod("one")?.status.phase, "Running"));
  const health = (): string | undefined => node.pod("one")?.status.containerStatuses?.[0]?.allocatedResourcesStatus?.[0]?.resources?.[0]?.health;
  plugin.tell([{ ID: "a", health: "Unhealthy" }, ...healthy("b")]);
  await node.eventually(() => assert.deepEqual([...amounts(node), health()], ["2", "1", "Unhealthy"]));
  plugin.stop();
  await node.eventually(() => assert.deepEqual([...amounts(node), health()], ["2", "0", "Unknown"]));
  await plugged(t, node, ["a", "b"]);
  await node.eventually(() => assert.deepEqual([...amounts(node), health()], ["2", "2", "Healthy"]));
});

test("another kubelet knows who has which device", async (t) => {
  const node = await startNode(t, {}, { devicePlugins: true });
  const plugin = await plugged(t, node, ["a", "b"]);
  await node.create("one", asking(1));
  await node.eventually(() => assert.equal(node.pod("one")?.status.phase, "Running"));
  await node.restart();
  plugin.stop();
  const again = await plugged(t, node, ["a", "b"]);
  await node.create("other", asking(1));
  await node.eventually(() => assert.equal(node.pod("other")?.status.phase, "Running"));
  assert.deepEqual(again.asked, ["allocate b"]);
});

test("who registers something else is told why not", async (t) => {
  const node = await startNode(t, {}, { devicePlugins: true });
  const plugin = await plugged(t, node, ["a"]);
  await assert.rejects(plugin.register({ version: "v1" }), /requested API version "v1" is not supported by kubelet. Supported version is "v1beta1"/);
  await assert.rejects(plugin.register({ resourceName: "cpu" }), /the ResourceName "cpu" is invalid/);
  await assert.rejects(plugin.register({ endpoint: "../x.sock" }), /the endpoint "..\/x.sock" is invalid/);
});

test("a plugin may come by the common way, and goes with its socket there", async (t) => {
  const node = await startNode(t, {}, { devicePlugins: true });
  const [own, registry] = [join(node.dir, "kubelet/device-plugins"), join(node.dir, "kubelet/plugins_registry")];
  await node.eventually(() => assert.ok(existsSync(join(own, "kubelet.sock")) && existsSync(registry)), 30_000);
  const plugin = new TestDevicePlugin(own, resource, healthy("a", "b"), { preStartRequired: true, getPreferredAllocationAvailable: true });
  t.after(() => plugin.stop());
  await plugin.start();
  const old = await plugin.announce(registry, ["v1alpha"]);
  assert.deepEqual(await old.told, { pluginRegistered: false, error: "RegisterPlugin error -- plugin registration failed with err: manager version, v1beta1, is not among plugin supported versions [v1alpha]" });
  old.stop();
  await node.eventually(() => assert.deepEqual(readdirSync(registry), []));
  const announced = await plugin.announce(registry);
  t.after(() => announced.stop());
  assert.equal((await announced.told).pluginRegistered, true);
  await node.eventually(() => assert.deepEqual(amounts(node), ["2", "2"]));
  await node.create("one", asking(1));
  await node.eventually(() => assert.equal(node.pod("one")?.status.phase, "Running"));
  assert.deepEqual(plugin.asked, ["allocate b", "start b"]);
  announced.stop();
  await node.eventually(() => assert.deepEqual(amounts(node), ["2", "0"]), 30_000);
});

test("a plugin's CDI devices are resolved where the runtime knows no CDI", async (t) => {
  const cdiDir = await mkdtemp(join(tmpdir(), "cdi-"));
  t.after(() => rm(cdiDir, { recursive: true }));
  const simulated = newSimulatedRuntime({ images: [image] });
  const made: ContainerConfig[] = [];
  const runtime: Runtime = {
    ...simulated,
    version: async () => ({ version: "0.1.0", runtimeName: "containerd", runtimeVersion: "1.6.20", runtimeApiVersion: "v1" }),
    createContainer: (request) => {
      made.push(request.config ?? {});
      return simulated.createContainer(request);
    },
  };
  const node = await startNode(t, {}, { devicePlugins: true, cdiDirs: [cdiDir] }, runtime);
  const plugin = await plugged(t, node, ["a"]);
  plugin.cdiKind = "example.com/null";
  await node.create("one", asking(1));
  await node.eventually(() => assert.equal(node.pod("one")?.status.containerStatuses?.[0]?.state?.waiting?.message, "CDI device injection failed: unresolvable CDI devices example.com/null=a"));
  await writeFile(join(cdiDir, "null.yaml"), "cdiVersion: 0.5.0\nkind: example.com/null\ndevices: [{name: a, containerEdits: {deviceNodes: [{path: /dev/cdi, hostPath: /dev/null}]}}]\n");
  await node.eventually(() => assert.equal(node.pod("one")?.status.phase, "Running"), 30_000);
  assert.deepEqual(made[0]?.devices?.map(({ containerPath }) => containerPath), ["/dev/a", "/dev/cdi"]);
});
