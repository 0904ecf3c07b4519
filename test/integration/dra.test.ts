/** A whole kubelet on a simulated runtime, and real drivers of dynamic resources over their sockets. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { Registry } from "prom-client";
import type { Container, Pod } from "#api/gen/core-v1.ts";
import type { ResourceClaim, ResourceSlice } from "#api/gen/resource-v1.ts";
import { pods, resourceClaims, resourceSlices } from "#api/resources.ts";
import { systemClock } from "#base/clock.ts";
import { Channel, load, type Unary } from "#base/grpc/channel.ts";
import { silent } from "#base/log.ts";
import { eventually } from "#base/waiting.ts";
import type { ContainerConfig } from "#cri/gen/cri-v1.ts";
import type { Runtime } from "#cri/runtime.ts";
import { newSimulatedRuntime } from "#cri/simulated/runtime.ts";
import { DraDrivers } from "#kubelet/dra/dra-drivers.ts";
import type { Device } from "#kubelet/dra/gen/dra-v1.ts";
import { DraMetrics } from "#kubelet/dra/metrics.ts";
import { app, image, startNode, type FakeNode } from "#kubelet/fake-node.ts";
import descriptor from "#kubelet/pod-resources/gen/pod-resources-v1.descriptor.json" with { type: "json" };
import type { PodResourcesListerCalls } from "#kubelet/pod-resources/gen/pod-resources-v1.ts";
import { TestDraDriver, type DraDriverOptions } from "../support/dra-driver.ts";

const name = "gpu.example.com";
const slowMs = 60_000;
const devices: readonly Device[] = [
  { poolName: "n1", deviceName: "g0", requestNames: ["fast"], cdiDeviceIds: ["example.com/gpu=g0"] },
  { poolName: "n1", deviceName: "g1", requestNames: ["slow"], cdiDeviceIds: ["example.com/gpu=g1"] },
];

interface Made { readonly node: FakeNode; /** By container. */ readonly configs: Map<string, ContainerConfig>; readonly cdiDir: string }

/** @param version of containerd; as the simulated runtime says by default */
async function nodeOf(t: TestContext, version?: string): Promise<Made> {
  const configs = new Map<string, ContainerConfig>();
  const simulated = newSimulatedRuntime({ images: [image] });
  const runtime: Runtime = {
    ...simulated,
    createContainer: (request) => {
      configs.set(request.config?.metadata?.name ?? "", request.config ?? {});
      return simulated.createContainer(request);
    },
    ...(version !== undefined && { version: async () => ({ version: "0.1.0", runtimeName: "containerd", runtimeVersion: version, runtimeApiVersion: "v1" }) }),
  };
  const cdiDir = await mkdtemp(join(tmpdir(), "cdi-"));
  t.after(() => rm(cdiDir, { recursive: true }));
  return { node: await startNode(t, {}, { devicePlugins: true, cdiDirs: [cdiDir] }, runtime), configs, cdiDir };
}

async function driven(t: TestContext, node: FakeNode, more: Partial<DraDriverOptions> = {}): Promise<TestDraDriver> {
  const registry = join(node.dir, "kubelet/plugins_registry");
  await node.eventually(() => assert.ok(existsSync(registry)), slowMs);
  const driver = new TestDraDriver({ name, dir: join(node.dir, "plugins", name), registry, give: () => devices, ...more });
  t.after(() => driver.stop());
  await driver.start();
  await node.eventually(() => assert.equal(driver.registrations.length, 1), slowMs);
  return driver;
}

const results = ["fast", "slow"].map((request, i) => ({ request, driver: name, pool: "n1", device: `g${i}` }));
async function claim(node: FakeNode, claimName: string, ...users: readonly string[]): Promise<void> {
  const reservedFor = users.map((uid) => ({ resource: "pods", name: uid, uid }));
  await node.client.resource(resourceClaims).create({ metadata: { name: claimName, namespace: "default", uid: `uid-${claimName}` }, spec: {}, status: { allocation: { devices: { results } }, reservedFor } } as ResourceClaim);
}
/** A pod of this uid that has a claim. */
const create = (node: FakeNode, pod: string, claimName: string, containers: readonly Container[] = [app({ resources: { claims: [{ name: "gpu" }] } })], more: Partial<Pod["spec"]> = {}): Promise<void> =>
  node.create(pod, { containers: [...containers], resourceClaims: [{ name: "gpu", resourceClaimName: claimName }], ...more }, { uid: pod });
