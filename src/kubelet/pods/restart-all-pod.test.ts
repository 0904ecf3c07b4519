import assert from "node:assert/strict";
import { test } from "node:test";
import type { Container, ContainerStatus, Pod, PodCondition } from "#api/gen/core-v1.ts";
import type { Behaviour } from "#cri/simulated/behaviour.ts";
import { app, startNode } from "../fake-node.ts";

const begins: Partial<Container> = { restartPolicy: "Never", restartPolicyRules: [{ action: "RestartAllContainers", exitCodes: { operator: "In", values: [42] } }] };
const statuses = ({ status }: Pod): readonly ContainerStatus[] => [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
const condition = ({ status }: Pod): PodCondition | undefined => status.conditions?.find(({ type }) => type === "AllContainersRestarting");

test("one container's end starts all of the pod's anew in the same sandbox, also those that are done", async (t) => {
  const starts: string[] = [];
  const script = ({ metadata }: { readonly metadata?: { readonly name?: string } }): Behaviour => {
    const { name = "" } = metadata ?? {};
    starts.push(name);
    const before = starts.filter((each) => each === name).length > 1;
    return name === "app" && !before ? { exitAfterMs: 30, exitCode: 42 } : name === "app" || name === "beside" ? {} : { exitAfterMs: 1 };
  };
  const node = await startNode(t, { script });
  await node.create("p", { restartPolicy: "Never", initContainers: [app({ name: "init" })], containers: [app({ ...begins }), app({ name: "beside" }), app({ name: "done" })] });
  await node.eventually(() => assert.deepEqual(statuses(node.pod("p") as Pod).map(({ restartCount }) => restartCount), [1, 1, 1, 1]), 60_000);
  await node.eventually(() => assert.equal(condition(node.pod("p") as Pod)?.status, "False"));
  assert.deepEqual([starts.slice(0, 4).sort(), starts.slice(4).sort(), starts[4]], [["app", "beside", "done", "init"], ["app", "beside", "done", "init"], "init"]);
  const { phase, containerStatuses = [] } = (node.pod("p") as Pod).status;
  assert.equal(phase, "Running");
  assert.deepEqual(containerStatuses.map(({ lastState }) => lastState?.terminated?.exitCode), [42, 143, 0]);
  const { items = [] } = await node.runtime.listPodSandbox({});
  assert.equal(items.length, 1);
});

test("a sidecar's end does so, too, and another kubelet goes on where one has stopped", async (t) => {
  let starts = 0;
  const node = await startNode(t, { script: ({ metadata }) => (metadata?.name === "side" && ++starts < 3 ? { exitAfterMs: 300, exitCode: 42 } : {}) });
  await node.create("p", { restartPolicy: "Never", initContainers: [app({ name: "side", ...begins, restartPolicy: "Always" })], containers: [app()] });
  await node.eventually(() => assert.equal(statuses(node.pod("p") as Pod)[0]?.state?.waiting?.reason, "CrashLoopBackOff"), 60_000);
  await node.restart();
  await node.eventually(() => assert.deepEqual(statuses(node.pod("p") as Pod).map(({ restartCount, state }) => [restartCount, state?.running !== undefined]), [[2, true], [2, true]]), 60_000);
  assert.equal(node.pod("p")?.status.phase, "Running");
});

test("a pod that begins anew again and again waits longer each time, with nothing running", async (t) => {
  const node = await startNode(t, { script: ({ metadata }) => (metadata?.name === "app" ? { exitAfterMs: 5, exitCode: 42 } : {}) });
  await node.create("p", { containers: [app({ ...begins }), app({ name: "beside" })] });
  await node.eventually(() => assert.equal(node.pod("p")?.status.containerStatuses?.[0]?.state?.waiting?.reason, "CrashLoopBackOff"), 60_000);
  const { containers = [] } = await node.runtime.listContainers({});
  assert.deepEqual([condition(node.pod("p") as Pod)?.reason, containers.filter(({ state }) => state === "CONTAINER_RUNNING").length, node.pod("p")?.status.phase], ["RestartAllContainersStarted", 0, "Running"]);
});
