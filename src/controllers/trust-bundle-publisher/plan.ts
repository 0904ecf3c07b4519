import { createHash } from "node:crypto";
import type { ClusterTrustBundle } from "#api/gen/certificates-v1beta1.ts";

/** Vouches for the API server's own certificate. Upstream: cmd/kube-controller-manager/app/certificates.go */
export const servingSigner = "kubernetes.io/kube-apiserver-serving";

export interface Plan {
  readonly write: { readonly action: "create" | "update"; readonly bundle: ClusterTrustBundle } | undefined;
  /** Names of bundles of this signer that hold something else. */
  readonly remove: readonly string[];
}

/** One bundle with the authority's certificate, named by what it holds, and no other of its signer. @param bundles those of the signer @param ca PEM */
export function plan(bundles: readonly ClusterTrustBundle[], ca: string): Plan {
  const name = bundleName(ca);
  const found = bundles.find(({ metadata }) => metadata.name === name);
  const remove = bundles.map(({ metadata }) => metadata.name).filter((other) => other !== name);
  if (found === undefined) return { write: { action: "create", bundle: { metadata: { name }, spec: { signerName: servingSigner, trustBundle: ca } } }, remove };
  return { write: found.spec.trustBundle === ca ? undefined : { action: "update", bundle: { ...found, spec: { ...found.spec, trustBundle: ca } } }, remove };
}

/** Upstream: pkg/controller/certificates/clustertrustbundlepublisher constructBundleName */
const bundleName = (ca: string): string => `${servingSigner.replaceAll("/", ":")}:${createHash("sha256").update(ca).digest("hex").slice(0, 24)}`;
