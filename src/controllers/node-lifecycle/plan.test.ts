import assert from "node:assert/strict";
import { test } from "node:test";
import type { Node, NodeCondition, Taint } from "#api/gen/core-v1.ts";
import { isEvicting, Signs, silenced, taintsOf } from "./plan.ts";
import { defaultNodeSettings } from "./settings.ts";

const now = Date.parse("2026-01-01T01:00:00Z");
const at = "2026-01-01T01:00:00Z";
const before = "2026-01-01T00:00:00Z";
const ready = (status: NodeCondition["status"], lastHeartbeatTime = before): NodeCondition => ({ type: "Ready", status, lastHeartbeatTime, lastTransitionTime: before });
const nodeOf = (conditions: NodeCondition[], spec: object = {}): Node => ({ metadata: { name: "n", uid: "u", creationTimestamp: before }, spec, status: { conditions } });
const said = (conditions: readonly NodeCondition[] | undefined): string[] | undefined => conditions?.map(({ type, status, reason = "" }) => `${type} ${status} ${reason}`);

// Upstream: pkg/controller/nodelifecycle tryUpdateNodeHealth
const unknown = "Unknown NodeStatusUnknown";
const never = "Unknown NodeStatusNeverUpdated";
const silences: readonly [name: string, node: Node, silentMs: number, want: readonly string[] | undefined][] = [
  ["one that spoke lately", nodeOf([ready("True")]), 50_000, undefined],
  ["one that fell silent", nodeOf([ready("True")]), 50_001, [`Ready ${unknown}`, `MemoryPressure ${never}`, `DiskPressure ${never}`, `PIDPressure ${never}`]],
  ["one that never spoke, for a minute", nodeOf([]), 60_000, undefined],
  ["and after it", nodeOf([]), 60_001, ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"].map((type) => `${type} ${never}`)],
  ["one that is known to be silent", nodeOf(["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"].map((type) => ({ type, status: "Unknown" }))), 90_000, undefined],
];
for (const [name, node, silentMs, want] of silences) test(`silence: ${name}`, () => assert.deepEqual(said(silenced(node, silentMs, defaultNodeSettings, now)), want));

const taint = (key: string, effect: Taint["effect"]): Taint => ({ key: `node.kubernetes.io/${key}`, effect });
const timed = (key: string): Taint => ({ ...taint(key, "NoExecute"), timeAdded: at });
const taints: readonly [name: string, node: Node, evict: boolean, want: readonly Taint[] | undefined][] = [
  ["none for who is well", nodeOf([ready("True")]), false, undefined],
  ["no new pods for who is not ready", nodeOf([ready("False")]), false, [taint("not-ready", "NoSchedule")]],
  ["and none of the old in its turn", nodeOf([ready("False")]), true, [taint("not-ready", "NoSchedule"), timed("not-ready")]],
  ["from not ready to out of reach", nodeOf([ready("Unknown")], { taints: [taint("not-ready", "NoSchedule"), taint("not-ready", "NoExecute")] }), true, [taint("unreachable", "NoSchedule"), timed("unreachable")]],
  ["well again", nodeOf([ready("True")], { taints: [taint("unreachable", "NoSchedule"), taint("unreachable", "NoExecute")] }), true, []],
  ["spared", nodeOf([ready("Unknown")], { taints: [taint("unreachable", "NoSchedule"), taint("unreachable", "NoExecute")] }), false, [taint("unreachable", "NoSchedule")]],
  ["cordoned, and short of memory", nodeOf([ready("True"), { type: "MemoryPressure", status: "True" }], { unschedulable: true }), false, [taint("memory-pressure", "NoSchedule"), taint("unschedulable", "NoSchedule")]],
  ["others' are kept", nodeOf([ready("True")], { taints: [{ key: "mine", effect: "NoExecute" }, taint("not-ready", "NoSchedule")] }), false, [{ key: "mine", effect: "NoExecute" }]],
];
for (const [name, node, evict, want] of taints) test(`taints: ${name}`, () => assert.deepEqual(taintsOf(node, evict, now), want));

test("only our own NoExecute taints count as losing pods", () => {
  const with1 = (...own: Taint[]): boolean => isEvicting(nodeOf([], { taints: own }));
  assert.deepEqual([with1(taint("unreachable", "NoExecute")), with1(taint("unreachable", "NoSchedule")), with1({ key: "mine", effect: "NoExecute" })], [true, false, false]);
});

test("a sign is a lease that was renewed or a status that was written, by this process's clock", () => {
  const signs = new Signs();
  const lease = (renewTime: string): { metadata: { name: string }; spec: { renewTime: string } } => ({ metadata: { name: "n" }, spec: { renewTime } });
  const node = nodeOf([ready("True")]);
  const seen = [
    signs.lastOf(node, lease("1"), 10), signs.lastOf(node, lease("1"), 20), signs.lastOf(node, lease("2"), 30),
    signs.lastOf(nodeOf([ready("True", at)]), lease("2"), 40), signs.lastOf(nodeOf([ready("Unknown", at)]), lease("2"), 50), signs.lastOf(nodeOf([ready("Unknown", before)]), lease("2"), 60),
  ];
  assert.deepEqual(seen, [10, 10, 30, 40, 50, 50]);
  signs.clear();
  assert.equal(signs.lastOf(node, lease("1"), 70), 70);
});
