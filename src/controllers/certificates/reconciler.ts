import type { SubjectAccessReview } from "#api/gen/authorization-v1.ts";
import type { CertificateSigningRequest, CertificateSigningRequestCondition } from "#api/gen/certificates-v1.ts";
import { certificateSigningRequests } from "#api/resources.ts";
import { timestamp } from "#apimachinery/time.ts";
import type { Component } from "#base/component.ts";
import { signCertificate, type KeyPair } from "#base/pki.ts";
import type { Client } from "#client/client.ts";
import { ignore } from "../ignore.ts";
import { newController, source, type ControllerDeps } from "../runner.ts";
import { plan, type Plan } from "./plan.ts";

const reviews = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
const daySeconds = 86_400;

/** Approves what kubelets may have, and signs what was approved. Key: the request. Upstream: pkg/controller/certificates/approver, signer */
export function certificateController(deps: ControllerDeps, ca: KeyPair, longestMs?: number): Component {
  const requests = deps.informers.for(certificateSigningRequests);
  return newController(deps, (client) => ({
    sources: [source(certificateSigningRequests, requests, ({ metadata }) => [metadata.name])],
    reconciler: {
      name: "certificates",
      async reconcile(key, signal) {
        const request = requests.get(key);
        if (request === undefined) return;
        const next = plan(request, longestMs === undefined ? undefined : longestMs / 1000);
        const now = deps.clock.now();
        if (next.action === "sign") await writeStatus(client, { ...request, status: { ...request.status, certificate: certificateOf(ca, next, now) } }, signal);
        if (next.action === "fail") await writeStatus(client, withCondition(request, { type: "Failed", status: "True", reason: "SignerValidationFailure", message: next.message }, now), signal);
        if (next.action === "ask") await approve(client, request, next.self, now, signal);
      },
    },
  }));
}

function certificateOf(ca: KeyPair, { csr, usage, seconds }: Extract<Plan, { action: "sign" }>, now: number): string {
  const { commonName, organizations, dns, ips, publicKey } = csr;
  return Buffer.from(signCertificate(ca, publicKey, { commonName, organizations, dns, ips, usages: [usage], days: seconds / daySeconds }, now)).toString("base64");
}

const withCondition = (request: CertificateSigningRequest, condition: CertificateSigningRequestCondition, now: number): CertificateSigningRequest =>
  ({ ...request, status: { ...request.status, conditions: [...(request.status.conditions ?? []), { ...condition, lastUpdateTime: timestamp(now) }] } });

async function writeStatus(client: Client, request: CertificateSigningRequest, signal: AbortSignal): Promise<void> {
  await client.resource(certificateSigningRequests).update(request, { subresource: "status", signal }).catch(ignore("NotFound"));
}

/** Approves when the requester may have such a certificate: its own, or any node's. */
async function approve(client: Client, request: CertificateSigningRequest, self: boolean, now: number, signal: AbortSignal): Promise<void> {
  const kind = self && await mayHave(client, request, "selfnodeclient", signal) ? "self " : await mayHave(client, request, "nodeclient", signal) ? "" : undefined;
  if (kind === undefined) return;
  const message = `Auto approving ${kind}kubelet client certificate after SubjectAccessReview.`;
  const next = withCondition(request, { type: "Approved", status: "True", reason: "AutoApproved", message }, now);
  await client.resource(certificateSigningRequests).update(next, { subresource: "approval", signal }).catch(ignore("NotFound"));
}

async function mayHave(client: Client, { spec }: CertificateSigningRequest, subresource: string, signal: AbortSignal): Promise<boolean> {
  const { username: user, uid, groups, extra } = spec;
  const body = {
    kind: "SubjectAccessReview", apiVersion: "authorization.k8s.io/v1",
    spec: { user, uid, groups, extra, resourceAttributes: { group: "certificates.k8s.io", resource: "certificatesigningrequests", verb: "create", subresource } },
  };
  const { status } = await client.request<SubjectAccessReview>({ method: "POST", path: reviews, body, signal });
  return status?.allowed === true;
}
