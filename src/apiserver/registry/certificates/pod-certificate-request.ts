import type { PodCertificateRequest } from "#api/gen/certificates-v1beta1.ts";
import { nameColumn } from "../common/columns.ts";
import type { Column, Resource } from "../resource.ts";
import { validatePodRequest, validatePodRequestUpdate } from "./pod-request-spec.ts";
import { endingOf, endings, validatePodRequestStatus } from "./pod-request-status.ts";

type Request = PodCertificateRequest;

const column = (name: string, description: string, cell: (request: Request) => string): Column<Request> => ({ name, type: "string", description, cell });

/** Of the object only its status changes, and what has been decided stays as it was said. Upstream: pkg/registry/certificates/podcertificaterequest StatusStrategy.PrepareForUpdate */
function prepareStatus(next: Request, old: Request): void {
  const { managedFields } = next.metadata;
  next.spec = old.spec;
  next.metadata = { ...old.metadata, ...(managedFields && { managedFields }) };
  for (const type of endings) keepConditions(next, old, type);
}

function keepConditions(next: Request, old: Request, type: string): void {
  const before = (old.status.conditions ?? []).filter((condition) => condition.type === type);
  const after = next.status.conditions ?? [];
  if (after.filter((condition) => condition.type === type).length !== before.length) return; // some came or went
  next.status.conditions = after.map((condition) => (condition.type === type ? (before.shift() ?? condition) : condition));
}

/** A kubelet asks for a certificate for one of its pods; a signer answers in the status. Upstream: pkg/registry/certificates/podcertificaterequest */
export const podCertificateRequests: Resource<Request> = {
  group: "certificates.k8s.io", version: "v1beta1", kind: "PodCertificateRequest", schema: "certificates/v1beta1.PodCertificateRequest", scope: "Namespaced",
  names: { plural: "podcertificaterequests", singular: "podcertificaterequest" },
  generation: false,
  unconditionalUpdate: false,
  defaults({ spec }) { spec.maxExpirationSeconds ??= 86_400; },
  validateCreate: validatePodRequest,
  validateUpdate: validatePodRequestUpdate,
  selectableFields: { "spec.signerName": ({ spec }) => spec.signerName, "spec.podName": ({ spec }) => spec.podName, "spec.nodeName": ({ spec }) => spec.nodeName },
  subresources: { status: { type: "write", prepareUpdate: prepareStatus, validateUpdate: validatePodRequestStatus } },
  columns: [
    nameColumn,
    column("PodName", "The pod that it is for.", ({ spec }) => spec.podName),
    column("ServiceAccountName", "Whom the pod acts as.", ({ spec }) => spec.serviceAccountName),
    column("NodeName", "Where the pod runs.", ({ spec }) => spec.nodeName),
    column("SignerName", "Who shall sign.", ({ spec }) => spec.signerName),
    column("State", "What has become of it.", (request) => endingOf(request) ?? "Pending"),
  ],
};
