import assert from "node:assert/strict";
import { test } from "node:test";
import type { PersistentVolume, PersistentVolumeClaim } from "#api/gen/core-v1.ts";
import type { StorageClass } from "#api/gen/storage-v1.ts";
import { planClaim, type ClaimPlan, type Known } from "./claim-plan.ts";
import { planVolume, unbound, type VolumePlan } from "./volume-plan.ts";

const boundClaim = { "pv.kubernetes.io/bind-completed": "yes" };
const mine = { namespace: "shop", name: "data", uid: "c" };
const claim = (spec: object = {}, annotations: Record<string, string> = {}): PersistentVolumeClaim =>
  ({ metadata: { name: "data", namespace: "shop", uid: "c", annotations }, spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, storageClassName: "", ...spec }, status: { phase: "Pending" } }) as PersistentVolumeClaim;
const volume = (name: string, spec: object = {}, rest: { readonly phase?: string; readonly annotations?: Record<string, string>; readonly labels?: Record<string, string>; readonly going?: boolean } = {}): PersistentVolume => ({
  metadata: { name, ...(rest.annotations && { annotations: rest.annotations }), ...(rest.labels && { labels: rest.labels }), ...(rest.going === true && { deletionTimestamp: "2026-01-01T00:00:00Z" }) },
  spec: { accessModes: ["ReadWriteOnce"], capacity: { storage: "1Gi" }, persistentVolumeReclaimPolicy: "Retain", ...spec }, status: { phase: rest.phase ?? "Available" },
}) as PersistentVolume;
const storageClass = (name: string, rest: object = {}, annotations: Record<string, string> = {}, creationTimestamp = "2026-01-01T00:00:00Z"): StorageClass =>
  ({ metadata: { name, annotations, creationTimestamp }, provisioner: "example.com/disk", volumeBindingMode: "Immediate", ...rest });

const known = (volumes: readonly PersistentVolume[], classes: readonly StorageClass[] = [], waiting: readonly string[] = []): Known => ({
  volumes, classes, volume: (name) => volumes.find(({ metadata }) => metadata.name === name), class: (name) => classes.find(({ metadata }) => metadata.name === name), waitingPods: () => waiting,
});
function text(plan: ClaimPlan): string {
  switch (plan.action) {
    case "bind": return `bind ${plan.volume.metadata.name}`;
    case "provision": return `provision ${plan.provisioner}`;
    case "class": return `class ${plan.name}`;
    case "wait": case "lose": return plan.tell === undefined ? plan.action : `${plan.action}: ${plan.tell.type} ${plan.tell.reason} ${plan.tell.message}`;
  }
}

const late = storageClass("late", { volumeBindingMode: "WaitForFirstConsumer" });
const isDefault = { "storageclass.kubernetes.io/is-default-class": "true" };
const nothingSet = "wait: Normal FailedBinding no persistent volumes available for this claim and no storage class is set";
// Upstream: pkg/controller/volume/persistentvolume/binder_test.go, index_test.go
const claims: readonly [name: string, PersistentVolumeClaim, Known, want: string][] = [
  ["the smallest that is large enough", claim(), known([volume("big", { capacity: { storage: "5Gi" } }), volume("small", { capacity: { storage: "500Mi" } }), volume("fit")]), "bind fit"],
  ["the fewest access modes, before the size", claim(), known([volume("many", { accessModes: ["ReadWriteOnce", "ReadOnlyMany"] }), volume("one", { capacity: { storage: "9Gi" } })]), "bind one"],
  ["all modes that it asks for", claim({ accessModes: ["ReadWriteOncePod"] }), known([volume("a"), volume("b", { accessModes: ["ReadWriteOnce", "ReadWriteOncePod"] })]), "bind b"],
  ["what is reserved for it, before all", claim(), known([volume("fit"), volume("kept", { capacity: { storage: "9Gi" }, claimRef: { namespace: "shop", name: "data" } })]), "bind kept"],
  ["not what is reserved for another of its name", claim(), known([volume("kept", { claimRef: { ...mine, uid: "older" } })]), nothingSet],
  ["only of its class", claim({ storageClassName: "gold" }), known([volume("a"), volume("b", { storageClassName: "gold" })], [storageClass("gold")]), "bind b"],
  ["only of its volume mode", claim({ volumeMode: "Block" }), known([volume("a"), volume("b", { volumeMode: "Block" })]), "bind b"],
  ["only what its selector matches", claim({ selector: { matchLabels: { a: "b" } } }), known([volume("a"), volume("b", {}, { labels: { a: "b" } })]), "bind b"],
  ["nothing that is released or goes", claim(), known([volume("a", {}, { phase: "Released" }), volume("b", {}, { going: true })]), nothingSet],
  ["no class given, a default since: its class", claim({ storageClassName: undefined }), known([], [storageClass("old", {}, isDefault, "2025-01-01T00:00:00Z"), storageClass("new", {}, isDefault)]), "class new"],
  ["no class wanted: no default", claim(), known([], [storageClass("new", {}, isDefault)]), nothingSet],
  ["a class that provisions", claim({ storageClassName: "gold" }), known([], [storageClass("gold")]), "provision example.com/disk"],
  ["a class that is not there", claim({ storageClassName: "gold" }), known([]), 'wait: Warning ProvisioningFailed storageclass.storage.k8s.io "gold" not found'],
  ["a class without a provisioner", claim({ storageClassName: "x" }), known([], [storageClass("x", { provisioner: "kubernetes.io/no-provisioner" })]), "wait: Warning ProvisioningFailed no volume plugin matched name: kubernetes.io/no-provisioner"],
  ["a class that waits for a pod", claim({ storageClassName: "late" }), known([volume("a", { storageClassName: "late" })], [late]), "wait: Normal WaitForFirstConsumer waiting for first consumer to be created before binding"],
  ["a class that waits, pods that wait", claim({ storageClassName: "late" }), known([], [late], ["p", "q"]), "wait: Normal WaitForPodScheduled waiting for pods p,q to be scheduled"],
  ["a class that waits, reserved", claim({ storageClassName: "late" }), known([volume("a", { storageClassName: "late", claimRef: mine })], [late]), "bind a"],
  ["a class that waits, a node chosen", claim({ storageClassName: "late" }, { "volume.kubernetes.io/selected-node": "n" }), known([], [late]), "provision example.com/disk"],
  ["the volume that it names", claim({ volumeName: "a" }), known([volume("a")]), "bind a"],
  ["the volume that it names is not there yet", claim({ volumeName: "a" }), known([]), "wait"],
  ["the volume that it names is too small", claim({ volumeName: "a" }), known([volume("a", { capacity: { storage: "1Mi" } })]), 'wait: Warning VolumeMismatch Cannot bind to requested volume "a": requested PV is too small'],
  ["the volume that it names is of another class", claim({ volumeName: "a" }), known([volume("a", { storageClassName: "gold" })]), 'wait: Warning VolumeMismatch Cannot bind to requested volume "a": storageClassName does not match'],
  ["the volume that it names is another's", claim({ volumeName: "a" }), known([volume("a", { claimRef: { ...mine, name: "other" } })]), 'wait: Warning FailedBinding volume "a" already bound to a different claim.'],
  ["bound, as it was", claim({ volumeName: "a" }, boundClaim), known([volume("a", { claimRef: mine })]), "bind a"],
  ["bound to what is gone", claim({ volumeName: "a" }, boundClaim), known([]), "lose: Warning ClaimLost Bound claim has lost its PersistentVolume. Data on the volume is lost!"],
  ["bound to nothing", claim({}, boundClaim), known([]), "lose: Warning ClaimLost Bound claim has lost reference to PersistentVolume. Data on the volume is lost!"],
  ["bound to another's", claim({ volumeName: "a" }, boundClaim), known([volume("a", { claimRef: { ...mine, uid: "d" } })]), "lose: Warning ClaimMisbound Two claims are bound to the same volume, this one is bound incorrectly"],
];
for (const [name, of, world, want] of claims) test(`a claim: ${name}`, () => assert.equal(text(planClaim(of, world)), want));

