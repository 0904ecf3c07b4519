/** What pods' projections and the requests made of them have in common. */
import type { Cause } from "#apimachinery/status.ts";
import { invalidValue } from "#apimachinery/validation/causes.ts";
import { validateAnnotations } from "#apimachinery/validation/metadata.ts";
import { qualifiedName } from "#apimachinery/validation/names.ts";

/** In seconds. Upstream: pkg/apis/certificates MinMaxExpirationSeconds, KubernetesMaxMaxExpirationSeconds, MaxMaxExpirationSeconds */
const least = 3_600;
const mostOfKubernetes = 86_400;
const most = 91 * 86_400;

/** Upstream: pkg/apis/core/validation IsKubernetesSignerName */
const isKubernetesSigner = (name: string): boolean => {
  const host = name.split("/")[0] ?? "";
  return host === "kubernetes.io" || host.endsWith(".kubernetes.io");
};

/** How long a certificate may live at most: a day where a signer of Kubernetes itself is asked. */
export function validateMaxExpiration(seconds: number, signerName: string, field: string): readonly Cause[] {
  const limit = isKubernetesSigner(signerName) ? mostOfKubernetes : most;
  return seconds >= least && seconds <= limit ? [] : [invalidValue(field, seconds, `must be in the range [${least}, ${limit}]`)];
}

/** What a pod tells the signer, under keys with a domain. Upstream: pkg/apis/core/validation ValidateUserAnnotations */
export const validateUserAnnotations = (annotations: Readonly<Record<string, string>> | undefined, field: string): readonly Cause[] => [
  ...Object.keys(annotations ?? {}).map((key) => key.toLowerCase()).filter((key) => qualifiedName(key).length === 0 && !key.includes("/"))
    .map((key) => invalidValue(field, key, 'must be a domain-prefixed key (such as "acme.io/foo")')),
  ...validateAnnotations(annotations, field),
];
