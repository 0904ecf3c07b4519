import assert from "node:assert/strict";
import { test } from "node:test";
import type { AdmissionAttributes } from "../attributes.ts";
import { outcome, requestFor, type Stored } from "../fixture.ts";
import { nodeRestriction } from "./plugin.ts";

const nobody = { authorize: async () => ({ allowed: false, reason: "" }) };

const user = { name: "system:node:a", groups: ["system:nodes"] };
const podOn = (nodeName: string, extra: object = {}): object => ({ metadata: { name: "web", namespace: "default", uid: "u", ...extra }, spec: { nodeName, containers: [], volumes: [{ name: "t", projected: { sources: [{ serviceAccountToken: { path: "t" } }] } }, { name: "c", csi: { driver: "d" } }, { name: "p", persistentVolumeClaim: { claimName: "p" } }] }, status: {} });
const nodeNamed = (name: string, extra: object = {}, spec: object = {}): object => ({ metadata: { name, ...extra }, spec });

interface Case { readonly name: string; readonly plural: string; readonly given: Partial<AdmissionAttributes> | object; readonly object?: object; readonly stored?: Stored; readonly want: string | undefined }
const token = (ref: object | undefined, ...audiences: readonly string[]): object => ({ spec: { boundObjectRef: ref, audiences } });
const mirror = (owner: object = {}, spec: object = {}): object => ({
  metadata: { name: "web", namespace: "default", annotations: { "kubernetes.io/config.mirror": "x" }, ownerReferences: [{ apiVersion: "v1", kind: "Node", name: "a", uid: "n", controller: true, ...owner }] },
  spec: { nodeName: "a", containers: [], ...spec },
});
const itself: Stored = { nodes: [{ metadata: { name: "a", uid: "n" } }] };
const claim = (metadata: object, status: object): object => ({ metadata: { name: "web", namespace: "default", ...metadata }, spec: {}, status });
const slice = (nodeName: string): object => ({ metadata: { name: "web" }, spec: { driver: "d", nodeName } });
const drivers: Stored = {
  pods: [podOn("a")], csidrivers: [{ metadata: { name: "d" }, spec: { tokenRequests: [{ audience: "vault" }] } }, { metadata: { name: "e" }, spec: { tokenRequests: [{ audience: "bao" }] } }],
  persistentvolumeclaims: [{ metadata: { name: "p", namespace: "default" }, spec: { volumeName: "v" } }], persistentvolumes: [{ metadata: { name: "v" }, spec: { csi: { driver: "e" } } }],
};
const pod = { apiVersion: "v1", kind: "Pod", name: "web" };

