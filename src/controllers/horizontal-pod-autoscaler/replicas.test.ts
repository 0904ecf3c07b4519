import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod } from "#api/gen/core-v1.ts";
import { byAverage, byRatio, byShare, byUtilization, type Situation } from "./replicas.ts";
import type { PodMetrics } from "./pod-metrics.ts";

const now = Date.parse("2026-01-01T01:00:00Z");
const ago = (seconds: number): string => new Date(now - seconds * 1000).toISOString();

interface Shape { readonly phase?: string; readonly ready?: "True" | "False"; readonly started?: number; readonly since?: number; readonly leaving?: boolean; readonly request?: string; readonly containers?: readonly object[] }
function pod(name: string, { phase = "Running", ready = "True", started = 3600, since = 3500, leaving, request = "1", containers }: Shape = {}): Pod {
  const own = containers ?? [{ name: "app", resources: { requests: { cpu: request, memory: "1Gi" } } }];
  return {
    metadata: { name, namespace: "default", ...(leaving && { deletionTimestamp: ago(1) }) }, spec: { containers: own },
    status: { phase, startTime: ago(started), conditions: [{ type: "Ready", status: ready, lastTransitionTime: ago(since) }] },
  } as unknown as Pod;
}
/** What the pods use, in thousandths, measured over the last minute. */
const using = (values: Readonly<Record<string, number>>): PodMetrics => new Map(Object.entries(values).map(([name, value]) => [name, { value, at: now, windowMs: 60_000 }]));
const seen = (pods: readonly Pod[], rest: Partial<Situation> = {}): Situation => ({ pods, replicas: pods.length, tolerances: { up: 0.1, down: 0.1 }, now, ...rest });
const three = [pod("a"), pod("b"), pod("c")];

// Upstream: pkg/controller/podautoscaler/replica_calculator_test.go
const cases: readonly { readonly name: string; readonly pods: readonly Pod[]; readonly uses: Readonly<Record<string, number>>; readonly percent: number; readonly rest?: Partial<Situation>; readonly want: readonly [replicas: number, percent: number, average: number] }[] = [
  { name: "more pods for more load", pods: three, uses: { a: 300, b: 500, c: 700 }, percent: 30, want: [5, 50, 500] },
  { name: "fewer for less", pods: [...three, pod("d"), pod("e")], uses: { a: 100, b: 300, c: 500, d: 250, e: 250 }, percent: 50, want: [3, 28, 280] },
  { name: "a tenth more or less is nothing", pods: three, uses: { a: 1010, b: 1030, c: 1020 }, percent: 100, want: [3, 102, 1020] },
  { name: "unless less is tolerated upwards", pods: three, uses: { a: 1030, b: 1030, c: 1030 }, percent: 100, rest: { tolerances: { up: 0.02, down: 0.1 } }, want: [4, 103, 1030] },
  { name: "or more downwards", pods: three, uses: { a: 600, b: 600, c: 600 }, percent: 100, rest: { tolerances: { up: 0.1, down: 0.5 } }, want: [3, 60, 600] },
  { name: "a pod that is not ready idles when there are to be more", pods: [pod("a", { ready: "False", started: 60, since: 60 }), pod("b"), pod("c")], uses: { a: 300, b: 500, c: 700 }, percent: 30, want: [4, 60, 600] },
  { name: "one that was ready once counts as it is", pods: [pod("a", { ready: "False", started: 3600, since: 100 }), pod("b"), pod("c")], uses: { a: 300, b: 500, c: 700 }, percent: 30, want: [5, 50, 500] },
  { name: "one that was measured before it was ready for a minute does not count yet", pods: [pod("a", { started: 90, since: 30 }), pod("b"), pod("c")], uses: { a: 300, b: 500, c: 700 }, percent: 30, want: [4, 60, 600] },
  { name: "so many unready ones change nothing", pods: [pod("a", { ready: "False", started: 60, since: 60 }), pod("b"), pod("c", { ready: "False", started: 60, since: 60 })], uses: { a: 400, b: 500, c: 700 }, percent: 30, want: [3, 50, 500] },
  { name: "a pending pod idles", pods: [pod("a"), pod("b"), pod("c", { phase: "Pending" })], uses: { a: 700, b: 500 }, percent: 30, want: [4, 60, 600] },
  { name: "failed and leaving pods are no pods", pods: [pod("a", { phase: "Failed" }), pod("b"), pod("c", { leaving: true }), pod("d")], uses: { b: 700, c: 900, d: 500 }, percent: 30, want: [4, 60, 600] },
  { name: "of a missing one all is believed when there are to be fewer", pods: [...three, pod("d")], uses: { a: 100, b: 300, c: 600 }, percent: 50, rest: { replicas: 4 }, want: [4, 33, 333] },
  { name: "even twice what it asks for where so much is wanted", pods: [pod("a"), pod("b"), pod("c")], uses: { a: 1000, b: 1000 }, percent: 200, want: [2, 100, 1000] },
  { name: "nothing when there are to be more", pods: [...three, pod("d")], uses: { a: 1000, b: 1000, c: 1000 }, percent: 50, rest: { replicas: 4 }, want: [6, 100, 1000] },
  { name: "missing pods that would turn the direction round", pods: [...three, pod("d"), pod("e")], uses: { a: 550, b: 550 }, percent: 50, rest: { replicas: 5 }, want: [5, 55, 550] },
];
for (const { name, pods, uses, percent, rest, want } of cases) {
  test(`by use: ${name}`, () => {
    const found = byUtilization(using(uses), { resource: "cpu", percent }, seen(pods, rest));
    assert.deepEqual([found.replicas, found.percent, found.average], want);
  });
}

