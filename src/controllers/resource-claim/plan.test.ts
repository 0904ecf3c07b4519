import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod, PodResourceClaimStatus } from "#api/gen/core-v1.ts";
import type { ResourceClaim, ResourceClaimStatus } from "#api/gen/resource-v1.ts";
import { allocationFinalizer } from "#api/resource-claim.ts";
import { planForClaim } from "./claim-plan.ts";
import { claimFrom, planForPod } from "./pod-plan.ts";

interface PodShape { readonly uses?: "template" | "claim"; readonly says?: Partial<PodResourceClaimStatus>; readonly on?: string; readonly phase?: string; readonly going?: boolean; readonly uid?: string }
const pod = ({ uses = "template", says, on, phase = "Pending", going, uid = "u" }: PodShape = {}): Pod => ({
  metadata: { name: "p", namespace: "shop", uid, ...(going && { deletionTimestamp: "2026-01-01T00:00:00Z" }) },
  spec: { containers: [], resourceClaims: [uses === "template" ? { name: "gpu", resourceClaimTemplateName: "t" } : { name: "gpu", resourceClaimName: "shared" }], ...(on && { nodeName: on }) },
  status: { phase, ...(says && { resourceClaimStatuses: [{ name: "gpu", ...says }] }) },
}) as unknown as Pod;
interface ClaimShape { readonly owner?: string; readonly for?: string; readonly allocated?: boolean; readonly reserved?: readonly string[]; readonly held?: boolean; readonly going?: boolean }
const claim = (name: string, { owner, for: podClaim, allocated, reserved, held, going }: ClaimShape = {}): ResourceClaim => ({
  metadata: {
    name, namespace: "shop", ...(podClaim && { annotations: { "resource.kubernetes.io/pod-claim-name": podClaim } }), ...(owner && { ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "p", uid: owner, controller: true }] }),
    ...(held && { finalizers: [allocationFinalizer] }), ...(going && { deletionTimestamp: "2026-01-01T00:00:00Z" }),
  },
  spec: {}, status: { ...(allocated && { allocation: {} }), ...(reserved && { reservedFor: reserved.map((uid) => ({ resource: "pods", name: "p", uid })) }) },
});

// Upstream: pkg/controller/resourceclaim/controller_test.go TestSyncHandler
const ofPods: readonly { readonly name: string; readonly pod: Pod; readonly claims?: readonly ResourceClaim[]; readonly missing?: readonly string[]; readonly found?: Readonly<Record<string, string>>; readonly reserve?: readonly string[] }[] = [
  { name: "a claim from a template", pod: pod(), missing: ["gpu from t"] },
  { name: "its claim is there", pod: pod({ says: { resourceClaimName: "mine" } }), claims: [claim("mine", { owner: "u", for: "gpu" })] },
  { name: "its claim was made, but the pod does not say so yet", pod: pod(), claims: [claim("mine", { owner: "u", for: "gpu" })], found: { gpu: "mine" } },
  { name: "another of the pod's claims is not this one", pod: pod(), claims: [claim("mine", { owner: "u", for: "nic" })], missing: ["gpu from t"] },
  { name: "a claim that the pod owns, but that was not generated", pod: pod(), claims: [claim("mine", { owner: "u" })], missing: ["gpu from t"] },
  { name: "its claim was deleted", pod: pod({ says: { resourceClaimName: "mine" } }), missing: ["gpu from t"] },
  { name: "what it names is another pod's", pod: pod({ says: { resourceClaimName: "mine" } }), claims: [claim("mine", { owner: "older", for: "gpu" })], missing: ["gpu from t"] },
  { name: "none is needed", pod: pod({ says: {} }) },
  { name: "a pod that has ended, whose claim has gone", pod: pod({ phase: "Succeeded", says: { resourceClaimName: "mine" } }) },
  { name: "a pod that goes", pod: pod({ going: true }) },
  { name: "a user's claim is the user's to make", pod: pod({ uses: "claim" }) },
  { name: "the scheduler reserves", pod: pod({ uses: "claim" }), claims: [claim("shared", { allocated: true })] },
  { name: "a pod placed by hand: reserved for it", pod: pod({ uses: "claim", on: "n" }), claims: [claim("shared", { allocated: true })], reserve: ["shared"] },
  { name: "a pod placed by hand: reserved already", pod: pod({ uses: "claim", on: "n" }), claims: [claim("shared", { allocated: true, reserved: ["u"] })] },
  { name: "a pod placed by hand: nothing is allocated", pod: pod({ uses: "claim", on: "n" }), claims: [claim("shared")] },
  { name: "a pod placed by hand: no room", pod: pod({ uses: "claim", on: "n" }), claims: [claim("shared", { allocated: true, reserved: Array.from({ length: 256 }, (_, i) => `u${i}`) })] },
];
for (const { name, pod: of, claims = [], missing = [], found = {}, reserve = [] } of ofPods) {
  test(`pod: ${name}`, () => {
    const plan = planForPod(of, (wanted) => claims.find(({ metadata }) => metadata.name === wanted), claims.filter(({ metadata }) => metadata.ownerReferences?.[0]?.uid === of.metadata.uid));
    assert.deepEqual([plan.missing.map(({ podClaim, template }) => `${podClaim} from ${template}`), plan.found, plan.reserve.map(({ metadata }) => metadata.name)], [missing, found, reserve]);
  });
}

