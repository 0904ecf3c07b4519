import assert from "node:assert/strict";
import { test } from "node:test";
import type { CertificateSigningRequest } from "#api/gen/certificates-v1.ts";
import type { Ingress } from "#api/gen/networking-v1.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { systemClock } from "#base/clock.ts";
import { ellipticCsr, mastersCsr } from "#base/csr-fixture.ts";
import type { Authorizer } from "../authz/authorizer.ts";
import { certificateRequests } from "./certificate-requests.ts";
import { certificateApproval, certificateSigning, certificateSubjectRestriction } from "./certificate-signers.ts";
import { defaultIngressClass } from "./default-ingress-class.ts";
import { outcome, requestFor } from "./fixture.ts";

const clock = { ...systemClock, now: () => 0 };
const encoded = (pem: string): string => Buffer.from(pem).toString("base64");
const csrOf = (spec: object, status: object = {}): CertificateSigningRequest => ({ metadata: { name: "web" }, spec: { request: encoded(ellipticCsr), signerName: "acme.io/web", ...spec }, status }) as CertificateSigningRequest;
const plural = "certificatesigningrequests";
const may = (...names: readonly string[]): Authorizer => ({ authorize: async ({ verb, name }) => ({ allowed: names.includes(`${verb} ${name ?? ""}`), reason: "" }) });

test("a request says who asked, whatever it says itself", async () => {
  const csr = csrOf({ username: "somebody", uid: "1", groups: ["system:masters"], extra: { a: ["b"] } });
  const attributes = requestFor(plural, {}, { user: { name: "ada", groups: ["dev"], extra: { team: ["red"] } } });
  await certificateRequests(clock).admit?.(attributes, csr as KubeObject);
  assert.deepEqual([csr.spec.username, csr.spec.uid, csr.spec.groups, csr.spec.extra], ["ada", undefined, ["dev"], { team: ["red"] }]);
});

test("conditions are stamped when they come, and keep the time of an older one of the same kind", async () => {
  const old = csrOf({}, { conditions: [{ type: "Approved", status: "True", lastTransitionTime: "2020-01-01T00:00:00Z", lastUpdateTime: "2020-01-01T00:00:00Z" }] });
  const next = csrOf({}, { conditions: [{ type: "Approved", status: "True" }, { type: "Failed", status: "True" }] });
  await certificateRequests(clock).admit?.(requestFor(plural, {}, { operation: "UPDATE", subresource: "approval", oldObject: old }), next as KubeObject);
  assert.deepEqual(next.status.conditions, [
    { type: "Approved", status: "True", lastUpdateTime: "1970-01-01T00:00:00Z", lastTransitionTime: "2020-01-01T00:00:00Z" },
    { type: "Failed", status: "True", lastUpdateTime: "1970-01-01T00:00:00Z", lastTransitionTime: "1970-01-01T00:00:00Z" },
  ]);
});

const approval = requestFor(plural, {}, { operation: "UPDATE", subresource: "approval", oldObject: csrOf({}) });
test("who may approve for a signer, or for all of its domain, approves", async () => {
  assert.equal(await outcome(certificateApproval(may("approve acme.io/web")), approval, csrOf({})), undefined);
  assert.equal(await outcome(certificateApproval(may("approve acme.io/*")), approval, csrOf({})), undefined);
  assert.equal(await outcome(certificateApproval(may("sign acme.io/web")), approval, csrOf({})), 'certificatesigningrequests.certificates.k8s.io "web" is forbidden: user not permitted to approve requests with signerName "acme.io/web"');
});

const signing = requestFor(plural, {}, { operation: "UPDATE", subresource: "status", oldObject: csrOf({}) });
test("who may not sign may still write what is no certificate", async () => {
  assert.equal(await outcome(certificateSigning(may()), signing, csrOf({})), undefined);
  assert.equal(await outcome(certificateSigning(may("sign acme.io/web")), signing, csrOf({}, { certificate: "YQ==" })), undefined);
  assert.equal(await outcome(certificateSigning(may()), signing, csrOf({}, { certificate: "YQ==" })), 'certificatesigningrequests.certificates.k8s.io "web" is forbidden: user not permitted to sign requests with signerName "acme.io/web"');
});

test("nobody asks for the group that may do everything", async () => {
  const signerName = "kubernetes.io/kube-apiserver-client";
  const asked = (spec: object): Promise<string | undefined> => outcome(certificateSubjectRestriction, requestFor(plural), csrOf(spec));
  assert.equal(await asked({ signerName }), undefined);
  assert.equal(await asked({ request: encoded(mastersCsr) }), undefined);
  assert.equal(await asked({ signerName, request: encoded(mastersCsr) }), 'certificatesigningrequests.certificates.k8s.io "web" is forbidden: use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed');
});

test("an Ingress without a class gets the newest default one", async () => {
  const classOf = (name: string, creationTimestamp: string, value = "true"): object => ({ metadata: { name, creationTimestamp, annotations: { "ingressclass.kubernetes.io/is-default-class": value } }, spec: {} });
  const stored = { ingressclasses: [classOf("old", "2020-01-01T00:00:00Z"), classOf("new", "2021-01-01T00:00:00Z"), classOf("other", "2022-01-01T00:00:00Z", "false")] };
  const admitted = async (ingress: object): Promise<string | undefined> => {
    const object = { metadata: { name: "web" }, spec: {}, status: {}, ...ingress } as Ingress;
    assert.equal(await outcome(defaultIngressClass, requestFor("ingresses", stored), object), undefined);
    return object.spec.ingressClassName;
  };
  assert.equal(await admitted({}), "new");
  assert.equal(await admitted({ spec: { ingressClassName: "mine" } }), "mine");
  assert.equal(await admitted({ metadata: { name: "web", annotations: { "kubernetes.io/ingress.class": "mine" } } }), undefined);
});