const running = (node: FakeNode, pod: string): Promise<void> => node.eventually(() => assert.equal(node.pod(pod)?.status.phase, "Running"), slowMs);
async function gone(node: FakeNode, pod: string): Promise<void> {
  await node.client.resource(pods).delete(pod, "default");
  await node.eventually(() => assert.equal(node.pod(pod), undefined), slowMs);
}

test("a claim is prepared once for all its pods, and given back after the last; containers get what they ask for", async (t) => {
  const { node, configs } = await nodeOf(t);
  const driver = await driven(t, node);
  await claim(node, "shared", "one", "two");
  await create(node, "one", "shared", [app({ name: "all", resources: { claims: [{ name: "gpu" }] } }), app({ name: "slow", resources: { claims: [{ name: "gpu", request: "slow" }] } }), app({ name: "none" })]);
  await running(node, "one");
  assert.deepEqual(["all", "slow", "none"].map((container) => configs.get(container)?.CDIDevices?.map((device) => device.name)), [["example.com/gpu=g0", "example.com/gpu=g1"], ["example.com/gpu=g1"], undefined]);
  await create(node, "two", "shared");
  await running(node, "two");
  assert.match(await node.host.metrics.text(), new RegExp(`dra_resource_claims_in_use\\{driver_name="${name}"\\} 1`));
  await gone(node, "one");
  assert.deepEqual(driver.calls, ["prepare shared"]);
  await gone(node, "two");
  assert.deepEqual(driver.calls, ["prepare shared", "unprepare shared"]);
  const atOnce = ["three", "four", "five"];
  await claim(node, "crowded", ...atOnce);
  for (const pod of atOnce) await create(node, pod, "crowded", undefined, { resourceClaims: ["gpu", "again"].map((entry) => ({ name: entry, resourceClaimName: "crowded" })) });
  for (const pod of atOnce) await running(node, pod);
  assert.deepEqual(driver.calls.slice(2), ["prepare crowded"]);
  await Promise.all(atOnce.map((pod) => gone(node, pod)));
  assert.deepEqual(driver.calls.slice(2), ["prepare crowded", "unprepare crowded"]);
  const text = await node.host.metrics.text();
  for (const line of ['dra_operations_duration_seconds_count{operation_name="PrepareResources",is_error="false"} 5', 'dra_resource_claims_in_use{driver_name="<any>"} 0', `dra_grpc_operations_duration_seconds_count{driver_name="${name}",method_name="/k8s.io.kubelet.pkg.apis.dra.v1.DRAPlugin/NodeUnprepareResources",grpc_status_code="OK"} 2`]) assert.ok(text.includes(line), line);
});

test("where the runtime knows no CDI the kubelet reads the specs, and says which field it cannot give", async (t) => {
  const { node, configs, cdiDir } = await nodeOf(t, "1.6.20");
  await driven(t, node);
  const spec = (g1: object): string => JSON.stringify({ cdiVersion: "0.7.0", kind: "example.com/gpu", containerEdits: { env: ["KIND=gpu"] }, devices: [
    { name: "g0", containerEdits: { env: ["FAST=g0"], additionalGids: [44], deviceNodes: [{ path: "/dev/fast", hostPath: "/dev/null" }], mounts: [{ hostPath: "/etc/hostname", containerPath: "/etc/gpu", options: ["ro"] }] } }, { name: "g1", containerEdits: g1 },
  ] });
  await writeFile(join(cdiDir, "gpu.json"), spec({ hooks: [{ hookName: "createContainer", path: "/bin/true" }] }));
  await claim(node, "c", "pod");
  const env = [{ name: "KIND", value: "mine" }, { name: "OWN", value: "1" }];
  await create(node, "pod", "c", [app({ name: "fast", env, resources: { claims: [{ name: "gpu", request: "fast" }] } }), app({ name: "slow", resources: { claims: [{ name: "gpu", request: "slow" }] } })]);
  await node.eventually(() => assert.deepEqual(node.pod("pod")?.status.containerStatuses?.find((c) => c.name === "slow")?.state?.waiting, {
    reason: "CreateContainerConfigError", message: "CDI device injection failed: CDI device example.com/gpu=g1: containerEdits.hooks[0] (createContainer) cannot be given to a container by a runtime that knows no CDI",
  }), slowMs);
  await node.eventually(() => assert.ok(configs.has("fast")), slowMs);
  const { envs = [], devices: nodes, mounts = [], linux, CDIDevices } = configs.get("fast") ?? {};
  assert.deepEqual([envs.map(({ key, value }) => `${key}=${Buffer.from(value ?? []).toString()}`).filter((text) => /^(KIND|OWN|FAST)=/.test(text)), nodes, mounts.at(-1), linux?.securityContext?.supplementalGroups, CDIDevices], [
    ["OWN=1", "KIND=gpu", "FAST=g0"], [{ hostPath: "/dev/null", containerPath: "/dev/fast", permissions: "rwm" }], { hostPath: "/etc/hostname", containerPath: "/etc/gpu", readonly: true, propagation: "PROPAGATION_PRIVATE" }, ["44"], undefined,
  ]);
  await writeFile(join(cdiDir, "gpu.json"), spec({ env: ["SLOW=g1"] }));
  await running(node, "pod");
});