test("memory is counted from the first moment", () => {
  const young = pod("a", { ready: "False", started: 10, since: 10 });
  assert.deepEqual(byUtilization(using({ a: 2 ** 30 * 1000 }), { resource: "memory", percent: 50 }, seen([young])), { replicas: 2, percent: 100, average: 2 ** 30 * 1000 });
});

test("one container of each pod, by what it asks for", () => {
  const containers = [{ name: "app", resources: { requests: { cpu: "200m" } } }, { name: "log", resources: { requests: { cpu: "2" } } }];
  assert.deepEqual(byUtilization(using({ a: 200 }), { resource: "cpu", container: "app", percent: 50 }, seen([pod("a", { containers })])), { replicas: 2, percent: 100, average: 200 });
});

const refused: readonly [name: string, pods: readonly Pod[], uses: Readonly<Record<string, number>>, why: string][] = [
  ["no pods", [], { a: 1 }, "no pods returned by selector while calculating replica count"],
  ["none that is ready", [pod("a", { phase: "Pending" })], { a: 1 }, "did not receive metrics for targeted pods (pods might be unready)"],
  ["one that asks for nothing", [pod("a", { containers: [{ name: "app" }] })], { a: 1 }, "missing request for cpu in container app of Pod a"],
  ["only strangers", [pod("a", { since: 3000 })], { z: 5 }, "no metrics returned matched known pods"],
];
for (const [name, pods, uses, why] of refused) test(`cannot be reckoned: ${name}`, () => assert.throws(() => byUtilization(using(uses), { resource: "cpu", percent: 50 }, seen(pods)), { name: "MetricError", message: why }));

test("by average: a value that each pod has", () => {
  assert.deepEqual(byAverage(using({ a: 20_000, b: 10_000, c: 30_000 }), { value: 15_000 }, seen(three)), { replicas: 4, average: 20_000 });
  assert.deepEqual(byAverage(using({ a: 10_000, b: 10_000 }), { value: 50_000 }, seen(three)), { replicas: 2, average: 10_000 });
});

test("by ratio: of the pods that are ready, or from none at all", () => {
  assert.deepEqual([byRatio(2, seen([...three, pod("d", { ready: "False" })])), byRatio(1.05, seen(three)), byRatio(2.5, seen([], { replicas: 0 }))], [6, 3, 3]);
});

test("by share: each pod's part of what all share", () => {
  assert.deepEqual([byShare(8_600, 3_000, 4, seen(three)), byShare(9_100, 3_000, 3, seen(three))], [{ replicas: 3, average: 2_150 }, { replicas: 3, average: 3_034 }]);
});
