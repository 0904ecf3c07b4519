import assert from "node:assert/strict";
import { test } from "node:test";
import type { PersistentVolume, PersistentVolumeClaim } from "#api/gen/core-v1.ts";
import type { StorageClass } from "#api/gen/storage-v1.ts";
import { directoryOf, isOurs, isToBeDeleted, isWanted, volumeFor } from "./plan.ts";

const storageClass: StorageClass = { metadata: { name: "local-path" }, provisioner: "seedpod.dev/local-path" };
const annotations = { "volume.kubernetes.io/storage-provisioner": "seedpod.dev/local-path", "volume.kubernetes.io/selected-node": "n1" };
const claimOf = (spec: object = {}, metadata: object = {}): PersistentVolumeClaim => ({
  metadata: { name: "data", namespace: "shop", uid: "u-1", annotations, ...metadata }, status: {},
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, ...spec },
});
const made = (change: Partial<PersistentVolume> = {}): PersistentVolume => {
  const volume = volumeFor(claimOf(), storageClass, "n1", "/volumes/pvc-u-1");
  assert(typeof volume !== "string");
  return { ...volume, ...change };
};

const wanted: readonly { readonly name: string; readonly claim: PersistentVolumeClaim; readonly want: boolean }[] = [
  { name: "a claim that chose this node", claim: claimOf(), want: true },
  { name: "one that chose another", claim: claimOf({}, { annotations: { ...annotations, "volume.kubernetes.io/selected-node": "n2" } }), want: false },
  { name: "one that has a volume", claim: claimOf({ volumeName: "v" }), want: false },
  { name: "one that is leaving", claim: claimOf({}, { deletionTimestamp: "2026-01-01T00:00:00Z" }), want: false },
];
for (const { name, claim, want } of wanted) test(`${name} is ${want ? "served" : "left alone"}`, () => assert.equal(isWanted(claim, "n1"), want));

test("a directory stays beneath the root, whatever the uid says", () => assert.equal(directoryOf("/volumes", claimOf({}, { uid: "../../etc" })), "/volumes/pvc-etc"));

test("what a directory cannot be is refused in words", () => {
  const refusal = (spec: object): unknown => volumeFor(claimOf(spec), storageClass, "n1", "/v");
  assert.deepEqual([refusal({ volumeMode: "Block" }), refusal({ selector: {} })], ["volumeMode Block is not supported by this provisioner", "claim.Spec.Selector is not supported"]);
});

const volumes: readonly { readonly name: string; readonly volume: PersistentVolume; readonly node?: string; readonly ours: boolean; readonly goes: boolean }[] = [
  { name: "a released volume of this node", volume: made({ status: { phase: "Released" } }), ours: true, goes: true },
  { name: "a bound one", volume: made({ status: { phase: "Bound" } }), ours: true, goes: false },
  { name: "one of another node", volume: made({ status: { phase: "Released" } }), node: "n2", ours: false, goes: false },
  { name: "one that somebody else made", volume: made({ metadata: { name: "pvc-u-1" }, status: { phase: "Released" } }), ours: false, goes: false },
  { name: "one that is to be kept", volume: made({ spec: { ...made().spec, persistentVolumeReclaimPolicy: "Retain" }, status: { phase: "Released" } }), ours: true, goes: false },
];
for (const { name, volume, node = "n1", ours, goes } of volumes)
  test(`${name}: ${ours ? "ours" : "not ours"}, ${goes ? "removed" : "left"}`, () => assert.deepEqual([isOurs(volume, node), isToBeDeleted(volume, node)], [ours, goes]));
