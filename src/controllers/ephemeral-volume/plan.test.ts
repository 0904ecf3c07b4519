import assert from "node:assert/strict";
import { test } from "node:test";
import type { PersistentVolumeClaim, Pod } from "#api/gen/core-v1.ts";
import { plan } from "./plan.ts";

const pod = (rest: { readonly phase?: string; readonly going?: boolean } = {}): Pod => ({
  metadata: { name: "p", namespace: "shop", uid: "u", ...(rest.going === true && { deletionTimestamp: "2026-01-01T00:00:00Z" }) },
  spec: { containers: [], volumes: [{ name: "other", emptyDir: {} }, { name: "v", ephemeral: { volumeClaimTemplate: { metadata: { labels: { a: "b" } }, spec: { accessModes: ["ReadWriteOnce"] } } } }] },
  status: { phase: rest.phase ?? "Pending" },
}) as unknown as Pod;
const claim = (owner?: string): PersistentVolumeClaim => ({ metadata: { name: "p-v", namespace: "shop", ...(owner && { ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "p", uid: owner, controller: true }] }) }, spec: {}, status: {} });

test("a claim of the pod's own, from the template", () => {
  assert.deepEqual(plan(pod(), () => undefined).create, [{ volume: "v", claim: {
    metadata: { name: "p-v", namespace: "shop", labels: { a: "b" }, ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "p", uid: "u", controller: true, blockOwnerDeletion: true }] },
    spec: { accessModes: ["ReadWriteOnce"] }, status: {},
  } }]);
});

// Upstream: pkg/controller/volume/ephemeral/controller_test.go
const cases: readonly [name: string, Pod, PersistentVolumeClaim | undefined, created: number, refused: readonly string[]][] = [
  ["its claim is there", pod(), claim("u"), 0, []],
  ["somebody else's claim", pod(), claim(), 0, ["PVC shop/p-v was not created for pod shop/p (pod is not owner)"]],
  ["an older pod's claim", pod(), claim("older"), 0, ["PVC shop/p-v was not created for pod shop/p (pod is not owner)"]],
  ["a pod that goes", pod({ going: true }), undefined, 0, []],
  ["a pod that has ended", pod({ phase: "Succeeded" }), undefined, 0, []],
];
for (const [name, of, found, created, refused] of cases) {
  test(name, () => {
    const next = plan(of, () => found);
    assert.deepEqual([next.create.length, next.refused.map(({ message }) => message)], [created, refused]);
  });
}
