/** In-place resize on the simulated runtime. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { Quantity } from "#apimachinery/quantity.ts";
import type { Container, ContainerStatus, Pod, PodCondition } from "#api/gen/core-v1.ts";
import { pods } from "#api/resources.ts";
import { RuntimeError } from "#cri/runtime.ts";
import type { LinuxContainerResources } from "#cri/gen/cri-v1.ts";
import { app, startNode, type FakeNode } from "../fake-node.ts";
import { resourcesOf } from "../node/node-info.ts";
import { defaultSettings } from "../settings/settings.ts";

const amounts = (cpu: string, memory: string): NonNullable<Container["resources"]> => ({ requests: { cpu, memory }, limits: { cpu, memory } });
const statusOf = (node: FakeNode): ContainerStatus | undefined => node.pod("p")?.status.containerStatuses?.[0];
const resizeConditions = (node: FakeNode): PodCondition[] => (node.pod("p")?.status.conditions ?? []).filter(({ type }) => type.startsWith("PodResize"));
const conditionTexts = (node: FakeNode): string[] => resizeConditions(node).map(({ type, reason = "", message = "" }) => `${type} ${reason}: ${message}`);

interface Resized {
  readonly node: FakeNode;
  readonly updates: LinuxContainerResources[];
  readonly resize: (resources: NonNullable<Container["resources"]>) => void;
  readonly resizePod: (resources: NonNullable<Container["resources"]>) => void;
}

async function begin(t: TestContext, container: Partial<Container> = {}, spec: Partial<Pod["spec"]> = {}): Promise<Resized> {
  const node = await startNode(t);
  const updates: LinuxContainerResources[] = [];
  const { updateContainerResources } = node.runtime;
  node.runtime.updateContainerResources = async (request) => {
    updates.push(request.linux ?? {});
    return updateContainerResources(request);
  };
  await node.create("p", { containers: [app({ resources: amounts("100m", "64Mi"), ...container })], ...spec });
  await node.eventually(() => assert.equal(statusOf(node)?.ready, true));
  const write = (change: (spec: Pod["spec"]) => Pod["spec"]): void => {
    const pod = node.pod("p") as Pod;
    const metadata = { ...pod.metadata, generation: (pod.metadata.generation ?? 0) + 1 };
    const next: Pod = { ...pod, metadata, spec: change(pod.spec) };
    node.client.write("pods", next, "MODIFIED");
  };
  const resize: Resized["resize"] = (resources) => write((old) => ({ ...old, containers: old.containers.map((c) => ({ ...c, resources })) }));
  const resizePod: Resized["resizePod"] = (resources) => write((old) => ({ ...old, resources }));
  return { node, updates, resize, resizePod };
}

test("a resize changes the running container, and the status says what it has", async (t) => {
  const { node, updates, resize } = await begin(t);
  resize(amounts("200m", "128Mi"));
  await node.eventually(() => assert.deepEqual(statusOf(node)?.resources, amounts("200m", "128Mi")));
  assert.deepEqual(updates.map(({ cpuQuota, cpuShares, memoryLimitInBytes }) => [cpuQuota, cpuShares, memoryLimitInBytes]), [["20000", "204", "134217728"]]);
  assert.deepEqual([statusOf(node)?.allocatedResources, statusOf(node)?.restartCount], [{ cpu: "200m", memory: "128Mi" }, 0]);
  await node.eventually(() => assert.deepEqual(resizeConditions(node), []));
  assert.equal(node.pod("p")?.status.observedGeneration, 2);
});

test("a resource whose policy is RestartContainer is changed by making the container anew, without a back-off", async (t) => {
  const { node, updates, resize } = await begin(t, { resizePolicy: [{ resourceName: "memory", restartPolicy: "RestartContainer" }] });
  for (const [count, memory] of [[1, "128Mi"], [2, "256Mi"], [3, "64Mi"]] as const) {
    resize(amounts("100m", memory));
    await node.eventually(() => assert.deepEqual([statusOf(node)?.restartCount, statusOf(node)?.ready, statusOf(node)?.resources], [count, true, amounts("100m", memory)]));
  }
  assert.deepEqual(updates, []);
  assert(node.events("p").includes("Killing: Container app resize requires restart"));
});

test("what the node never has is Infeasible; what it had stays until the spec asks for what is there", async (t) => {
  const { node, updates, resize } = await begin(t);
  resize(amounts("100k", "64Mi"));
  await node.eventually(() => assert.match(conditionTexts(node)[0] ?? "", /^PodResizePending Infeasible: Node didn't have enough capacity: cpu, requested: 100000000, capacity: \d+$/));
  assert.deepEqual([statusOf(node)?.resources, updates], [amounts("100m", "64Mi"), []]);
  await node.restart();
  resize(amounts("100m", "64Mi"));
  await node.eventually(() => assert.deepEqual(resizeConditions(node), []));
  assert.deepEqual([updates, statusOf(node)?.restartCount], [[], 0]);
});

test("what others have is Deferred until they leave", async (t) => {
  const { node, resize } = await begin(t);
  const { allocatable } = await resourcesOf(node.dir, defaultSettings);
  const capacity = Quantity.parse(allocatable["memory"] ?? "0").value;
  await node.create("other", { containers: [app({ resources: { requests: { memory: String(capacity - 100 * 2 ** 20) } } })] });
  await node.eventually(() => assert.equal(node.pod("other")?.status.phase, "Running"));
  resize(amounts("100m", "128Mi"));
  await node.eventually(() => assert.match(conditionTexts(node)[0] ?? "", /^PodResizePending Deferred: Node didn't have enough resource: memory, /));
  await node.client.resource(pods).delete("other", "default");
  await node.eventually(() => assert.deepEqual([statusOf(node)?.resources, resizeConditions(node)], [amounts("100m", "128Mi"), []]));
});

test("what the runtime refuses is tried again, and a resize that is taken back is over", async (t) => {
  const { node, resize } = await begin(t);
  const works = node.runtime.updateContainerResources;
  node.runtime.updateContainerResources = () => Promise.reject(new RuntimeError("Unknown", "device or resource busy"));
  resize(amounts("200m", "64Mi"));
  await node.eventually(() => assert.deepEqual(conditionTexts(node), ["PodResizeInProgress Error: device or resource busy"]));
  assert.deepEqual([statusOf(node)?.resources, statusOf(node)?.allocatedResources], [amounts("100m", "64Mi"), { cpu: "200m", memory: "64Mi" }]);
  node.runtime.updateContainerResources = works;
  resize(amounts("100m", "64Mi"));
  await node.eventually(() => assert.deepEqual(resizeConditions(node), []));
});

test("memory is not taken from under a container that uses it", async (t) => {
  const { node, updates, resize } = await begin(t);
  node.runtime.containerStats = async () => ({ stats: { memory: { usageBytes: { value: String(40 * 2 ** 20) } } } });
  resize(amounts("100m", "32Mi"));
  await node.eventually(() => assert.deepEqual(conditionTexts(node), ["PodResizeInProgress Error: attempting to set container memory limit (33554432) below current usage (41943040)"]));
  assert.deepEqual(updates, []);
});

const stories = (node: FakeNode): string[] => node.events("p").filter((event) => event.startsWith("Resize")).map((event) => event.replaceAll(/"resources":\{.*?\}\}/g, "…"));

test("a resize is told from its beginning to its end", async (t) => {
  const { node, resize } = await begin(t);
  resize(amounts("100k", "64Mi"));
  await node.eventually(() => assert.match(stories(node)[0] ?? "", /^ResizeInfeasible: Pod resize Infeasible: \{"containers":\[\{"name":"app",…\}\],"generation":2,"error":"Node didn't have enough capacity: cpu, /));
  assert.deepEqual(resizeConditions(node).map(({ observedGeneration }) => observedGeneration), [2]);
  resize(amounts("200m", "64Mi"));
  await node.eventually(() => assert.deepEqual(stories(node).slice(1), [
    'ResizeStarted: Pod resize started: {"containers":[{"name":"app",…}],"generation":3}',
    'ResizeCompleted: Pod resize completed: {"containers":[{"name":"app",…}],"generation":3}',
  ]));
});

test("what is in progress keeps the generation that it began with, and its error is told once", async (t) => {
  const { node, resize } = await begin(t);
  node.runtime.updateContainerResources = () => Promise.reject(new RuntimeError("Unknown", "busy"));
  resize(amounts("200m", "64Mi"));
  await node.eventually(() => assert.deepEqual(conditionTexts(node), ["PodResizeInProgress Error: busy"]));
  node.client.write("pods", { ...(node.pod("p") as Pod), metadata: { ...(node.pod("p") as Pod).metadata, generation: 7 } }, "MODIFIED");
  await node.eventually(() => assert.equal(node.pod("p")?.status.observedGeneration, 7));
  assert.deepEqual(resizeConditions(node).map(({ observedGeneration }) => observedGeneration), [2]);
  assert.deepEqual(stories(node).filter((event) => event.startsWith("ResizeError")), ['ResizeError: Pod resize error: {"containers":[{"name":"app",…}],"generation":2,"error":"busy"}']);
});

test("a pod's own resources bound the containers that have no limits; a resize of them reaches these", async (t) => {
  const { node, updates, resizePod } = await begin(t, { resources: {} }, { resources: amounts("200m", "64Mi") });
  await node.eventually(() => assert.deepEqual([node.pod("p")?.status.resources, node.pod("p")?.status.allocatedResources], [amounts("200m", "64Mi"), { cpu: "200m", memory: "64Mi" }]));
  resizePod(amounts("500m", "128Mi"));
  await node.eventually(() => assert.deepEqual(node.pod("p")?.status.resources, amounts("500m", "128Mi")));
  assert.deepEqual(updates.map(({ cpuQuota, memoryLimitInBytes }) => [cpuQuota, memoryLimitInBytes]), [["50000", "134217728"]]);
  assert.deepEqual([node.pod("p")?.status.allocatedResources, statusOf(node)?.resources, statusOf(node)?.restartCount], [{ cpu: "500m", memory: "128Mi" }, {}, 0]);
  await node.eventually(() => assert.deepEqual([stories(node).length, resizeConditions(node)], [2, []]));
  await node.restart();
  resizePod(amounts("100k", "128Mi"));
  await node.eventually(() => assert.match(conditionTexts(node)[0] ?? "", /^PodResizePending Infeasible: /));
  assert.deepEqual(node.pod("p")?.status.resources, amounts("500m", "128Mi"));
});

test("a resize of the pod makes those containers anew whose policy says so", async (t) => {
  const { node, updates, resizePod } = await begin(t, { resources: {}, resizePolicy: [{ resourceName: "memory", restartPolicy: "RestartContainer" }] }, { resources: amounts("200m", "64Mi") });
  resizePod(amounts("200m", "128Mi"));
  await node.eventually(() => assert.deepEqual([statusOf(node)?.restartCount, statusOf(node)?.ready, node.pod("p")?.status.resources], [1, true, amounts("200m", "128Mi")]));
  assert.deepEqual(updates, []);
});
