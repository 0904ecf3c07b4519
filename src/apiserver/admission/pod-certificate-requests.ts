import type { PodCertificateRequest } from "#api/gen/certificates-v1beta1.ts";
import { invalid, type Cause } from "#apimachinery/status.ts";
import { timestamp } from "#apimachinery/time.ts";
import { forbidden, invalidValue } from "#apimachinery/validation/causes.ts";
import type { Clock } from "#base/clock.ts";
import type { Authorizer } from "../authz/authorizer.ts";
import type { AdmissionAttributes } from "./attributes.ts";
import { mayFor } from "./certificate-signers.ts";
import { concerns, type AdmissionPlugin } from "./plugin.ts";

const skewMs = 5 * 60_000;
const statusWritten = (attributes: AdmissionAttributes): boolean => attributes.operation === "UPDATE" && concerns(attributes, "certificates.k8s.io", "podcertificaterequests", "status");

/**
 * Says when a request was decided, and lets only those issue a certificate who may sign for its signer, now.
 * Not a plugin upstream but a part of the registry. Upstream: pkg/registry/certificates/podcertificaterequest StatusStrategy
 */
export const podCertificateRequests = (authorizer: Authorizer, clock: Clock): AdmissionPlugin => ({
  name: "PodCertificateRequests",
  resources: ["podcertificaterequests.certificates.k8s.io"],
  admit(attributes, object) {
    if (!statusWritten(attributes)) return;
    for (const condition of (object as PodCertificateRequest).status.conditions ?? []) condition.lastTransitionTime ||= timestamp(clock.now());
  },
  async validate(attributes, object) {
    if (!statusWritten(attributes)) return;
    const [next, old] = [object as PodCertificateRequest, attributes.oldObject as PodCertificateRequest];
    if ((next.status.certificateChain ?? "") === (old.status.certificateChain ?? "")) return;
    const causes = issuedNow(next, clock.now()) ?? await signedBy(authorizer, attributes, old);
    if (causes !== undefined) throw invalid({ group: attributes.resource.group, kind: attributes.resource.kind }, attributes.name, causes);
  },
});

function issuedNow({ status: { notBefore = "" } }: PodCertificateRequest, now: number): readonly Cause[] | undefined {
  return Math.abs(Date.parse(notBefore) - now) < skewMs ? undefined : [invalidValue("status.notBefore", notBefore, "must be set to within 5 minutes of kube-apiserver's current time")];
}

async function signedBy(authorizer: Authorizer, attributes: AdmissionAttributes, { spec: { signerName } }: PodCertificateRequest): Promise<readonly Cause[] | undefined> {
  if (await mayFor(authorizer, attributes, "sign", signerName)) return undefined;
  return [forbidden("spec.signerName", `User "${attributes.user.name}" is not permitted to "sign" for signer "${signerName}"`)];
}
