import assert from "node:assert/strict";
import { test } from "node:test";
import type { Node } from "#api/gen/core-v1.ts";
import type { CSINode } from "#api/gen/storage-v1.ts";
import { annotationsWith, csiNodeWith, csiNodeWithout, labelsOf, versionProblem } from "./csi-node-plan.ts";

const node = (annotations: Record<string, string> = {}, labels: Record<string, string> = {}): Node => ({ metadata: { name: "n1", annotations, labels }, spec: {}, status: {} });
const id = "csi.volume.kubernetes.io/nodeid";
const csiNode = (...drivers: CSINode["spec"]["drivers"]): CSINode => ({ metadata: { name: "n1" }, spec: { drivers } });

test("a driver of version 1 does, and no other", () => {
  assert.deepEqual([["1.0.0"], ["v1.9"], ["0.3", "1"], ["0.3.0"], []].map((versions) => versionProblem("d", versions)), [
    undefined, undefined, undefined, "none of the CSI versions reported by this driver are supported: 0.3.0", "CSI driver d reported no supported versions",
  ]);
});

test("the node's annotation has the id of each driver", () => {
  assert.deepEqual(annotationsWith(node(), "d", "x"), { [id]: '{"d":"x"}' });
  assert.deepEqual(annotationsWith(node({ [id]: '{"e":"y","d":"old"}' }), "d", "x"), { [id]: '{"e":"y","d":"x"}' });
  assert.deepEqual(annotationsWith(node({ [id]: '{"e":"y","d":"x"}' }), "d", undefined), { [id]: '{"e":"y"}' });
  assert.deepEqual(annotationsWith(node({ [id]: '{"d":"x"}' }), "d", undefined), { [id]: null });
});

test("topology becomes labels, unless one says otherwise already", () => {
  const told = { accessibleTopology: { segments: { "example.com/zone": "a" } } };
  assert.deepEqual(labelsOf(node({}, { "example.com/zone": "a" }), told), { "example.com/zone": "a" });
  assert.throws(() => labelsOf(node({}, { "example.com/zone": "b" }), told), { message: 'detected topology value collision: driver reported "example.com/zone":"a" but existing label is "example.com/zone":"b"' });
});

test("a CSINode has each driver once", () => {
  const told = { nodeId: "x", maxVolumesPerNode: "3", accessibleTopology: { segments: { "example.com/zone": "a" } } };
  const entry = { name: "d", nodeID: "x", topologyKeys: ["example.com/zone"], allocatable: { count: 3 } };
  const other = { name: "e", nodeID: "y", topologyKeys: [] };
  assert.deepEqual(csiNodeWith(csiNode(other, { name: "d", nodeID: "old" }), "d", told), csiNode(other, entry));
  assert.deepEqual(csiNodeWith(csiNode(), "e", { nodeId: "y" }), csiNode(other));
  assert.deepEqual(csiNodeWithout(csiNode(other, entry), "d"), csiNode(other));
});