test("a driver that is not there, or that fails, makes the pod wait and is told", async (t) => {
  const { node } = await nodeOf(t);
  await claim(node, "c", "pod");
  await create(node, "pod", "c");
  const failed = (why: string): Promise<void> => node.eventually(() => assert.ok(node.events("pod").includes(`FailedPrepareDynamicResources: Failed to prepare dynamic resources: prepare dynamic resources: ${why}`), node.events("pod").join("\n")), slowMs);
  await failed(`DRA driver ${name} is not registered`);
  const driver = await driven(t, node);
  await running(node, "pod");
  assert.deepEqual(driver.calls, ["prepare c"]);
  driver.failing = { prepare: "out of order", unprepare: "so, too" };
  await claim(node, "d", "other");
  await create(node, "other", "d");
  await node.eventually(() => assert.match(node.events("other").join("\n"), /NodePrepareResources failed for ResourceClaim d: out of order/), slowMs);
  await create(node, "thief", "d");
  await node.eventually(() => assert.match(node.events("thief").join("\n"), /pod thief \(thief\) is not allowed to use ResourceClaim d \(uid-d\)/), slowMs);
  await node.client.resource(pods).delete("other", "default");
  await node.eventually(() => assert.ok(driver.calls.includes("unprepare d")), slowMs); // what was begun is given back, and tried again
  driver.failing = {};
  await node.eventually(() => assert.equal(node.pod("other"), undefined), slowMs);
});

test("another kubelet knows what is prepared: nothing is prepared again for who runs, and all is given back, also of pods that went meanwhile", async (t) => {
  const { node } = await nodeOf(t);
  const driver = await driven(t, node);
  await claim(node, "a", "stays");
  await claim(node, "b", "goes");
  for (const [pod, of] of [["stays", "a"], ["goes", "b"]] as const) {
    await create(node, pod, of);
    await running(node, pod);
  }
  const state = JSON.parse(await readFile(join(node.dir, "kubelet/dra_manager_state"), "utf8")) as { readonly claims: readonly { readonly name: string; readonly pods: readonly string[] }[] };
  assert.deepEqual(state.claims.map((c) => [c.name, c.pods]), [["a", ["stays"]], ["b", ["goes"]]]);
  await Promise.all([node.restart(), node.client.resource(pods).delete("goes", "default", { gracePeriodSeconds: 0 })]);
  await node.eventually(() => assert.deepEqual(driver.calls, ["prepare a", "prepare b", "unprepare b"]), slowMs);
  await gone(node, "stays");
  assert.deepEqual(driver.calls, ["prepare a", "prepare b", "unprepare b", "unprepare a"]);
  await writeFile(join(node.dir, "kubelet/dra_manager_state"), JSON.stringify({ claims: [{ namespace: "default", name: "left", uid: "x", pods: ["nowhere"], drivers: { [name]: [] } }] }));
  await node.restart(); // as after a restart of the node, whose runtime has nothing of the pod
  await node.eventually(() => assert.deepEqual(driver.calls.slice(4), ["unprepare left"]), slowMs);
});

test("a pod has not ended before its claims are given back", async (t) => {
  const node = await startNode(t, { script: () => ({ exitAfterMs: 5 }) }, { devicePlugins: true });
  const driver = await driven(t, node);
  driver.failing = { unprepare: "busy" };
  await claim(node, "c", "job");
  await create(node, "job", "c", undefined, { restartPolicy: "Never" });
  await node.eventually(() => assert.deepEqual(driver.calls.slice(0, 3), ["prepare c", "unprepare c", "unprepare c"]), slowMs);
  const { phase, containerStatuses } = (node.pod("job") as Pod).status;
  assert.deepEqual([phase, containerStatuses?.[0]?.state?.terminated?.exitCode], ["Running", 0]);
  driver.failing = {};
  await node.eventually(() => assert.equal(node.pod("job")?.status.phase, "Succeeded"), slowMs);
});

