/** What the signers of the cluster sign. Upstream: pkg/controller/certificates/signer, pkg/apis/certificates/helpers.go */
import type { CertificateSigningRequestSpec } from "#api/gen/certificates-v1.ts";
import type { Csr } from "#base/csr.ts";
import type { Usage } from "#base/pki.ts";

type Usages = readonly string[];
/** Why a signer does not sign; undefined when it does. */
type Rule = (csr: Csr, usages: Usages) => string | undefined;
export interface Signer { readonly usage: Usage; readonly rule: Rule }

const nodeOrganization = "system:nodes";
const nodePrefix = "system:node:";

/** Exactly these usages, with or without the one that only RSA keys need. */
function usagesProblem(usages: Usages, purpose: string): string | undefined {
  const wanted = ["digital signature", "key encipherment", purpose];
  const given = new Set(usages);
  const fits = usages.every((usage) => wanted.includes(usage)) && given.has("digital signature") && given.has(purpose);
  return fits ? undefined : `usages did not match [${wanted.toSorted().join(" ")}]`;
}

const nodeProblem = ({ commonName, organizations }: Csr): string | undefined => {
  if (organizations.length !== 1 || organizations[0] !== nodeOrganization) return "subject organization is not system:nodes";
  return commonName.startsWith(nodePrefix) ? undefined : "subject common name does not begin with system:node:";
};

/** Upstream: ValidateKubeletClientCSR */
export const kubeletClient: Rule = (csr, usages) => {
  const { dns, emails, ips, uris } = csr;
  const present = ([["DNS", dns], ["Email", emails], ["IP", ips], ["URI", uris]] as const).find(([, names]) => names.length > 0);
  return nodeProblem(csr) ?? (present === undefined ? undefined : `${present[0]} subjectAltNames are not allowed`) ?? usagesProblem(usages, "client auth");
};

/** Upstream: ValidateKubeletServingCSR */
const kubeletServing: Rule = (csr, usages) => {
  const { dns, emails, ips, uris } = csr;
  if (dns.length + ips.length === 0) return nodeProblem(csr) ?? "DNS or IP subjectAltName is required";
  return nodeProblem(csr) ?? (emails.length > 0 ? "Email subjectAltNames are not allowed" : undefined) ?? (uris.length > 0 ? "URI subjectAltNames are not allowed" : undefined) ?? usagesProblem(usages, "server auth");
};

/** Upstream: validAPIServerClientUsages */
const apiClient: Rule = (_csr, usages) => {
  const stranger = usages.find((usage) => !["digital signature", "key encipherment", "client auth"].includes(usage));
  if (stranger !== undefined) return `invalid usage for client certificate: ${stranger}`;
  return usages.includes("client auth") ? undefined : "missing required usage for client certificate: client auth";
};

const signers: Readonly<Record<string, Signer>> = {
  "kubernetes.io/kube-apiserver-client": { usage: "client", rule: apiClient },
  "kubernetes.io/kube-apiserver-client-kubelet": { usage: "client", rule: kubeletClient },
  "kubernetes.io/kubelet-serving": { usage: "server", rule: kubeletServing },
};

/** Undefined for a signer that is somebody else's. */
export const signerOf = ({ signerName }: Pick<CertificateSigningRequestSpec, "signerName">): Signer | undefined => (Object.hasOwn(signers, signerName) ? signers[signerName] : undefined);