const made = { "pv.kubernetes.io/provisioned-by": "example.com/disk" };
const policy = (persistentVolumeReclaimPolicy: string): object => ({ claimRef: mine, persistentVolumeReclaimPolicy });
const noDeleter = { action: "fail", reason: "VolumeFailedDelete", message: 'error getting deleter volume plugin for volume "v": no deletable volume plugin matched' } as const;
// Upstream: pkg/controller/volume/persistentvolume/binder_test.go set 4, delete_test.go, recycle_test.go
const volumes: readonly [name: string, PersistentVolume, PersistentVolumeClaim | undefined, want: VolumePlan][] = [
  ["nobody's", volume("v", {}, { phase: "Pending" }), undefined, { action: "phase", phase: "Available" }],
  ["reserved for a name", volume("v", { claimRef: { namespace: "shop", name: "data" } }), undefined, { action: "phase", phase: "Available" }],
  ["its claim is about to be bound", volume("v", { claimRef: mine }, { phase: "Pending" }), claim(), { action: "none" }],
  ["its claim wants another mode", volume("v", { claimRef: mine, volumeMode: "Block" }), claim(), { action: "mismatch" }],
  ["bound", volume("v", { claimRef: mine }), claim({ volumeName: "v" }), { action: "phase", phase: "Bound" }],
  ["bound, and going", volume("v", { claimRef: mine }, { going: true }), claim({ volumeName: "v" }), { action: "phase", phase: "Bound" }],
  ["its claim took another", volume("v", { claimRef: mine }), claim({ volumeName: "w" }), { action: "unbind" }],
  ["made for a claim that took another", volume("v", policy("Delete"), { annotations: made }), claim({ volumeName: "w" }), { action: "phase", phase: "Released" }],
  ["its claim is gone: it is kept", volume("v", policy("Retain"), { phase: "Bound" }), undefined, { action: "phase", phase: "Released" }],
  ["kept already", volume("v", policy("Retain"), { phase: "Released" }), undefined, { action: "none" }],
  ["its claim is gone while it goes", volume("v", policy("Delete"), { phase: "Bound", going: true }), undefined, { action: "phase", phase: "Released" }],
  ["its provisioner deletes it", volume("v", policy("Delete"), { phase: "Released", annotations: made }), undefined, { action: "none" }],
  ["nobody deletes it", volume("v", policy("Delete"), { phase: "Released" }), undefined, noDeleter],
  ["nobody recycles it", volume("v", policy("Recycle"), { phase: "Released" }), undefined, { action: "fail", reason: "VolumeFailedRecycle", message: "No recycler plugin found for the volume!" }],
  ["it failed, and shall be kept now", volume("v", policy("Retain"), { phase: "Failed" }), undefined, { action: "none" }],
];
for (const [name, of, its, want] of volumes) test(`a volume: ${name}`, () => assert.deepEqual(planVolume(of, its), want));

test("a volume let go by its claim: what the controller chose is nobody's, what a user reserved stays reserved", () => {
  const chosen = unbound(volume("v", { claimRef: mine }, { annotations: { "pv.kubernetes.io/bound-by-controller": "yes", note: "x" } }));
  assert.deepEqual([chosen.spec.claimRef, chosen.metadata.annotations], [undefined, { note: "x" }]);
  assert.deepEqual(unbound(volume("v", { claimRef: mine })).spec.claimRef, { namespace: "shop", name: "data" });
});
