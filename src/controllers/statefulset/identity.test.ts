import assert from "node:assert/strict";
import { test } from "node:test";
import type { PersistentVolumeClaim } from "#api/gen/core-v1.ts";
import { claimsFor, isStale, mendedOwners } from "./claims.ts";
import { now, podOf, rolling, setOf } from "./fixture.ts";
import { missingIdentity, newPod, ordinalOf } from "./identity.ts";
import { statusOf } from "./status.ts";

const claimed = { volumeClaimTemplates: [{ metadata: { name: "data", labels: { tier: "db" } }, spec: { accessModes: ["ReadWriteOnce"] }, status: {} }] };
const policy = (whenDeleted: string, whenScaled: string): object => ({ ...claimed, persistentVolumeClaimRetentionPolicy: { whenDeleted, whenScaled } });

test("a pod knows its name, its place and its network", () => {
  const { metadata, spec } = newPod(setOf(), rolling, 1);
  assert.deepEqual([metadata.name, metadata.namespace, metadata.generateName, metadata.labels, metadata.ownerReferences?.map(({ kind, uid, controller }) => [kind, uid, controller])], [
    "web-1", "shop", undefined, { app: "web", "statefulset.kubernetes.io/pod-name": "web-1", "apps.kubernetes.io/pod-index": "1", "controller-revision-hash": "web-new" }, [["StatefulSet", "1", true]],
  ]);
  assert.deepEqual([spec.hostname, spec.subdomain, spec.containers], ["web-1", "web", [{ name: "web", image: "web:2" }]]);
});

test("names that are not the set's have no place in it", () => {
  const place = (name: string): number | undefined => ordinalOf(setOf(), { ...podOf("0"), metadata: { name } });
  assert.deepEqual(["web-0", "web-12", "web", "web-x", "web-1-2", "other-1"].map(place), [0, 12, undefined, undefined, undefined, undefined]);
});

test("a pod without its name as a label gets it", () => {
  const pod = podOf("1");
  assert.equal(missingIdentity(setOf(), pod), undefined);
  assert.deepEqual(missingIdentity(setOf(), { ...pod, metadata: { ...pod.metadata, labels: { app: "web" } } }), { "statefulset.kubernetes.io/pod-name": "web-1", "apps.kubernetes.io/pod-index": "1" });
});

test("claims are named by template and pod, and mounted in place of a volume of that name", () => {
  const set = setOf(claimed);
  assert.deepEqual(claimsFor(set, podOf("2")).map(({ metadata }) => metadata), [{ name: "data-web-2", namespace: "shop", labels: { tier: "db", app: "web" } }]);
  assert.deepEqual(newPod(set, rolling, 2).spec.volumes, [{ name: "data", persistentVolumeClaim: { claimName: "data-web-2" } }]);
});

// Upstream: pkg/controller/statefulset TestUpdateClaimOwnerRefForSetAndPod
const owners: readonly { readonly name: string; readonly spec: object; readonly isCondemned: boolean; readonly want: readonly string[] }[] = [
  { name: "is kept", spec: policy("Retain", "Retain"), isCondemned: true, want: [] },
  { name: "goes with its set", spec: policy("Delete", "Retain"), isCondemned: true, want: ["StatefulSet web"] },
  { name: "goes with its pod when that is scaled away", spec: policy("Retain", "Delete"), isCondemned: true, want: ["Pod web-1"] },
  { name: "stays while its pod does", spec: policy("Retain", "Delete"), isCondemned: false, want: [] },
  { name: "goes with its set, or before it with its pod", spec: policy("Delete", "Delete"), isCondemned: true, want: ["Pod web-1"] },
];
const claimOf = (...kinds: readonly (readonly [kind: string, name: string, controller?: boolean])[]): PersistentVolumeClaim => ({
  metadata: { name: "data-web-1", ownerReferences: kinds.map(([kind, name, controller = true]) => ({ apiVersion: "v1", kind, name, uid: "x", controller })) }, spec: {}, status: {},
});
for (const { name, spec, isCondemned, want } of owners) {
  test(`a claim ${name}`, () => {
    const mended = mendedOwners(setOf(spec), podOf("1"), isCondemned, claimOf(["StatefulSet", "web"], ["ConfigMap", "mine", false]));
    assert.deepEqual(mended?.map((ref) => `${ref.kind} ${ref.name}`), ["ConfigMap mine", ...want]);
  });
}

test("a claim that another manages is left alone", () => assert.equal(mendedOwners(setOf(policy("Delete", "Delete")), podOf("1"), true, claimOf(["Database", "x"])), undefined));
test("a claim with the right owners needs nothing", () => assert.equal(mendedOwners(setOf(policy("Retain", "Retain")), podOf("1"), false, claimOf(["ConfigMap", "mine", false])), undefined));
test("a claim of an earlier pod is stale", () => assert.deepEqual([claimOf(["Pod", "web-1"]), claimOf(["StatefulSet", "web"])].map((claim) => isStale(setOf(), 1, claim)), [true, false]));

test("the status counts what is, by revision, and says when to look again", () => {
  const { status, againMs } = statusOf(setOf({ minReadySeconds: 20 }), rolling, 0, ["0 o", "1 ol", "2 y"].map(podOf), now);
  assert.deepEqual(status, {
    observedGeneration: 3, replicas: 3, readyReplicas: 3, availableReplicas: 2, currentReplicas: 1, updatedReplicas: 1, currentRevision: "web-old", updateRevision: "web-new", collisionCount: 0,
  });
  assert.equal(againMs, 15_000);
});

test("when all pods are updated and serve, the update is the current revision", () => {
  const done = statusOf(setOf(), rolling, 0, ["0", "1", "2"].map(podOf), now).status;
  assert.deepEqual([done.currentRevision, done.currentReplicas], ["web-new", 3]);
  const onDelete = statusOf(setOf({ updateStrategy: { type: "OnDelete" } }), rolling, 0, ["0", "1", "2"].map(podOf), now).status;
  assert.deepEqual([onDelete.currentRevision, onDelete.currentReplicas, onDelete.updatedReplicas], ["web-old", undefined, 3]);
});
