import assert from "node:assert/strict";
import { test } from "node:test";
import type { ClusterTrustBundle } from "#api/gen/certificates-v1beta1.ts";
import { plan } from "./plan.ts";

const name = "kubernetes.io:kube-apiserver-serving:4b650e5c4785025dee7bd65e"; // of sha256("CA")
const bundle = (of: string, trustBundle: string): ClusterTrustBundle => ({ metadata: { name: of, labels: { a: "b" } }, spec: { signerName: "kubernetes.io/kube-apiserver-serving", trustBundle } });
const made = { action: "create", bundle: { metadata: { name }, spec: { signerName: "kubernetes.io/kube-apiserver-serving", trustBundle: "CA" } } };

// Upstream: pkg/controller/certificates/clustertrustbundlepublisher TestCTBPublisherSync
const cases: readonly (readonly [name: string, have: readonly ClusterTrustBundle[], want: object])[] = [
  ["none is there", [], { write: made, remove: [] }],
  ["it is there", [bundle(name, "CA")], { write: undefined, remove: [] }],
  ["somebody has changed it", [bundle(name, "OLD")], { write: { action: "update", bundle: bundle(name, "CA") }, remove: [] }],
  ["one of an older authority is there", [bundle("old", "OLD"), bundle("older", "OLDER")], { write: made, remove: ["old", "older"] }],
];
for (const [what, have, want] of cases) test(what, () => assert.deepEqual(plan(have, "CA"), want));
