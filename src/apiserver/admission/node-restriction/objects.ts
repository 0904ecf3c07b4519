import type { CertificateSigningRequest } from "#api/gen/certificates-v1.ts";
import type { Node, PersistentVolumeClaim } from "#api/gen/core-v1.ts";
import type { ResourceSlice } from "#api/gen/resource-v1.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { CsrError } from "#base/csr.ts";
import { readRequest } from "../../registry/certificates/validation.ts";
import { difference } from "../../registry/common/difference.ts";
import type { AdmissionAttributes } from "../attributes.ts";
import { refused } from "../plugin.ts";
import type { Check } from "./check.ts";
import { restrictedLabels } from "./labels.ts";

const nodeSigners: ReadonlySet<string> = new Set(["kubernetes.io/kubelet-serving", "kubernetes.io/kube-apiserver-client-kubelet"]);

/** Of a create, the name stands in the object. */
const nameOf = ({ operation, name }: AdmissionAttributes, object: KubeObject | undefined): string => (operation === "CREATE" ? (object?.metadata.name ?? name) : name);

/** Upstream: noderestriction admitNode */
export const node: Check = (attributes, self, object) => {
  const name = attributes.name || (object?.metadata.name ?? "");
  if (name !== self) throw refused(attributes, `node "${self}" is not allowed to modify node "${name}"`);
  const next = object as Node | undefined;
  const old = attributes.oldObject as Node | undefined;
  if (next === undefined) return;
  if (old === undefined) newNode(attributes, self, next);
  else changedNode(attributes, self, next, old);
};

function newNode(attributes: AdmissionAttributes, self: string, { metadata, spec }: Node): void {
  if (spec.configSource !== undefined) throw refused(attributes, `node "${self}" is not allowed to create pods with a non-nil configSource`);
  const labels = restrictedLabels(metadata.labels, undefined);
  if (labels.length > 0) throw refused(attributes, `node "${self}" is not allowed to set the following labels: ${labels.join(", ")}`);
}

function changedNode(attributes: AdmissionAttributes, self: string, next: Node, old: Node): void {
  if (next.spec.configSource !== undefined && !semanticEqual(next.spec.configSource, old.spec.configSource)) {
    throw refused(attributes, `node "${self}" is not allowed to update configSource to a new non-nil configSource`);
  }
  if (!semanticEqual(next.spec.taints, old.spec.taints)) throw refused(attributes, `node "${self}" is not allowed to modify taints`);
  if (!semanticEqual(next.metadata.ownerReferences, old.metadata.ownerReferences)) {
    throw refused(attributes, `node "${self}" is not allowed to modify ownerReferences`);
  }
  const labels = restrictedLabels(next.metadata.labels, old.metadata.labels);
  if (labels.length > 0) throw refused(attributes, `is not allowed to modify labels: ${labels.join(", ")}`);
}

/** Of a claim, what a grown volume changes. Upstream: noderestriction admitPVCStatus */
export const claimStatus: Check = (attributes, self, object) => {
  if (attributes.operation !== "UPDATE") throw refused(attributes, `unexpected operation "${attributes.operation}"`);
  const [old, next] = [fixedOf(attributes.oldObject as PersistentVolumeClaim), fixedOf(object as PersistentVolumeClaim)];
  if (semanticEqual(old, next)) return;
  throw refused(attributes, `node "${self}" is not allowed to update fields other than status.quantity and status.conditions: ${difference(old, next)}`);
};

/** What a node may not change of a claim. */
function fixedOf({ metadata, status, ...rest }: PersistentVolumeClaim): unknown {
  const { resourceVersion: _v, managedFields: _f, ...meta } = metadata;
  const { capacity: _c, conditions: _d, allocatedResources: _r, allocatedResourceStatuses: _s, ...fixed } = status;
  return { ...rest, metadata: meta, status: fixed };
}

export const otherClaimWrite: Check = (attributes) => { throw refused(attributes, "may only update PVC status"); };

/** Upstream: noderestriction admitLease */
export const lease: Check = (attributes, self, object) => {
  if (attributes.namespace !== "kube-node-lease") throw refused(attributes, 'can only access leases in the "kube-node-lease" system namespace');
  if (nameOf(attributes, object) !== self) throw refused(attributes, "can only access node lease with the same name as the requesting node");
};

/** Upstream: noderestriction admitCSINode */
export const csiNode: Check = (attributes, self, object) => {
  if (nameOf(attributes, object) !== self) throw refused(attributes, "can only access CSINode with the same name as the requesting node");
};

/** Updates are the Node authorizer's. Upstream: noderestriction admitResourceSlice */
export const slice: Check = (attributes, self, object) => {
  const { operation } = attributes;
  if (operation === "UPDATE") return;
  const { spec } = (operation === "CREATE" ? object : attributes.oldObject) as ResourceSlice;
  if (spec.nodeName !== self) throw refused(attributes, `can only ${operation.toLowerCase()} ResourceSlice with the same NodeName as the requesting node`);
};

/** A node asks for certificates of its own name. Upstream: noderestriction admitCSR */
export const csr: Check = (attributes, self, object) => {
  const request = object as CertificateSigningRequest;
  if (attributes.operation !== "CREATE" || !nodeSigners.has(request.spec.signerName)) return;
  const asked = readRequest(request);
  if (asked instanceof CsrError) throw refused(attributes, `unable to parse csr: ${asked.message}`);
  if (asked.commonName !== `system:node:${self}`) throw refused(attributes, `can only create a node CSR with CN=system:node:${self}`);
};
