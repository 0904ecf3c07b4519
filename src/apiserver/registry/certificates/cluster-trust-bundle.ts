import type { ClusterTrustBundle } from "#api/gen/certificates-v1beta1.ts";
import { nameColumn } from "../common/columns.ts";
import type { Resource } from "../resource.ts";
import { validateAnchors, validateTrustBundle, validateTrustBundleUpdate } from "./trust-bundle.ts";

/** Whoever writes one for a signer must be allowed to speak for it: `admission/certificate-signers.ts`. Upstream: pkg/registry/certificates/clustertrustbundle */
export const clusterTrustBundles: Resource<ClusterTrustBundle> = {
  group: "certificates.k8s.io", version: "v1beta1", kind: "ClusterTrustBundle", schema: "certificates/v1beta1.ClusterTrustBundle", scope: "Cluster",
  names: { plural: "clustertrustbundles", singular: "clustertrustbundle" },
  validateName: () => [], // its rules need the signer's name
  generation: false,
  unconditionalUpdate: false,
  validate: validateTrustBundle,
  validateCreate: ({ spec }) => validateAnchors(spec.trustBundle),
  validateUpdate: validateTrustBundleUpdate,
  selectableFields: { "spec.signerName": ({ spec }) => spec.signerName ?? "" },
  columns: [nameColumn, { name: "SignerName", type: "string", description: "Whose signatures the anchors vouch for.", cell: ({ spec }) => spec.signerName || "<none>" }],
};
