import type { CertificateSigningRequest } from "#api/gen/certificates-v1.ts";
import { CsrError, parseCsr, type Csr } from "#base/csr.ts";
import { kubeletClient, signerOf } from "./signers.ts";
import type { Usage } from "#base/pki.ts";

type Request = CertificateSigningRequest;

/** `sign` what was approved, `fail` what no signer may sign, `ask` whether a node may have what it asks for. */
export type Plan =
  | { readonly action: "none" }
  | { readonly action: "sign"; readonly csr: Csr; readonly usage: Usage; readonly seconds: number }
  | { readonly action: "fail"; readonly message: string }
  | { readonly action: "ask"; readonly self: boolean };

const year = 365 * 86_400;
const shortest = 600;
const nothing: Plan = { action: "none" };

/** How long a certificate is valid, in seconds: as asked for, within bounds. Upstream: pkg/controller/certificates/signer/signer.go duration */
export const validFor = (asked: number | undefined, longest: number = year): number => (asked === undefined ? longest : Math.min(Math.max(asked, shortest), longest));

/** Upstream: pkg/controller/certificates/signer handle, pkg/controller/certificates/approver handle */
export function plan({ spec, status }: Request, longest: number = year): Plan {
  const has = (type: string): boolean => (status.conditions ?? []).some((condition) => condition.type === type);
  if (status.certificate || has("Denied") || has("Failed")) return nothing;
  const csr = read(spec.request);
  if (csr instanceof CsrError) return nothing;
  return has("Approved") ? signing(spec, csr, longest) : approving(spec, csr);
}

function signing({ signerName, usages = [], expirationSeconds }: Request["spec"], csr: Csr, longest: number): Plan {
  const signer = signerOf({ signerName });
  if (signer === undefined) return nothing;
  const problem = signer.rule(csr, usages);
  return problem === undefined ? { action: "sign", csr, usage: signer.usage, seconds: validFor(expirationSeconds, longest) } : { action: "fail", message: problem };
}

/** Only what a kubelet asks for as a client is approved by itself. */
function approving({ signerName, usages = [], username }: Request["spec"], csr: Csr): Plan {
  if (signerName !== "kubernetes.io/kube-apiserver-client-kubelet" || kubeletClient(csr, usages) !== undefined) return nothing;
  return { action: "ask", self: csr.commonName === username };
}

function read(request: string): Csr | CsrError {
  try {
    return parseCsr(Buffer.from(request, "base64").toString("latin1"));
  } catch (err) {
    if (err instanceof CsrError) return err;
    throw err;
  }
}
