import assert from "node:assert/strict";
import { test } from "node:test";
import type { AdmissionAttributes } from "./attributes.ts";
import { outcome, requestFor, type Stored } from "./fixture.ts";
import { nodeRestriction } from "./node-restriction.ts";

const user = { name: "system:node:a", groups: ["system:nodes"] };
const podOn = (nodeName: string, extra: object = {}): object => ({ metadata: { name: "web", namespace: "default", uid: "u", ...extra }, spec: { nodeName, containers: [] } });
const nodeNamed = (name: string, extra: object = {}, spec: object = {}): object => ({ metadata: { name, ...extra }, spec });

interface Case { readonly name: string; readonly plural: string; readonly given: Partial<AdmissionAttributes> | object; readonly object?: object; readonly stored?: Stored; readonly want: string | undefined }
const token = (ref: object | undefined): object => ({ spec: { boundObjectRef: ref } });
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
  { name: "leaves its isolation", plural: "nodes", given: { name: "a", operation: "UPDATE", oldObject: nodeNamed("a", { labels: { "node-restriction.kubernetes.io/x": "1" } }) }, object: nodeNamed("a"), want: 'nodes "a" is forbidden: node "a" is not allowed to modify labels: node-restriction.kubernetes.io/x' },
  { name: "takes its taints away", plural: "nodes", given: { name: "a", operation: "UPDATE", oldObject: nodeNamed("a", {}, { taints: [{ key: "k", effect: "NoSchedule" }] }) }, object: nodeNamed("a"), want: 'nodes "a" is forbidden: node "a" is not allowed to modify taints' },
  { name: "a token of no pod", plural: "serviceaccounts", given: { subresource: "token" }, object: token(undefined), want: 'serviceaccounts "web" is forbidden: node requested token not bound to a pod' },
  { name: "a token of a pod elsewhere", plural: "serviceaccounts", given: { subresource: "token" }, object: token({ ...pod, uid: "u" }), stored: { pods: [podOn("b")] }, want: 'serviceaccounts "web" is forbidden: node requested token bound to a pod scheduled on a different node' },
  { name: "a token of its own pod", plural: "serviceaccounts", given: { subresource: "token" }, object: token({ ...pod, uid: "u" }), stored: { pods: [podOn("a")] }, want: undefined },
  { name: "its own lease", plural: "leases", given: { name: "a", namespace: "kube-node-lease" }, object: nodeNamed("a"), want: undefined },
  { name: "another's lease", plural: "leases", given: { name: "b", namespace: "kube-node-lease" }, object: nodeNamed("b"), want: 'leases.coordination.k8s.io "b" is forbidden: can only access node lease with the same name as the requesting node' },
];
for (const { name, plural, given, object, stored = {}, want } of cases) test(`a node: ${name}`, async () => assert.equal(await outcome(nodeRestriction, requestFor(plural, stored, { user, ...given }), object), want));

test("others are not looked at", async () => assert.equal(await outcome(nodeRestriction, requestFor("nodes", {}, { name: "b" }), nodeNamed("b")), undefined));
