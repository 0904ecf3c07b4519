import assert from "node:assert/strict";
import { test } from "node:test";
import type { CertificateSigningRequest } from "#api/gen/certificates-v1.ts";
import { ellipticCsr, mastersCsr, nodeClientCsr, nodeServingCsr } from "#base/csr-fixture.ts";
import { plan, validFor } from "./plan.ts";

const client = ["digital signature", "client auth"];
const approved = { conditions: [{ type: "Approved", status: "True" }] };
function planned(pem: string, signer: string, usages: readonly string[], status: object = approved, fields: object = {}): string {
  const spec = { request: Buffer.from(pem).toString("base64"), signerName: signer.includes("/") ? signer : `kubernetes.io/${signer}`, usages, username: "system:node:a", ...fields };
  const next = plan({ metadata: { name: "x" }, spec, status } as CertificateSigningRequest);
  switch (next.action) {
    case "fail": return `fail: ${next.message}`;
    case "sign": return `sign ${next.csr.commonName} as ${next.usage} for ${next.seconds}`;
    case "ask": return next.self ? "ask for itself" : "ask";
    case "none": return "none";
  }
}
const kubelet = "kube-apiserver-client-kubelet";

// Upstream: pkg/controller/certificates/signer/signer_test.go, pkg/apis/certificates/helpers_test.go
const cases: readonly (readonly [name: string, got: string, want: string])[] = [
  ["a node's own client certificate", planned(nodeClientCsr, kubelet, client), "sign system:node:a as client for 31536000"],
  ["a node's serving certificate", planned(nodeServingCsr, "kubelet-serving", ["digital signature", "server auth"]), "sign system:node:a as server for 31536000"],
  ["anybody's client certificate", planned(mastersCsr, "kube-apiserver-client", client, approved, { expirationSeconds: 3600 }), "sign root as client for 3600"],
  ["a client certificate with names", planned(nodeServingCsr, kubelet, client), "fail: DNS subjectAltNames are not allowed"],
  ["a serving certificate without names", planned(nodeClientCsr, "kubelet-serving", ["digital signature", "server auth"]), "fail: DNS or IP subjectAltName is required"],
  ["a serving certificate with addresses of people", planned(ellipticCsr, "kubelet-serving", ["digital signature", "server auth"]), "fail: Email subjectAltNames are not allowed"],
  ["a certificate of another organization", planned(mastersCsr, kubelet, client), "fail: subject organization is not system:nodes"],
  ["too many usages", planned(nodeClientCsr, kubelet, [...client, "server auth"]), "fail: usages did not match [client auth digital signature key encipherment]"],
  ["a client that would serve", planned(mastersCsr, "kube-apiserver-client", ["server auth"]), "fail: invalid usage for client certificate: server auth"],
  ["a client without its usage", planned(mastersCsr, "kube-apiserver-client", ["digital signature"]), "fail: missing required usage for client certificate: client auth"],
  ["another signer's", planned(nodeClientCsr, "acme.io/web", client), "none"],
  ["what was denied", planned(nodeClientCsr, kubelet, client, { conditions: [{ type: "Denied", status: "True" }] }), "none"],
  ["what has failed", planned(nodeClientCsr, kubelet, client, { conditions: [...approved.conditions, { type: "Failed", status: "True" }] }), "none"],
  ["what is signed", planned(nodeClientCsr, kubelet, client, { ...approved, certificate: "YQ==" }), "none"],
  ["a node's new request", planned(nodeClientCsr, kubelet, client, {}), "ask for itself"],
  ["a new request for another node", planned(nodeClientCsr, kubelet, client, {}, { username: "system:bootstrap:x" }), "ask"],
  ["a new request to serve, which a person decides", planned(nodeServingCsr, "kubelet-serving", ["digital signature", "server auth"], {}), "none"],
];
for (const [name, got, want] of cases) test(`${name}: ${want}`, () => assert.equal(got, want));

test("or as long as --cluster-signing-duration says", () => assert.deepEqual([undefined, 3600, 10 ** 9].map((asked) => validFor(asked, 7200)), [7200, 3600, 7200]));
test("a certificate is valid for ten minutes at least and a year at most", () => assert.deepEqual([undefined, 1, 3600, 10 ** 9].map((asked) => validFor(asked)), [31_536_000, 600, 3600, 31_536_000]));
