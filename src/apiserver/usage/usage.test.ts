import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "#base/clock.ts";
import { silent } from "#base/log.ts";
import type { Reader } from "../admission/attributes.ts";
import { parsePoints, type ContainerPoint, type NodePoints } from "./points.ts";
import { UsageScraper } from "./scraper.ts";
import { nodeUsage, podUsages } from "./usage.ts";

const text = (at: number, cpu: number): string => `# HELP node_cpu_usage_seconds_total [STABLE] Cumulative cpu time consumed by the node in core-seconds
# TYPE node_cpu_usage_seconds_total counter
node_cpu_usage_seconds_total ${cpu} ${at}
node_memory_working_set_bytes 4096 ${at}
container_cpu_usage_seconds_total{container="app",namespace="default",pod="web"} 0.5 ${at}
container_memory_working_set_bytes{container="app",namespace="default",pod="web"} 2048 ${at}
container_start_time_seconds{container="app",namespace="default",pod="web"} 1.5
container_cpu_usage_seconds_total{container="half",namespace="default",pod="other"} 1 ${at}
pod_cpu_usage_seconds_total{namespace="default",pod="web"} 0.6 ${at}
resource_scrape_error 0
not a line at all {
`;

test("a kubelet's text becomes points; what lacks a half is none", () => {
  const { node, pods } = parsePoints(text(9_000, 7), 1);
  assert.deepEqual(node, { at: 9_000, cpuSeconds: 7, memoryBytes: 4_096 });
  assert.deepEqual([...pods].map(([name, containers]) => [name, [...containers]]), [
    ["default/web", [["app", { at: 9_000, cpuSeconds: 0.5, memoryBytes: 2_048, startedAt: 1_500 }]]], ["default/other", []],
  ]);
});

test("a point without a time of its own was measured now", () => {
  assert.equal(parsePoints("node_cpu_usage_seconds_total 1\nnode_memory_working_set_bytes 2\n", 77).node?.at, 77);
});

const look = (at: number, cpuSeconds: number): NodePoints => ({ node: { at, cpuSeconds, memoryBytes: 100 }, pods: new Map() });
const nodeCases = [
  { name: "one look is not enough", last: look(20_000, 5), before: undefined, want: undefined },
  { name: "half a core over ten seconds", last: look(20_000, 10), before: look(10_000, 5), want: { at: 20_000, windowMs: 10_000, nanoCores: 500_000_000, memoryBytes: 100 } },
  { name: "a node that was started again begins anew", last: look(20_000, 1), before: look(10_000, 5), want: undefined },
  { name: "time does not run backwards", last: look(10_000, 10), before: look(20_000, 5), want: undefined },
];
for (const { name, last, before, want } of nodeCases) test(name, () => assert.deepEqual(nodeUsage({ last, before }), want));

const container = (at: number, cpuSeconds: number, startedAt: number): ContainerPoint => ({ at, cpuSeconds, startedAt, memoryBytes: 7 });
const pod = (containers: Readonly<Record<string, ContainerPoint>>): NodePoints => ({ node: undefined, pods: new Map([["ns/p", new Map(Object.entries(containers))]]) });
const podCases = [
  { name: "each container over its own window, the pod over the oldest", last: pod({ b: container(30_000, 3, 1), a: container(29_000, 2, 1) }), before: pod({ a: container(19_000, 1, 1), b: container(10_000, 1, 1) }),
    want: { at: 29_000, windowMs: 10_000, containers: [{ name: "a", at: 29_000, windowMs: 10_000, nanoCores: 100_000_000, memoryBytes: 7 }, { name: "b", at: 30_000, windowMs: 20_000, nanoCores: 100_000_000, memoryBytes: 7 }] } },
  { name: "a young container counts from its start", last: pod({ a: container(30_000, 1, 10_000) }), before: undefined, want: { at: 30_000, windowMs: 20_000, containers: [{ name: "a", at: 30_000, windowMs: 20_000, nanoCores: 50_000_000, memoryBytes: 7 }] } },
  { name: "one that is too young is not told yet", last: pod({ a: container(30_000, 1, 25_000) }), before: undefined, want: undefined },
  { name: "an instance is not compared with the one before it", last: pod({ a: container(30_000, 5, 25_000) }), before: pod({ a: container(15_000, 1, 1) }), want: undefined },
  { name: "a pod is told whole or not at all", last: pod({ a: container(30_000, 5, 1), b: container(30_000, 5, 25_000) }), before: pod({ a: container(15_000, 1, 1) }), want: undefined },
];
for (const { name, last, before, want } of podCases) test(name, () => assert.deepEqual(podUsages({ last, before }).get("ns/p"), want));

test("every node is asked; one that does not answer has no numbers", async () => {
  const nodes = ["good", "mute"].map((name) => ({ metadata: { name } }));
  const answers = [text(10_000, 5), text(20_000, 10), text(20_000, 10)];
  const asked: string[] = [];
  const scraper = new UsageScraper({
    clock: systemClock, log: silent, reader: { get: async () => undefined, list: async () => nodes } as unknown as Reader,
    connect: {
      async kubeletText(node, path) {
        asked.push(`${node} ${path}`);
        if (node === "mute") throw new Error("connection refused");
        return answers.shift() ?? "";
      },
    },
  });
  const { signal } = new AbortController();
  await scraper.round(signal);
  assert.deepEqual([...scraper.nodes], []);
  await scraper.round(signal);
  const want = [["good", { at: 20_000, windowMs: 10_000, nanoCores: 500_000_000, memoryBytes: 4_096 }]];
  assert.deepEqual([...scraper.nodes], want);
  await scraper.round(signal);
  assert.deepEqual([...scraper.nodes], want, "the same answer again is no new look");
  nodes.shift();
  await scraper.round(signal);
  assert.deepEqual([...scraper.nodes], [], "a node that is gone has no numbers");
  assert.deepEqual(asked, [...Array.from({ length: 3 }, () => ["good", "mute"]).flat(), "mute"].map((node) => `${node} /metrics/resource`));
});
