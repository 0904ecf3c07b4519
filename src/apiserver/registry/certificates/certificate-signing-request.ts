import { setOf } from "#apimachinery/apply/field-set.ts";
import type { CertificateSigningRequest } from "#api/gen/certificates-v1.ts";
import { humanDuration, nameColumn, ageColumn } from "../common/columns.ts";
import type { Column, Resource } from "../resource.ts";
import { validateApprovalUpdate, validateRequest, validateRequestUpdate, validateStatusUpdate } from "./validation.ts";

/** Upstream: pkg/printers/internalversion extractCSRStatus */
function stateText({ status: { conditions = [], certificate } }: CertificateSigningRequest): string {
  const has = (type: string): boolean => conditions.some((condition) => condition.type === type);
  const decision = has("Denied") ? "Denied" : has("Approved") ? "Approved" : "Pending";
  return [decision, ...(has("Failed") ? ["Failed"] : []), ...(certificate ? ["Issued"] : [])].join(",");
}

const columns: readonly Column<CertificateSigningRequest>[] = [
  nameColumn,
  ageColumn,
  { name: "SignerName", type: "string", description: "Who shall sign.", cell: ({ spec }) => spec.signerName || "<none>" },
  { name: "Requestor", type: "string", description: "Who asked.", cell: ({ spec }) => spec.username ?? "" },
  {
    name: "RequestedDuration", type: "string", description: "How long the certificate shall be valid.",
    cell: ({ spec: { expirationSeconds: seconds } }) => (seconds === undefined ? "<none>" : humanDuration(seconds * 1000)),
  },
  { name: "Condition", type: "string", description: "What has become of it.", cell: stateText },
];

/** Who asked is filled in by `admission/certificate-requests.ts`. Upstream: pkg/registry/certificates/certificates */
export const certificateSigningRequests: Resource<CertificateSigningRequest> = {
  group: "certificates.k8s.io", version: "v1", kind: "CertificateSigningRequest", schema: "certificates/v1.CertificateSigningRequest", scope: "Cluster",
  names: { plural: "certificatesigningrequests", singular: "certificatesigningrequest", short: ["csr"] },
  validateName: () => [],
  generation: false,
  prepareUpdate(next, old) {
    next.spec = old.spec;
  },
  validate: validateRequest,
  validateUpdate: validateRequestUpdate,
  selectableFields: { "spec.signerName": ({ spec }) => spec.signerName },
  subresources: {
    status: { type: "write", prepareUpdate: (next, old) => { next.spec = old.spec; }, validateUpdate: validateStatusUpdate },
    approval: {
      type: "write",
      prepareUpdate(next, old) {
        const { conditions = [] } = next.status;
        next.spec = old.spec;
        next.status = { ...old.status, conditions };
      },
      validateUpdate: validateApprovalUpdate,
      resetFields: setOf(["spec"], ["status", "certificate"]),
    },
  },
  columns,
};
