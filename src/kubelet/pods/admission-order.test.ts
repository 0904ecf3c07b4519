/** Who is let in first when there is not room for all. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Quantity } from "#apimachinery/quantity.ts";
import type { Pod } from "#api/gen/core-v1.ts";
import { systemClock } from "#base/clock.ts";
import { followPods } from "../config.ts";
import { app, startNode } from "../fake-node.ts";
import { resourcesOf } from "../node/node-info.ts";
import { defaultSettings } from "../settings/settings.ts";

const podOf = (name: string, created: string): Pod => ({ metadata: { name, uid: name, creationTimestamp: created }, spec: { containers: [] }, status: {} });

test("pods that are there already come in the order of their creation, later ones as they come", () => {
  const there = [podOf("b", "2026-01-01T00:00:03Z"), podOf("a", "2026-01-01T00:00:02Z"), podOf("c", "2026-01-01T00:00:01Z")];
  const come: string[] = [];
  let tell: Parameters<Parameters<typeof followPods>[0]["onChange"]>[0] = () => {};
  followPods({ onChange(handler) {
    tell = handler;
    for (const object of there) handler({ old: undefined, object });
    return () => {};
  } }, { update: ({ metadata }) => come.push(metadata.name), remove: () => {} });
  tell({ old: undefined, object: podOf("old", "2020-01-01T00:00:00Z") });
  assert.deepEqual(come, ["c", "a", "b", "old"]);
});

test("after a restart nobody takes the place of a pod that runs, however slowly the runtime tells of it", async (t) => {
  const node = await startNode(t);
  const { allocatable } = await resourcesOf(node.dir, defaultSettings);
  const most = { requests: { memory: String(Math.floor(Quantity.parse(allocatable["memory"] ?? "0").value * 0.6)) } };
  await node.create("runs", { containers: [app({ resources: most })] }, { creationTimestamp: "2026-01-01T00:00:01Z" });
  await node.eventually(() => assert.equal(node.pod("runs")?.status.phase, "Running"));
  const { listContainers } = node.runtime;
  node.runtime.listContainers = async (request) => {
    if (request.filter?.labelSelector !== undefined) await systemClock.sleep(100, t.signal);
    return listContainers.call(node.runtime, request);
  };
  const restarted = node.restart();
  await node.create("comes", { containers: [app({ resources: most })] }, { creationTimestamp: "2026-01-01T00:00:02Z" });
  await restarted;
  await node.eventually(() => assert.deepEqual([node.pod("comes")?.status.reason, node.pod("runs")?.status.phase], ["OutOfmemory", "Running"]));
});
