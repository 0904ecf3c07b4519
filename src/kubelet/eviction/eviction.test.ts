import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod } from "#api/gen/core-v1.ts";
import { settingsWith, type ChosenSettings } from "../settings/read-settings.ts";
import { pressureRefusal } from "./admission.ts";
import { evictionWords } from "./messages.ts";
import { conditionsAt, mostUrgent, nextPressure, noPressure } from "./pressure.ts";
import { ranked, type PodUse } from "./ranking.ts";
import type { Observation, PressureCondition, Signal } from "./signals.ts";
import { passed, thresholdsOf, type Threshold } from "./thresholds.ts";

const Mi = 1024 * 1024;
const thresholds = (chosen: ChosenSettings): Threshold[] => thresholdsOf(settingsWith({ enforceNodeAllocatable: ["none"], ...chosen }));
const memory = (availableMi: number): ReadonlyMap<Signal, Observation> => new Map([["memory.available", { capacity: 1000 * Mi, available: availableMi * Mi }]]);

const metCases: readonly { readonly name: string; readonly chosen: ChosenSettings; readonly availableMi: number; readonly withReclaim?: boolean; readonly met: boolean }[] = [
  { name: "exactly the threshold is enough", chosen: { evictionHard: { "memory.available": "100Mi" } }, availableMi: 100, met: false },
  { name: "a byte less is not", chosen: { evictionHard: { "memory.available": "100Mi" } }, availableMi: 99, met: true },
  { name: "a share is of the capacity", chosen: { evictionHard: { "memory.available": "50%" } }, availableMi: 499, met: true },
  { name: "what must be reclaimed counts only after the threshold was passed", chosen: { evictionHard: { "memory.available": "100Mi" }, evictionMinimumReclaim: { "memory.available": "50Mi" } }, availableMi: 120, met: false },
  { name: "what must be reclaimed", chosen: { evictionHard: { "memory.available": "100Mi" }, evictionMinimumReclaim: { "memory.available": "50Mi" } }, availableMi: 120, withReclaim: true, met: true },
  { name: "nothing is no threshold", chosen: { evictionHard: { "memory.available": "0%" } }, availableMi: 0, met: false },
  { name: "what nobody measures is not passed", chosen: { evictionHard: { "pid.available": "10%" } }, availableMi: 0, met: false },
];
for (const { name, chosen, availableMi, withReclaim = false, met } of metCases)
  test(name, () => assert.equal(passed(thresholds(chosen), memory(availableMi), withReclaim).length > 0, met));

test("a hard threshold for memory is one for what the pods may have, too, where that is enforced", () => {
  const signals = thresholdsOf(settingsWith({ evictionHard: { "memory.available": "100Mi" } })).map(({ signal }) => signal);
  assert.deepEqual(signals, ["memory.available", "allocatableMemory.available"]);
});

test("a hard threshold is due at once, a soft one after its grace, and a condition stays for its transition", () => {
  const soft = thresholds({ evictionHard: { "memory.available": "100Mi" }, evictionSoft: { "memory.available": "200Mi" }, evictionSoftGracePeriod: { "memory.available": "30s" } });
  const seen = [[0, 150], [29_000, 150], [30_000, 150], [40_000, 50], [50_000, 500], [339_999, 500], [340_000, 500]] as const;
  let state = noPressure;
  const told = seen.map(([now, availableMi]) => {
    state = nextPressure(state, soft, memory(availableMi), now);
    return [state.due.map(({ graceMs }) => graceMs), conditionsAt(state, 300_000, now).length];
  });
  assert.deepEqual(told, [[[], 1], [[], 1], [[30_000], 1], [[0, 30_000], 1], [[], 1], [[], 1], [[], 0]]);
});

test("what was passed stays due until so much more is there", () => {
  const reclaiming = thresholds({ evictionHard: { "memory.available": "100Mi" }, evictionMinimumReclaim: { "memory.available": "50Mi" } });
  let state = noPressure;
  const due = [50, 120, 160, 120].map((availableMi, i) => (state = nextPressure(state, reclaiming, memory(availableMi), i)).due.length);
  assert.deepEqual(due, [1, 1, 0, 0]);
});

test("memory comes before disks", () => {
  const [disk, ram] = thresholds({ evictionHard: { "nodefs.available": "10%", "memory.available": "100Mi" } });
  assert.equal(mostUrgent([disk, ram].filter((t) => t !== undefined))?.signal, "memory.available");
});

const pod = (name: string, more: { readonly priority?: number; readonly request?: string; readonly tolerates?: boolean; readonly static?: boolean } = {}): Pod => ({
  metadata: { name, uid: name, ...(more.static === true && { annotations: { "kubernetes.io/config.source": "file" } }) }, status: {},
  spec: {
    containers: [{ name: "c", resources: more.request === undefined ? {} : { requests: { memory: more.request } } }], priority: more.priority ?? 0,
    ...(more.tolerates === true && { tolerations: [{ key: "node.kubernetes.io/memory-pressure", operator: "Exists", effect: "NoSchedule" }] }),
  },
});
const size = (bytes: number): { readonly bytes: number; readonly inodes: number } => ({ bytes, inodes: bytes / 10 });
const use = (n: number): PodUse => ({ memory: n * Mi, processes: n, volumes: size(0), containers: new Map([["c", { memory: n * Mi, written: size(n), logs: size(100 - n) }]]) });

