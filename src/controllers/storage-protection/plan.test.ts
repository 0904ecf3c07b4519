import assert from "node:assert/strict";
import { test } from "node:test";
import type { PersistentVolumeClaim, Pod } from "#api/gen/core-v1.ts";
import { claimKeysOf } from "#api/pod-references.ts";
import { uses } from "./plan.ts";

const pod = (metadata: object = {}, nodeName = "n", phase = "Running"): Pod => ({
  metadata: { name: "p", namespace: "shop", uid: "u", ...metadata }, spec: { nodeName, containers: [], volumes: [{ name: "d", persistentVolumeClaim: { claimName: "data" } }, { name: "v", ephemeral: {} }] }, status: { phase },
}) as unknown as Pod;
const claim = (name: string, owner = "u"): PersistentVolumeClaim => ({ metadata: { name, namespace: "shop", ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "p", uid: owner, controller: true }] }, spec: {}, status: {} });
const ending = { deletionTimestamp: "2026-01-01T00:00:00Z", deletionGracePeriodSeconds: 0 };

// Upstream: pkg/controller/volume/pvcprotection/pvc_protection_controller_test.go
const cases: readonly [name: string, Pod, PersistentVolumeClaim, boolean][] = [
  ["on a node", pod(), claim("data"), true], ["without a node", pod({}, ""), claim("data"), false], ["that has ended", pod({}, "n", "Succeeded"), claim("data"), true],
  ["of another claim", pod(), claim("other"), false], ["with its ephemeral claim", pod(), claim("p-v"), true], ["with somebody else's claim of that name", pod(), claim("p-v", "older"), false],
  ["at its end, with its ephemeral claim", pod(ending), claim("p-v"), false], ["at its end", pod(ending), claim("data"), true],
];
for (const [name, of, its, want] of cases) test(`a pod ${name} ${want ? "uses it" : "does not use it"}`, () => assert.equal(uses(of, its), want));
test("claims by their keys", () => assert.deepEqual(claimKeysOf(pod()), ["shop/data", "shop/p-v"]));
