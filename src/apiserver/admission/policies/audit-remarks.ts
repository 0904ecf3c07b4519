/** What the audit is told of policies. Upstream: apiserver/pkg/admission/plugin/policy/validating/dispatcher.go */
import type { ValidatingAdmissionPolicyBinding } from "#api/gen/admissionregistration-v1.ts";
import type { AdmissionAttributes } from "../attributes.ts";
import type { Complaint } from "./decisions.ts";

/** Longer values are cut. Upstream: maxAuditAnnotationValueLength */
const longestValue = 10 * 1024;

/** What policies want to be written down, each under a key of its own. */
export class AuditRemarks {
  readonly #values = new Map<string, Set<string>>();

  add(policy: string, key: string, value: string): void {
    const name = `${policy}/${key}`;
    const known = this.#values.get(name) ?? new Set();
    this.#values.set(name, known.add(Buffer.from(value).subarray(0, longestValue).toString()));
  }

  /** Bindings and parameters that come to different values are told side by side. */
  publish(attributes: AdmissionAttributes): void {
    for (const [name, values] of this.#values) attributes.annotate(name, [...values].join(", "));
  }
}

/** Of several failures the first is told: an annotation is not overwritten. Upstream: publishValidationFailureAnnotation */
export function remarkFailure({ metadata, spec }: ValidatingAdmissionPolicyBinding, { message, index }: Complaint, attributes: AdmissionAttributes): void {
  const failure = { message, policy: spec.policyName ?? "", binding: metadata.name, expressionIndex: index, validationActions: spec.validationActions ?? [] };
  attributes.annotate("validation.policy.admission.k8s.io/validation_failure", asGoWrites([failure]));
}

/** JSON that may stand in a page: Go's encoder spells these characters. */
const asGoWrites = (value: unknown): string => JSON.stringify(value).replaceAll(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
