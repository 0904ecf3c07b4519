import assert from "node:assert/strict";
import { test } from "node:test";
import type { Shim } from "./leftovers.ts";
import { orphansOf, ripe, sighted, type Orphan, type Sightings } from "./orphan-rule.ts";

const shim = (id: string, pid: number, started: string): Shim => ({ id, namespace: "k8s.io", process: { pid, started } });
const task = (id: string, ...shims: readonly Shim[]): Orphan => ({ kind: "task", id, shims });
const netns = (path: string): Orphan => ({ kind: "netns", path });
const nothing = { directories: [], shims: [], emptyNetns: [] };
const records = (containers: readonly string[], paths: readonly string[] = []): Parameters<typeof orphansOf>[1] => ({ containers: new Set(containers), netns: new Set(paths) });

const cases = [
  { name: "leaves what has a record", found: { ...nothing, directories: ["a", "b"], shims: [shim("a", 1, "10")] }, records: records(["a", "b"]), orphans: [] },
  { name: "finds a directory whose shim is dead", found: { ...nothing, directories: ["a", "b"] }, records: records(["b"]), orphans: [task("a")] },
  { name: "finds a shim without a directory", found: { ...nothing, shims: [shim("a", 1, "10")] }, records: records([]), orphans: [task("a", shim("a", 1, "10"))] },
  { name: "tells directories and shim of one container once", found: { ...nothing, directories: ["a", "a"], shims: [shim("a", 1, "10")] }, records: records(["b"]), orphans: [task("a", shim("a", 1, "10"))] },
  { name: "finds a directory that was half deleted, whatever its container's record", found: { ...nothing, directories: ["a", ".a"] }, records: records(["a"]), orphans: [task(".a")] },
  { name: "leaves a shim that is just being started and has no name yet", found: { ...nothing, shims: [shim("", 1, "10")] }, records: records([]), orphans: [] },
  { name: "finds an empty network namespace that no sandbox names", found: { ...nothing, emptyNetns: ["/netns/x", "/netns/y"] }, records: records([], ["/netns/y"]), orphans: [netns("/netns/x")] },
] as const;

for (const { name, found, records: known, orphans } of cases) test(name, () => assert.deepEqual(orphansOf(found, known), orphans));

/** What is taken away after looks that saw these. */
const taken = (...seen: readonly (readonly Orphan[])[]): readonly Orphan[] => ripe(seen.reduce<Sightings>(sighted, new Map()), seen.at(-1) ?? []);

test("a task is taken away when two looks in a row saw it with the very same processes", () => {
  const [a, b] = [shim("a", 1, "10"), shim("b", 2, "10")];
  assert.deepEqual(taken([task("a", a)]), []);
  assert.deepEqual(taken([task("a", a)], [task("a", a), task("b", b)]), [task("a", a)]);
  assert.deepEqual(taken([task("a", a)], []), []);
  assert.deepEqual(taken([task("a", a)], [], [task("a", a)]), []);
  assert.deepEqual(taken([task("a", a)], [task("a", shim("a", 1, "11"))]), []);
  assert.deepEqual(taken([task("a", a)], [task("a", a, shim("a", 3, "10"))]), []);
  assert.deepEqual(taken([task("a", a)], [task("a")]), []);
});

test("a network namespace is given almost a minute to be recorded", () => {
  const looks = (count: number): (readonly Orphan[])[] => Array.from({ length: count }, () => [netns("/netns/x")]);
  assert.deepEqual(taken(...looks(9)), []);
  assert.deepEqual(taken(...looks(10)), [netns("/netns/x")]);
});
