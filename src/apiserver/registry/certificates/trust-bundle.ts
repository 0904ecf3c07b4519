import type { ClusterTrustBundle } from "#api/gen/certificates-v1beta1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { eachInvalid, immutable, invalidValue, tooLong } from "#apimachinery/validation/causes.ts";
import { dns1123Subdomain, prefixOf } from "#apimachinery/validation/names.ts";
import { pemBlocks, type PemBlock } from "#base/pem.ts";
import { validateSignerName } from "./signer-name.ts";
import { readCertificate } from "./validation.ts";

/** Upstream: pkg/apis/certificates MaxTrustBundleSize */
const mostBytes = 1024 * 1024;
const bundleField = "spec.trustBundle";
const broken = (why: string): Cause => invalidValue(bundleField, "<value omitted>", why);

/** What is wrong with a bundle's name, which begins with its signer's. Upstream: pkg/apis/core/validation ValidateClusterTrustBundleName */
export function trustBundleName(signerName: string, name: string, prefix = false): readonly string[] {
  const check = (own: string): readonly string[] => dns1123Subdomain(prefix ? prefixOf(own) : own);
  if (signerName === "") return name.includes(":") ? ['ClusterTrustBundle without signer name must not have ":" in its name'] : check(name);
  const start = `${signerName.replaceAll("/", ":")}:`;
  return name.startsWith(start) ? check(name.slice(start.length)) : [`ClusterTrustBundle for signerName ${signerName} must be named with prefix ${start}`];
}

/** All but the anchors, which are looked at when they change. Upstream: pkg/apis/certificates/validation ValidateClusterTrustBundle */
export function validateTrustBundle({ metadata, spec: { signerName = "" } }: ClusterTrustBundle): readonly Cause[] {
  const { name, generateName } = metadata;
  return [
    ...(generateName ? eachInvalid("metadata.generateName", generateName, trustBundleName(signerName, generateName, true)) : []),
    ...(name ? eachInvalid("metadata.name", name, trustBundleName(signerName, name)) : []),
    ...(signerName === "" ? [] : validateSignerName(signerName, "spec.signerName")),
  ];
}

/** Upstream: pkg/apis/certificates/validation ValidateClusterTrustBundleUpdate */
export const validateTrustBundleUpdate = ({ spec: next }: ClusterTrustBundle, { spec: old }: ClusterTrustBundle): readonly Cause[] => [
  ...(next.trustBundle === old.trustBundle ? [] : validateAnchors(next.trustBundle)),
  ...immutable("spec.signerName", next.signerName ?? "", old.signerName ?? ""),
];

/** Certificates of authorities, each once, and nothing else; words between them are nobody's affair. Upstream: validateTrustBundle */
export function validateAnchors(text: string): readonly Cause[] {
  if (Buffer.byteLength(text) > mostBytes) return [tooLong(bundleField, mostBytes)];
  const blocks = pemBlocks(text);
  const causes = blocks.flatMap((block, i) => {
    const why = anchorProblem(block);
    return why === undefined ? [] : [broken(`entry ${i} ${why}`)];
  });
  if (causes.length > 0) return causes;
  if (blocks.length === 0) return [broken("at least one trust anchor must be provided")];
  return repeated(blocks).map((indices) => broken(`duplicate trust anchor (indices [${indices.join(" ")}])`));
}

function anchorProblem({ label, hasHeaders, bytes }: PemBlock): string | undefined {
  if (label !== "CERTIFICATE") return `has bad block type: ${label}`;
  if (hasHeaders) return "has PEM block headers";
  const certificate = readCertificate(bytes);
  if (certificate === undefined) return "does not parse as X.509";
  return certificate.ca ? undefined : "does not have the CA bit set";
}

/** Where the same bytes stand more than once. */
function repeated(blocks: readonly PemBlock[]): readonly (readonly number[])[] {
  const places = new Map<string, number[]>();
  blocks.forEach(({ bytes }, i) => {
    const key = bytes.toString("base64");
    places.set(key, [...(places.get(key) ?? []), i]);
  });
  return [...places.values()].filter(({ length }) => length > 1);
}