// Upstream: plugin/pkg/admission/noderestriction/admission_test.go
const cases: readonly Case[] = [
  { name: "its own pod's status", plural: "pods", given: { operation: "UPDATE", subresource: "status", oldObject: podOn("a") }, object: podOn("a"), want: undefined },
  { name: "another's pod's status", plural: "pods", given: { operation: "UPDATE", subresource: "status", oldObject: podOn("b") }, object: podOn("b"), want: 'pods "web" is forbidden: node "a" can only update pod status for pods with spec.nodeName set to itself' },
  { name: "labels through a status", plural: "pods", given: { operation: "UPDATE", subresource: "status", oldObject: podOn("a") }, object: podOn("a", { labels: { x: "1" } }), want: 'pods "web" is forbidden: node "a" cannot update labels through pod status' },
  { name: "deletes its own pod", plural: "pods", given: { operation: "DELETE", oldObject: podOn("a") }, want: undefined },
  { name: "deletes another's pod", plural: "pods", given: { operation: "DELETE", oldObject: podOn("b") }, want: 'pods "web" is forbidden: node "a" can only delete pods with spec.nodeName set to itself' },
  { name: "makes a pod that is no mirror", plural: "pods", given: {}, object: podOn("a"), want: 'pods "web" is forbidden: pod does not have "kubernetes.io/config.mirror" annotation, node "a" can only create mirror pods' },
  { name: "evicts another's pod", plural: "pods", given: { subresource: "eviction" }, stored: { pods: [podOn("b")] }, want: 'pods "web" is forbidden: node a can only evict pods with spec.nodeName set to itself' },
  { name: "registers itself", plural: "nodes", given: { name: "a" }, object: nodeNamed("a", { labels: { "kubernetes.io/hostname": "a", mine: "1" } }), want: undefined },
  { name: "registers another", plural: "nodes", given: { name: "b" }, object: nodeNamed("b"), want: 'nodes "b" is forbidden: node "a" is not allowed to modify node "b"' },
  { name: "gives itself a role", plural: "nodes", given: { name: "a" }, object: nodeNamed("a", { labels: { "node-role.kubernetes.io/control-plane": "" } }), want: 'nodes "a" is forbidden: node "a" is not allowed to set the following labels: node-role.kubernetes.io/control-plane' },
  { name: "leaves its isolation", plural: "nodes", given: { name: "a", operation: "UPDATE", oldObject: nodeNamed("a", { labels: { "node-restriction.kubernetes.io/x": "1" } }) }, object: nodeNamed("a"), want: 'nodes "a" is forbidden: is not allowed to modify labels: node-restriction.kubernetes.io/x' },
  { name: "takes its taints away", plural: "nodes", given: { name: "a", operation: "UPDATE", oldObject: nodeNamed("a", {}, { taints: [{ key: "k", effect: "NoSchedule" }] }) }, object: nodeNamed("a"), want: 'nodes "a" is forbidden: node "a" is not allowed to modify taints' },
  { name: "a token of no pod", plural: "serviceaccounts", given: { subresource: "token" }, object: token(undefined), want: 'serviceaccounts "web" is forbidden: node requested token not bound to a pod' },
  { name: "a token of a pod elsewhere", plural: "serviceaccounts", given: { subresource: "token" }, object: token({ ...pod, uid: "u" }), stored: { pods: [podOn("b")] }, want: 'serviceaccounts "web" is forbidden: node requested token bound to a pod scheduled on a different node' },
  { name: "a token of its own pod", plural: "serviceaccounts", given: { subresource: "token" }, object: token({ ...pod, uid: "u" }), stored: { pods: [podOn("a")] }, want: undefined },
  { name: "a token of an audience that no volume names", plural: "serviceaccounts", given: { subresource: "token" }, object: token({ ...pod, uid: "u" }, "x"), stored: drivers, want: 'serviceaccounts "web" is forbidden: audience "x" not found in pod spec volume, system:node:a is not authorized to request tokens for this audience' },
  { name: "a token that a driver of the pod asks for", plural: "serviceaccounts", given: { subresource: "token" }, object: token({ ...pod, uid: "u" }, "vault"), stored: drivers, want: undefined },
  { name: "a token that the driver of a claim asks for", plural: "serviceaccounts", given: { subresource: "token" }, object: token({ ...pod, uid: "u" }, "bao"), stored: drivers, want: undefined },
  { name: "a token of two audiences", plural: "serviceaccounts", given: { subresource: "token" }, object: token({ ...pod, uid: "u" }, "vault", "bao"), stored: drivers, want: 'serviceaccounts "web" is forbidden: node may only request 0 or 1 audiences' },
  { name: "makes its mirror pod", plural: "pods", given: {}, object: mirror(), stored: itself, want: undefined },
  { name: "a mirror pod of another", plural: "pods", given: {}, object: mirror({ name: "b" }), stored: itself, want: 'pods "web" is forbidden: node "a" can only create pods with an owner reference set to itself' },
  { name: "a mirror pod of an older self", plural: "pods", given: {}, object: mirror({ uid: "o" }), stored: itself, want: 'pods "web" is forbidden: node a UID mismatch: expected o got n' },
  { name: "a mirror pod that holds the node", plural: "pods", given: {}, object: mirror({ blockOwnerDeletion: true }), stored: itself, want: 'pods "web" is forbidden: node "a" must not set blockOwnerDeletion on an owner reference' },
  { name: "a mirror pod that reads a secret", plural: "pods", given: {}, object: mirror({}, { containers: [{ name: "c", envFrom: [{ secretRef: { name: "s" } }] }] }), stored: itself, want: 'pods "web" is forbidden: node "a" can not create pods that reference secrets' },
  { name: "binds a pod", plural: "pods", given: { subresource: "binding" }, object: {}, want: 'pods "web" is forbidden: unexpected pod subresource "binding", only \'status\' and \'eviction\' are allowed' },
  { name: "gives a pod another claim", plural: "pods", given: { operation: "UPDATE", subresource: "status", oldObject: podOn("a") }, object: { ...podOn("a"), status: { resourceClaimStatuses: [{ name: "gpu", resourceClaimName: "x" }] } }, want: 'pods "web" is forbidden: node "a" cannot update resource claim statues' },
  { name: "says that a claim has grown", plural: "persistentvolumeclaims", given: { operation: "UPDATE", subresource: "status", oldObject: claim({ resourceVersion: "1" }, { phase: "Bound" }) }, object: claim({ resourceVersion: "" }, { phase: "Bound", capacity: { storage: "2Gi" } }), want: undefined },
  { name: "labels a claim", plural: "persistentvolumeclaims", given: { operation: "UPDATE", subresource: "status", oldObject: claim({}, { phase: "Bound" }) }, object: claim({ labels: { x: "1" } }, { phase: "Bound" }), want: 'persistentvolumeclaims "web" is forbidden: node "a" is not allowed to update fields other than status.quantity and status.conditions: +metadata.labels: {"x":"1"}' },
  { name: "its own CSINode", plural: "csinodes", given: { name: "a" }, object: nodeNamed("a"), want: undefined },
  { name: "another's CSINode", plural: "csinodes", given: { name: "b" }, object: nodeNamed("b"), want: 'csinodes.storage.k8s.io "b" is forbidden: can only access CSINode with the same name as the requesting node' },
  { name: "its own slice", plural: "resourceslices", given: {}, object: slice("a"), want: undefined },
  { name: "another's slice", plural: "resourceslices", given: {}, object: slice("b"), want: 'resourceslices.resource.k8s.io "web" is forbidden: can only create ResourceSlice with the same NodeName as the requesting node' },
  { name: "deletes another's slice", plural: "resourceslices", given: { operation: "DELETE", oldObject: slice("b") }, want: 'resourceslices.resource.k8s.io "web" is forbidden: can only delete ResourceSlice with the same NodeName as the requesting node' },
  { name: "its own lease", plural: "leases", given: { name: "a", namespace: "kube-node-lease" }, object: nodeNamed("a"), want: undefined },
  { name: "another's lease", plural: "leases", given: { name: "b", namespace: "kube-node-lease" }, object: nodeNamed("b"), want: 'leases.coordination.k8s.io "b" is forbidden: can only access node lease with the same name as the requesting node' },
];
for (const { name, plural, given, object, stored = {}, want } of cases) test(`a node: ${name}`, async () => assert.equal(await outcome(nodeRestriction(nobody), requestFor(plural, stored, { user, ...given }), object), want));

test("others are not looked at", async () => assert.equal(await outcome(nodeRestriction(nobody), requestFor("nodes", {}, { name: "b" }), nodeNamed("b")), undefined));