test("how a driver's devices are is in the status of their containers, and who asks at the node is told of claims", async (t) => {
  const { node } = await nodeOf(t);
  const driver = await driven(t, node, { version: "v1beta1" });
  driver.tell([{ device: { poolName: "n1", deviceName: "g0" }, health: "HEALTHY" }]);
  await claim(node, "c", "pod");
  await create(node, "pod", "c", [app({ resources: { claims: [{ name: "gpu", request: "fast" }] } })]);
  await running(node, "pod");
  const told = (health: object): Promise<void> => node.eventually(() => assert.deepEqual(node.pod("pod")?.status.containerStatuses?.[0]?.allocatedResourcesStatus, [{ name: "claim:gpu/fast", resources: [{ resourceID: "example.com/gpu=g0", ...health }] }]), slowMs);
  await told({ health: "Healthy" });
  driver.tell([{ device: { poolName: "n1", deviceName: "g0" }, health: "UNHEALTHY", message: "too hot" }]);
  await told({ health: "Unhealthy", message: "too hot" });
  const channel = new Channel(join(node.dir, "kubelet/pod-resources/kubelet.sock"));
  t.after(() => channel.close());
  const { podResources = [] } = await (channel.unary(load(descriptor), "v1.PodResourcesLister") as unknown as Unary<PodResourcesListerCalls>).list({});
  const claimResources = ["g0", "g1"].map((deviceName) => ({ cdiDevices: [{ name: `example.com/gpu=${deviceName}` }], driverName: name, poolName: "n1", deviceName }));
  assert.deepEqual(podResources[0]?.containers?.[0]?.dynamicResources, [{ claimName: "c", claimNamespace: "default", claimResources }]);
  driver.kill();
  await told({ health: "Unknown" });
});

test("what drivers have published of the node goes when the kubelet begins; a driver with other services is refused", async (t) => {
  const { node } = await nodeOf(t);
  const driver = await driven(t, node, { supported: ["v1alpha4.Node"] });
  assert.match(driver.registrations[0]?.error ?? "", /none of services supported by the plugin \(\["v1alpha4.Node"\]\) are supported by the kubelet/);
  for (const nodeName of ["n1", "n2"]) await node.client.resource(resourceSlices).create({ metadata: { name: nodeName }, spec: { driver: name, nodeName, pool: { name: nodeName, generation: 1, resourceSliceCount: 1 } } } as ResourceSlice);
  await node.restart();
  await node.eventually(() => assert.deepEqual(node.client.list("resourceslices").map(({ metadata }) => metadata.name), ["n2"]));
});

test("a driver can be used while one of its plugins is there: a new one takes over before the old one goes", async (t) => {
  const dir = await mkdtemp(join(tmpdir(), "dra-"));
  t.after(() => rm(dir, { recursive: true }));
  const plugins = ["old", "new"].map((called) => new TestDraDriver({ name, dir: join(dir, called), registry: dir }));
  const usable: boolean[] = [];
  const metrics = new DraMetrics(new Registry(), systemClock, () => new Map());
  const drivers = new DraDrivers({ metrics, usable: (_, is) => usable.push(is), healths: () => {}, clock: systemClock, log: silent });
  t.after(() => drivers.close());
  const { signal } = new AbortController();
  const endpoints = ["old", "new"].map((called) => join(dir, called, `${name}.sock`));
  const used = (): string => drivers.get(name).endpoint;
  const [older, newer] = plugins as [TestDraDriver, TestDraDriver];
  const [oldSocket = "", newSocket = ""] = endpoints;
  assert.throws(used, { message: `DRA driver ${name} is not registered` });
  await older.start();
  await drivers.watched.register(name, oldSocket, ["v1.DRAPlugin"], signal);
  await assert.rejects(drivers.watched.register(name, oldSocket, ["v1.DRAPlugin"], signal), { message: `endpoint ${oldSocket} already registered for DRA driver plugin ${name}` });
  await eventually(() => assert.equal(usable.at(-1), true), slowMs);
  await drivers.watched.register(name, newSocket, ["v1.DRAPlugin"], signal);
  assert.equal(used(), oldSocket); // which is there, the other not yet
  await newer.start();
  await eventually(() => assert.equal(used(), newSocket), slowMs);
  older.kill();
  await drivers.watched.deregister(name, oldSocket, signal);
  assert.deepEqual([used(), usable.at(-1)], [newSocket, true]);
  newer.kill();
  await eventually(() => assert.equal(usable.at(-1), false), slowMs);
  assert.equal(used(), newSocket);
  await drivers.watched.deregister(name, newSocket, signal);
  assert.throws(used);
});
