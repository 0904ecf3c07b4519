/** Groups of the Kubernetes community need an approval. Upstream: apiextensions-apiserver/pkg/apihelpers */
import type { CustomResourceDefinition, CustomResourceDefinitionCondition } from "#api/gen/apiextensions-v1.ts";
import { quote } from "#apimachinery/quote.ts";
import type { Cause } from "#apimachinery/status.ts";
import { invalidValue, required } from "#apimachinery/validation/causes.ts";

const annotation = "api-approved.kubernetes.io";
const path = `metadata.annotations[${annotation}]`;
const link = "see https://github.com/kubernetes/enhancements/pull/1111";

const isProtected = (group: string): boolean => /(?:^|\.)(?:k8s|kubernetes)\.io$/.test(group);

interface Approval { readonly state: "missing" | "bypassed" | "approved" | "invalid"; readonly reason: string }

function approvalOf({ metadata }: CustomResourceDefinition): Approval {
  const text = metadata.annotations?.[annotation] ?? "";
  if (text === "") return { state: "missing", reason: `protected groups must have approval annotation ${quote(annotation)}, ${link}` };
  if (text.startsWith("unapproved")) return { state: "bypassed", reason: `not approved: ${quote(text)}` };
  if (/^[a-z][a-z0-9+.-]*:\/\/[^/]/i.test(text) && URL.canParse(text)) return { state: "approved", reason: `approved in ${text}` };
  return { state: "invalid", reason: `protected groups must have approval annotation ${quote(annotation)} with either a URL or a reason starting with "unapproved", ${link}` };
}

export function validateApproval(crd: CustomResourceDefinition): readonly Cause[] {
  if (!isProtected(crd.spec.group)) return [];
  const { state, reason } = approvalOf(crd);
  if (state === "missing") return [required(path, reason)];
  return state === "invalid" ? [invalidValue(path, crd.metadata.annotations?.[annotation], reason)] : [];
}

const reasons: Readonly<Record<Approval["state"], string>> = { missing: "MissingAnnotation", bypassed: "UnapprovedAnnotation", approved: "ApprovedAnnotation", invalid: "InvalidAnnotation" };

/** What the status says of it; undefined for groups that need none. */
export function approvalCondition(crd: CustomResourceDefinition): CustomResourceDefinitionCondition | undefined {
  if (!isProtected(crd.spec.group)) return undefined;
  const { state, reason } = approvalOf(crd);
  return { type: "KubernetesAPIApprovalPolicyConformant", status: state === "approved" ? "True" : "False", reason: reasons[state], message: reason };
}
