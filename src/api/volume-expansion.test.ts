import assert from "node:assert/strict";
import { test } from "node:test";
import type { PersistentVolume, PersistentVolumeClaim } from "./gen/core-v1.ts";
import { grown, nodeMustGrow, waitsForNode, wantsToGrow } from "./volume-expansion.ts";

const claim = (asked: string, has: string | undefined, conditions: string[] = []): PersistentVolumeClaim => ({
  metadata: { name: "c" },
  spec: { resources: { requests: { storage: asked } } },
  status: { phase: "Bound", ...(has !== undefined && { capacity: { storage: has } }), conditions: conditions.map((type) => ({ type, status: "True" as const })) },
});
const volume = (storage: string): PersistentVolume => ({ metadata: { name: "v" }, spec: { capacity: { storage } }, status: {} });

const cases: readonly [name: string, PersistentVolumeClaim, PersistentVolume, wants: boolean, node: boolean][] = [
  ["as large as asked for", claim("1Gi", "1Gi"), volume("1Gi"), false, false],
  ["asks for more", claim("2Gi", "1Gi"), volume("1Gi"), true, false],
  ["its volume has grown", claim("2Gi", "1Gi"), volume("2Gi"), true, true],
  ["got more than it asked for", claim("1Gi", "2Gi"), volume("2Gi"), false, false],
  ["nobody has said yet what it has", claim("1Gi", undefined), volume("1Gi"), false, false],
];
for (const [name, of, bound, wants, node] of cases) test(name, () => assert.deepEqual([wantsToGrow(of), nodeMustGrow({ claim: of, volume: bound })], [wants, node]));

test("when all is done nothing is said of growth any more, and the rest stays", () => {
  const { capacity, conditions, allocatedResourceStatuses } = grown(claim("2Gi", "1Gi", ["Resizing", "FileSystemResizePending", "Other"]), "2Gi");
  assert.deepEqual([capacity, conditions?.map(({ type }) => type), allocatedResourceStatuses], [{ storage: "2Gi" }, ["Other"], { storage: null }]);
});

test("a volume that waits for its node says so", () => {
  const { conditions, allocatedResourceStatuses } = waitsForNode(claim("2Gi", "1Gi", ["Resizing"]), "2026-01-01T00:00:00Z");
  assert.deepEqual([conditions?.map(({ type }) => type), allocatedResourceStatuses], [["FileSystemResizePending"], { storage: "NodeResizePending" }]);
});