const rankCases: readonly { readonly name: string; readonly signal: Signal; readonly pods: readonly Pod[]; readonly uses: Record<string, number>; readonly apart?: boolean; readonly want: string[] }[] = [
  { name: "who holds more than it asked for goes first, whatever its priority", signal: "memory.available", pods: [pod("within", { request: "50Mi" }), pod("over", { priority: 9 })], uses: { within: 40, over: 10 }, want: ["over", "within"] },
  { name: "among these the least important", signal: "memory.available", pods: [pod("high", { priority: 9 }), pod("low")], uses: { high: 50, low: 10 }, want: ["low", "high"] },
  { name: "among these who is over the most", signal: "memory.available", pods: [pod("some", { request: "45Mi" }), pod("most", { request: "10Mi" })], uses: { some: 50, most: 40 }, want: ["most", "some"] },
  { name: "who was not measured goes before all", signal: "memory.available", pods: [pod("known"), pod("unknown", { priority: 9 })], uses: { known: 50 }, want: ["unknown", "known"] },
  { name: "processes: priority, then count", signal: "pid.available", pods: [pod("high", { priority: 9 }), pod("few"), pod("many")], uses: { high: 99, few: 1, many: 2 }, want: ["many", "few", "high"] },
  { name: "images' disk: what was written over them", signal: "imagefs.available", pods: [pod("logs"), pod("writes")], uses: { logs: 10, writes: 20 }, apart: true, want: ["writes", "logs"] },
  { name: "the node's disk without images: logs and volumes", signal: "nodefs.available", pods: [pod("writes"), pod("logs")], uses: { logs: 10, writes: 20 }, apart: true, want: ["logs", "writes"] },
];
for (const { name, signal, pods, uses, apart = false, want } of rankCases)
  test(name, () => {
    const held = new Map(Object.entries(uses).map(([uid, n]) => [uid, use(n)]));
    assert.deepEqual(ranked(pods, signal, held, apart).map((p) => p.metadata.name), want);
  });

test("why a pod was evicted", () => {
  const due = thresholds({ evictionHard: { "memory.available": "10%" } });
  assert.deepEqual(evictionWords("memory", pod("p", { request: "1Mi" }), due, memory(50), use(2)), {
    message: "The node was low on resource: memory. Threshold quantity: 104857601, available: 50Mi. Container c was using 2Mi, request is 1Mi, has larger consumption of memory. ",
    annotations: { starved_resource: "memory", offending_containers: "c", offending_containers_usage: "2Mi" },
  });
  assert.equal(evictionWords("memory", pod("p", { request: "4Mi" }), thresholds({ evictionHard: { "memory.available": "100Mi" } }), memory(50), use(2)).message, "The node was low on resource: memory. Threshold quantity: 100Mi, available: 50Mi. ");
  assert.equal(evictionWords("pids", pod("p"), [], new Map(), undefined).message, "The node was low on resource: pids. ");
});

const admissionCases: readonly { readonly name: string; readonly pod: Pod; readonly conditions: readonly PressureCondition[]; readonly want: string | undefined }[] = [
  { name: "best effort under memory pressure", pod: pod("p"), conditions: ["MemoryPressure"], want: "The node had condition: [MemoryPressure]. " },
  { name: "who asks for some under memory pressure", pod: pod("p", { request: "1Mi" }), conditions: ["MemoryPressure"], want: undefined },
  { name: "who tolerates it", pod: pod("p", { tolerates: true }), conditions: ["MemoryPressure"], want: undefined },
  { name: "who asks for some under both", pod: pod("p", { request: "1Mi", tolerates: true }), conditions: ["MemoryPressure", "DiskPressure"], want: "The node had condition: [MemoryPressure DiskPressure]. " },
  { name: "critical", pod: pod("p", { priority: 2_000_000_000 }), conditions: ["DiskPressure"], want: undefined },
  { name: "static", pod: pod("p", { static: true }), conditions: ["DiskPressure"], want: undefined },
  { name: "who only says that it is static", pod: { ...pod("p"), metadata: { name: "p", resourceVersion: "1", annotations: { "kubernetes.io/config.source": "file" } } }, conditions: ["DiskPressure"], want: "The node had condition: [DiskPressure]. " },
  { name: "nothing is short", pod: pod("p"), conditions: [], want: undefined },
];
for (const { name, pod: asking, conditions, want } of admissionCases) test(`admission: ${name}`, () => assert.equal(pressureRefusal(asking, conditions)?.message, want));
