import assert from "node:assert/strict";
import { test } from "node:test";
import { messageOf } from "#base/error-message.ts";
import type { AdmissionAttributes } from "../attributes.ts";
import { outcome, requestFor, type Stored } from "../fixture.ts";
import { nodeRestriction } from "./plugin.ts";

const nobody = { authorize: async () => ({ allowed: false, reason: "" }) };
const user = { name: "system:node:a", groups: ["system:nodes"] };
const about = { signerName: "example.com/web", podName: "web", podUID: "p", serviceAccountName: "seller", serviceAccountUID: "s", nodeName: "a", nodeUID: "n" };
const pod = (spec: object = {}, metadata: object = {}): object => ({ metadata: { name: "web", namespace: "default", uid: "p", ...metadata }, spec: { nodeName: "a", serviceAccountName: "seller", containers: [], ...spec } });
const all = { nodes: [{ metadata: { name: "a", uid: "n" } }], pods: [pod()], serviceaccounts: [{ metadata: { name: "seller", namespace: "default", uid: "s" } }] };
const refused = (why: string): string => `podcertificaterequests.certificates.k8s.io "web" is forbidden: ${why}`;
const later = (why: string): string => `Internal error occurred: ${why}`;

// Upstream: plugin/pkg/admission/noderestriction/admission_test.go TestAdmitPodCertificateRequest
const cases: readonly (readonly [name: string, want: string | undefined, spec?: object, stored?: Stored, given?: Partial<AdmissionAttributes>])[] = [
  ["one of its own pods", undefined],
  ["a pod of another node, in that node's name", refused('PodCertificateRequest.Spec.NodeName="b", which is not the requesting node "a"'), { nodeName: "b" }],
  ["a pod that runs elsewhere", refused('pod "default/web" is not running on node "a" named in the PodCertificateRequest'), {}, { pods: [pod({ nodeName: "b" })] }],
  ["a pod that is bound nowhere", refused('pod "default/web" is not running on node "a" named in the PodCertificateRequest'), {}, { pods: [pod({ nodeName: undefined })] }],
  ["a mirror", refused('pod "default/web" is a mirror pod'), {}, { pods: [pod({}, { annotations: { "kubernetes.io/config.mirror": "x" } })] }],
  ["another account than the pod's", refused('PodCertificateRequest for pod "default/web" contains serviceAccountName ("boss") that differs from running pod ("seller")'), { serviceAccountName: "boss" }],
  ["an older node of its name", later('PodCertificateRequest for pod "default/web" names node UID "old", inconsistent with the running node ("n")'), { nodeUID: "old" }],
  ["an older pod of its name", later('PodCertificateRequest for pod "default/web" contains pod UID ("old") which differs from running pod "p"'), { podUID: "old" }],
  ["an older account of its name", later('PodCertificateRequest for pod "default/web" names service account UID "old", which differs from the running service account ("s")'), { serviceAccountUID: "old" }],
  ["a pod that is not there", later('while retrieving pod "default/web" named in the PodCertificateRequest: not found'), {}, { pods: [] }],
  ["an account that is not there", later('while retrieving service account "default/seller" named in the PodCertificateRequest: not found'), {}, { serviceaccounts: [] }],
  ["a change of what was asked", refused("unexpected operation UPDATE"), {}, {}, { operation: "UPDATE" }],
  ["the status", refused("unexpected subresource status"), {}, {}, { operation: "UPDATE", subresource: "status" }],
];
for (const [name, want, spec = {}, stored = {}, given = {}] of cases) {
  test(`a node asks for a certificate for ${name}`, async () => {
    const attributes = requestFor("podcertificaterequests", { ...all, ...stored }, { user, ...given });
    const said = await outcome(nodeRestriction(nobody), attributes, { metadata: { name: "web", namespace: "default" }, spec: { ...about, ...spec } }).catch(messageOf);
    assert.equal(said, want);
  });
}
