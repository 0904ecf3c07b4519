import assert from "node:assert/strict";
import { test } from "node:test";
import type { Node, Pod } from "#api/gen/core-v1.ts";
import { startNode } from "../fake-node.ts";
import { settingsWith, type ChosenSettings } from "../settings/read-settings.ts";
import { podsByGroup, shutdownGrace, shutdownGroups } from "./shutdown-rules.ts";

const pod = (name: string, priority: number, grace: number = 30): Pod => ({ metadata: { name }, status: {}, spec: { priority, terminationGracePeriodSeconds: grace, containers: [] } });

const cases: readonly { readonly name: string; readonly chosen: ChosenSettings; readonly want: string }[] = [
  { name: "nobody has asked for it", chosen: {}, want: "" },
  { name: "critical pods after the others", chosen: { shutdownGracePeriod: "30s", shutdownGracePeriodCriticalPods: "10s" }, want: "20 s: low, high, most; 10 s: critical" },
  {
    name: "by priority, whoever is below all with the lowest",
    chosen: { shutdownGracePeriodByPodPriority: [{ priority: 1_000, shutdownGracePeriodSeconds: 5 }, { priority: 10, shutdownGracePeriodSeconds: 60 }] },
    want: "60 s: low, high; 5 s: most, critical",
  },
];
for (const { name, chosen, want } of cases)
  test(name, () => {
    const pods = [pod("low", -1), pod("high", 500), pod("most", 1_000), pod("critical", 2_000_000_000)];
    const groups = podsByGroup(pods, shutdownGroups(settingsWith(chosen)));
    assert.equal(groups.map((group) => `${group.seconds} s: ${group.pods.map((p) => p.metadata.name).join(", ")}`).join("; "), want);
  });

test("a pod gets its own grace, but no more than its group has", () => {
  assert.deepEqual([5, 30].map((own) => shutdownGrace(pod("p", 0, own), 20)), [5, 20]);
});

test("a node that goes down says so, ends its pods in order and lets nobody in", async (t) => {
  const node = await startNode(t, {}, { settings: settingsWith({ shutdownGracePeriod: "20s", shutdownGracePeriodCriticalPods: "10s" }) });
  await node.create("app", {});
  await node.create("critical", { priority: 2_000_000_000 });
  await node.eventually(() => {
    for (const name of ["app", "critical"]) assert.equal(node.pod(name)?.status.phase, "Running");
  });
  await node.shutDown();
  for (const name of ["app", "critical"]) {
    const { phase, reason, message, conditions } = node.pod(name)?.status ?? {};
    assert.deepEqual({ phase, reason, message }, { phase: "Failed", reason: "Terminated", message: "Pod was terminated in response to imminent node shutdown." });
    assert.equal(conditions?.find(({ type }) => type === "DisruptionTarget")?.reason, "TerminationByKubelet");
  }
  const killed = ["app", "critical"].map((name) => node.events(name).filter((event) => event.startsWith("Killing")).length);
  assert.deepEqual(killed, [1, 1]);
  await node.eventually(() => {
    const ready = (node.client.read("nodes/n1") as Node).status?.conditions?.find(({ type }) => type === "Ready");
    assert.deepEqual([ready?.status, ready?.message], ["False", "node is shutting down"]);
  });
  await node.create("late", {});
  await node.eventually(() => assert.equal(node.pod("late")?.status.reason, "NodeShutdown"));
});

test("without such settings the pods run on", async (t) => {
  const node = await startNode(t);
  await node.create("app", {});
  await node.eventually(() => assert.equal(node.pod("app")?.status.phase, "Running"));
  await node.shutDown();
  assert.equal(node.pod("app")?.status.phase, "Running");
});
