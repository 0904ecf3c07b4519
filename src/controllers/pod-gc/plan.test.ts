import assert from "node:assert/strict";
import { test } from "node:test";
import type { Node, Pod } from "#api/gen/core-v1.ts";
import { plan } from "./plan.ts";

const now = 1_000_000;
const options = { now, quarantineMs: 40_000, threshold: 1 };
interface Shape { readonly on?: string; readonly phase?: "Pending" | "Running" | "Succeeded" | "Failed"; readonly leaving?: boolean; readonly created?: number }
const pod = (name: string, { on, phase = "Running", leaving, created = 0 }: Shape = {}): Pod => ({
  metadata: { name, creationTimestamp: new Date(created * 1000).toISOString(), ...(leaving && { deletionTimestamp: "2026-01-01T00:00:00Z" }) },
  spec: { containers: [], ...(on !== undefined && { nodeName: on }) }, status: { phase },
});
const node = (ready: "True" | "Unknown", ...taints: readonly string[]): Node =>
  ({ metadata: { name: "n" }, spec: { taints: taints.map((key) => ({ key, effect: "NoExecute" as const })) }, status: { conditions: [{ type: "Ready", status: ready }] } });
const outOfService = "node.kubernetes.io/out-of-service";

// Upstream: pkg/controller/podgc/gc_controller_test.go
const cases: readonly { readonly name: string; readonly pods: readonly Pod[]; readonly nodes?: Readonly<Record<string, Node>>; readonly gone?: Readonly<Record<string, number>>; readonly want: readonly string[] }[] = [
  { name: "pods of a node that has been gone for long", pods: [pod("a", { on: "gone" }), pod("b", { on: "n" })], nodes: { n: node("True") }, gone: { gone: now - 40_000 }, want: ["a orphaned failed"] },
  { name: "not of one that may come back", pods: [pod("a", { on: "gone" })], gone: { gone: now - 39_999 }, want: [] },
  { name: "nor of one that has just been missed", pods: [pod("a", { on: "gone" })], want: [] },
  { name: "what was deleted before it had a node", pods: [pod("a", { phase: "Pending", leaving: true }), pod("b", { phase: "Pending" })], want: ["a unscheduled failed"] },
  { name: "what leaves a node out of service", pods: [pod("a", { on: "n", leaving: true }), pod("b", { on: "n" })], nodes: { n: node("Unknown", outOfService) }, want: ["a out-of-service failed"] },
  { name: "not while the node answers", pods: [pod("a", { on: "n", leaving: true })], nodes: { n: node("True", outOfService) }, want: [] },
  { name: "nor because it does not", pods: [pod("a", { on: "n", leaving: true })], nodes: { n: node("Unknown", "node.kubernetes.io/unreachable") }, want: [] },
  { name: "the oldest of too many that have ended", pods: [pod("new", { phase: "Failed", created: 30 }), pod("old", { phase: "Succeeded", created: 10 }), pod("running", { created: 1 })], want: ["old terminated"] },
  { name: "an ended orphan is not said to have failed", pods: [pod("a", { on: "gone", phase: "Succeeded" })], gone: { gone: 0 }, want: ["a orphaned"] },
];
test("with a threshold of 0 none goes for being one of many", () => assert.deepEqual(plan([pod("a", { phase: "Failed" })], new Map(), new Map(), { ...options, threshold: 0 }), []));
for (const { name, pods, nodes = {}, gone = {}, want } of cases) {
  test(name, () => assert.deepEqual(plan(pods, new Map(Object.entries(nodes)), new Map(Object.entries(gone)), options).map((r) => `${r.pod.metadata.name} ${r.why}${r.fail ? " failed" : ""}`), want));
}