const template = { metadata: { name: "t" }, spec: { metadata: { labels: { a: "b" }, annotations: { c: "d" } }, spec: { devices: {} } } };
test("a claim takes labels and annotations from its template, and goes with the pod", () => {
  assert.deepEqual(claimFrom(template, pod(), "gpu"), {
    metadata: {
      name: "", generateName: "p-gpu-", namespace: "shop", labels: { a: "b" }, annotations: { c: "d", "resource.kubernetes.io/pod-claim-name": "gpu" },
      ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "p", uid: "u", controller: true, blockOwnerDeletion: true }],
    },
    spec: { devices: {} }, status: {},
  });
});
test("names that are too long together are shortened in proportion", () => {
  const long = { ...pod(), metadata: { ...pod().metadata, name: "a".repeat(60) } };
  assert.equal(claimFrom(template, long, "b".repeat(20)).metadata.generateName, `${"a".repeat(41)}-${"b".repeat(13)}`);
});

const used = { resource: "pods", name: "p", uid: "u" };
const ofClaims: readonly { readonly name: string; readonly claim: ResourceClaim; readonly valid?: readonly (typeof used)[]; readonly owner?: Pod; readonly status?: ResourceClaimStatus; readonly dropFinalizer?: boolean; readonly remove?: boolean }[] = [
  { name: "in use", claim: claim("c", { allocated: true, held: true, reserved: ["u"] }), valid: [used], owner: pod() },
  { name: "one of two users has gone", claim: claim("c", { allocated: true, held: true, reserved: ["u", "x"] }), valid: [used], status: { reservedFor: [used], allocation: {} } },
  { name: "the last user has gone: its devices are given back", claim: claim("c", { allocated: true, held: true, reserved: ["u"] }), status: {}, dropFinalizer: true },
  { name: "somebody else's allocation stays", claim: claim("c", { allocated: true, reserved: ["u"] }), status: { allocation: {} } },
  { name: "allocated, never used", claim: claim("c", { allocated: true, held: true }) },
  { name: "it goes, allocated, and nobody uses it", claim: claim("c", { allocated: true, held: true, going: true }), status: {}, dropFinalizer: true },
  { name: "it goes, and was not allocated", claim: claim("c", { held: true, going: true }), dropFinalizer: true },
  { name: "it goes, but is in use", claim: claim("c", { allocated: true, held: true, going: true, reserved: ["u"] }), valid: [used] },
  { name: "made for a pod that may still run", claim: claim("c", { owner: "u", for: "gpu" }), owner: pod({ on: "n", phase: "Running" }) },
  { name: "made for a pod that has ended", claim: claim("c", { owner: "u", for: "gpu" }), owner: pod({ phase: "Succeeded" }), remove: true },
  { name: "made for a pod that goes without ever having had a node", claim: claim("c", { owner: "u", for: "gpu" }), owner: pod({ going: true }), remove: true },
  { name: "made for a pod that goes, but may still run", claim: claim("c", { owner: "u", for: "gpu" }), owner: pod({ going: true, on: "n" }) },
  { name: "made for a pod that was replaced", claim: claim("c", { owner: "older", for: "gpu" }), owner: pod(), remove: true },
  { name: "made for a pod that is not known: the garbage collector's", claim: claim("c", { owner: "u", for: "gpu" }) },
];
for (const { name, claim: of, valid = [], owner, status, dropFinalizer = false, remove = false } of ofClaims) {
  test(`claim: ${name}`, () => assert.deepEqual(planForClaim(of, valid, owner), { status, dropFinalizer, remove }));
}
