import assert from "node:assert/strict";
import { test } from "node:test";
import type { Node } from "#api/gen/core-v1.ts";
import { defaultNodeSettings } from "./settings.ts";
import { disruptionOf, Zones, type Disruption } from "./zones.ts";

const now = Date.parse("2026-01-01T01:00:00Z");
type Ready = "True" | "False" | "Unknown";
const node = (name: string, ready: Ready, zone = "z", since = "2026-01-01T00:59:00Z"): Node =>
  ({ metadata: { name, labels: { "topology.kubernetes.io/zone": zone } }, spec: {}, status: { conditions: [{ type: "Ready", status: ready, lastTransitionTime: since }] } });
/** So many that answer, so many that do not. */
const zoneOf = (good: number, bad: number, zone = "z"): Node[] => [
  ...Array.from({ length: good }, (_, i) => node(`${zone}-good-${i}`, "True", zone)), ...Array.from({ length: bad }, (_, i) => node(`${zone}-bad-${String(i).padStart(2, "0")}`, "Unknown", zone)),
];

// Upstream: pkg/controller/nodelifecycle/node_lifecycle_controller_test.go
const states: readonly [good: number, bad: number, want: Disruption][] = [[0, 0, "normal"], [1, 0, "normal"], [0, 1, "full"], [0, 9, "full"], [1, 2, "normal"], [1, 3, "partial"], [5, 6, "normal"], [4, 5, "partial"], [9, 11, "partial"], [90, 109, "normal"]];
for (const [good, bad, want] of states) test(`a zone of which ${good} answer and ${bad} do not is ${want}`, () => assert.equal(disruptionOf(zoneOf(good, bad), defaultNodeSettings), want));

/** Rounds a second apart, and which nodes each evicts. */
function evictions(nodes: readonly Node[], seconds: number): string[] {
  const zones = new Zones();
  const evicted = new Set<string>();
  const told: string[] = [];
  for (let second = 0; second < seconds; second++) {
    for (const { metadata: { name } } of zones.round(nodes, (n) => evicted.has(n.metadata.name), now + second * 1000).evict) {
      evicted.add(name);
      told.push(`${second} ${name}`);
    }
  }
  return told;
}

const cases: readonly [name: string, nodes: readonly Node[], seconds: number, want: readonly string[]][] = [
  ["one in ten seconds", zoneOf(9, 3), 25, ["0 z-bad-00", "10 z-bad-01", "20 z-bad-02"]],
  ["each zone for itself", [...zoneOf(9, 1), ...zoneOf(9, 2, "y")], 15, ["0 z-bad-00", "0 y-bad-00", "10 y-bad-01"]],
  ["none where most of a small zone is silent", zoneOf(1, 9), 200, []],
  ["one in a hundred seconds where most of a large one is", zoneOf(10, 50), 205, ["0 z-bad-00", "100 z-bad-01", "200 z-bad-02"]],
  ["a whole zone at the usual pace while another answers", [...zoneOf(0, 3), ...zoneOf(1, 0, "y")], 25, ["0 z-bad-00", "10 z-bad-01", "20 z-bad-02"]],
  ["none when nobody answers anywhere", [...zoneOf(0, 3), ...zoneOf(0, 1, "y")], 200, []],
  ["who has been silent for longest first", [...zoneOf(3, 0), node("late", "False"), node("early", "Unknown", "z", "2026-01-01T00:50:00Z")], 5, ["0 early"]],
];
for (const [name, nodes, seconds, want] of cases) test(`pods leave: ${name}`, () => assert.deepEqual(evictions(nodes, seconds), want));

test("when nobody answers any more, who was losing pods keeps them; when somebody does again, all get their time anew", () => {
  const zones = new Zones();
  const bad = zoneOf(0, 2);
  const evicting = (n: Node): boolean => n.metadata.name === "z-bad-00";
  assert.deepEqual(zones.round([...bad, node("last", "True")], evicting, now).recovered, false);
  assert.deepEqual(zones.round([...bad, node("last", "Unknown")], evicting, now).spare.map(({ metadata }) => metadata.name), ["z-bad-00"]);
  assert.deepEqual([1, 2].map(() => zones.round([...bad, node("last", "True")], evicting, now).recovered), [true, false]);
});

test("a clock that is set back holds nobody up", () => {
  const zones = new Zones();
  zones.round(zoneOf(3, 1), () => false, now);
  assert.equal(zones.round(zoneOf(3, 1), () => false, now - 3_600_000).evict.length, 1);
});
