import type { CertificateSigningRequest } from "#api/gen/certificates-v1.ts";
import type { ClusterTrustBundle } from "#api/gen/certificates-v1beta1.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { CsrError } from "#base/csr.ts";
import type { Authorizer } from "../authz/authorizer.ts";
import { readRequest } from "../registry/certificates/validation.ts";
import type { AdmissionAttributes } from "./attributes.ts";
import { concerns, refused, type AdmissionPlugin } from "./plugin.ts";

const group = "certificates.k8s.io";
const clientSigner = "kubernetes.io/kube-apiserver-client";
const masters = "system:masters";
const touches = (attributes: AdmissionAttributes, subresource: string): boolean => concerns(attributes, group, "certificatesigningrequests", subresource);

/** For this signer, or for all of its domain. Upstream: plugin/pkg/admission/certificates/util.go IsAuthorizedForSignerName */
export async function mayFor(authorizer: Authorizer, { user }: AdmissionAttributes, verb: string, signerName: string): Promise<boolean> {
  const all = `${signerName.split("/")[0] ?? ""}/*`;
  for (const name of [signerName, all]) {
    if ((await authorizer.authorize({ user, verb, group, version: "v1", resource: "signers", name })).allowed) return true;
  }
  return false;
}

/** Who approves must be allowed to, for this signer. Upstream: plugin/pkg/admission/certificates/approval */
export const certificateApproval = (authorizer: Authorizer): AdmissionPlugin => ({
  name: "CertificateApproval",
  resources: ["certificatesigningrequests.certificates.k8s.io"],
  async validate(attributes) {
    if (attributes.operation !== "UPDATE" || !touches(attributes, "approval")) return;
    const { signerName } = (attributes.oldObject as CertificateSigningRequest).spec;
    if (!await mayFor(authorizer, attributes, "approve", signerName)) throw refused(attributes, `user not permitted to approve requests with signerName "${signerName}"`);
  },
});

/** Who signs, too. Upstream: plugin/pkg/admission/certificates/signing */
export const certificateSigning = (authorizer: Authorizer): AdmissionPlugin => ({
  name: "CertificateSigning",
  resources: ["certificatesigningrequests.certificates.k8s.io"],
  async validate(attributes, object) {
    if (attributes.operation !== "UPDATE" || !touches(attributes, "status")) return;
    const old = attributes.oldObject as CertificateSigningRequest;
    const next = object as CertificateSigningRequest;
    const untouched = (old.status.certificate ?? "") === (next.status.certificate ?? "") && semanticEqual(old.status.conditions, next.status.conditions);
    const { signerName } = old.spec;
    if (!untouched && !await mayFor(authorizer, attributes, "sign", signerName)) throw refused(attributes, `user not permitted to sign requests with signerName "${signerName}"`);
  },
});

/** Whoever says whom a signer's certificates may be trusted by must be allowed to speak for the signer. Upstream: plugin/pkg/admission/certificates/ctbattest */
export const clusterTrustBundleAttest = (authorizer: Authorizer): AdmissionPlugin => ({
  name: "ClusterTrustBundleAttest",
  resources: ["clustertrustbundles.certificates.k8s.io"],
  async validate(attributes, object) {
    if (attributes.operation !== "CREATE" && attributes.operation !== "UPDATE") return;
    const next = object as ClusterTrustBundle;
    const old = attributes.oldObject as ClusterTrustBundle | undefined;
    const { signerName = "" } = next.spec;
    if (signerName === "" || (old !== undefined && differsInGarbageCollectionOnly(next, old))) return;
    if (!await mayFor(authorizer, attributes, "attest", signerName)) throw refused(attributes, `user not permitted to attest for signerName "${signerName}"`);
  },
});

/** Upstream: pkg/registry/rbac IsOnlyMutatingGCFields */
const differsInGarbageCollectionOnly = (next: KubeObject, old: KubeObject): boolean => {
  const { ownerReferences: _o, finalizers: _f, managedFields: _m, ...kept } = old.metadata;
  const { ownerReferences: _p, finalizers: _g, managedFields: _n, ...given } = next.metadata;
  return semanticEqual({ ...next, metadata: given }, { ...old, metadata: kept });
};

/** Nobody gets a certificate of the group that may do everything. Upstream: plugin/pkg/admission/certificates/subjectrestriction */
export const certificateSubjectRestriction: AdmissionPlugin = {
  name: "CertificateSubjectRestriction",
  resources: ["certificatesigningrequests.certificates.k8s.io"],
  validate(attributes, object) {
    if (attributes.operation !== "CREATE" || !touches(attributes, "")) return;
    const request = object as CertificateSigningRequest;
    if (request.spec.signerName !== clientSigner) return;
    const asked = readRequest(request);
    if (asked instanceof CsrError) throw refused(attributes, `failed to parse CSR: ${asked.message}`);
    if (asked.organizations.includes(masters)) throw refused(attributes, `use of ${clientSigner} signer with ${masters} group is not allowed`);
  },
};
