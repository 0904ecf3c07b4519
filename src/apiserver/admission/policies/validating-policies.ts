/** Refuses, or warns of, what ValidatingAdmissionPolicies do not allow. Upstream: apiserver/pkg/admission/plugin/policy/validating */
import type { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from "#api/gen/admissionregistration-v1.ts";
import { validatingAdmissionPolicies, validatingAdmissionPolicyBindings } from "#api/resources.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { StatusError, type Reason } from "#apimachinery/status.ts";
import type { Authorizer } from "../../authz/authorizer.ts";
import type { AdmissionAttributes } from "../attributes.ts";
import { refused, type AdmissionPlugin } from "../plugin.ts";
import { AuditRemarks, remarkFailure } from "./audit-remarks.ts";
import { compiledPolicy } from "./compiled-policy.ts";
import { judgement, type Complaint } from "./decisions.ts";
import { isExempt, matchesResources } from "./matching.ts";
import { collectParams, ConfigurationError } from "./params.ts";
import { requestValues, type RequestValues } from "./request-values.ts";
import type { ServedKinds } from "./served-kinds.ts";

interface Judging { readonly attributes: AdmissionAttributes; readonly object: KubeObject | undefined; readonly values: () => Promise<RequestValues>; readonly served: ServedKinds; readonly remarks: AuditRemarks }
interface Denial { readonly policy: string; readonly binding: string; readonly complaint: Complaint }

export function validatingPolicies(authorizer: Authorizer, served: ServedKinds): AdmissionPlugin {
  return {
    name: "ValidatingAdmissionPolicy",
    async validate(attributes, object) {
      if (isExempt(attributes)) return;
      const bindings = await attributes.reader.list(validatingAdmissionPolicyBindings);
      if (bindings.length === 0) return;
      const judging: Judging = { attributes, object, served, values: once(() => requestValues(attributes, object, authorizer)), remarks: new AuditRemarks() };
      const denials: Denial[] = [];
      for (const binding of bindings) {
        const policy = await attributes.reader.get(validatingAdmissionPolicies, binding.spec.policyName ?? "");
        if (policy !== undefined) denials.push(...await judge(policy, binding, judging));
      }
      judging.remarks.publish(attributes);
      const [first] = denials;
      if (first !== undefined) throw denied(attributes, first);
    },
  };
}

/** What a policy refuses through one of its bindings; warnings and remarks for the audit are given on the way. */
async function judge(policy: ValidatingAdmissionPolicy, binding: ValidatingAdmissionPolicyBinding, { attributes, object, values, served, remarks }: Judging): Promise<readonly Denial[]> {
  const about = (match: ValidatingAdmissionPolicy["spec"]["matchConstraints"]): Promise<boolean> => matchesResources(match, attributes, object, served.serves);
  if (!(await about(policy.spec.matchConstraints)) || !(await about(binding.spec.matchResources))) return [];
  const ignore = policy.spec.failurePolicy === "Ignore";
  const names = { policy: policy.metadata.name, binding: binding.metadata.name };
  try {
    const found: Denial[] = [];
    for (const params of await collectParams(policy.spec.paramKind, binding.spec.paramRef, attributes, served.resourceOf)) {
      const judged = await judgement(compiledPolicy(policy), await values(), params, ignore);
      const denying = judged.complaints.filter((complaint) => acted(binding, complaint, attributes));
      for (const complaint of [...denying, ...judged.broken]) found.push({ ...names, complaint });
      for (const [key, value] of judged.remarks) remarks.add(names.policy, key, value);
    }
    return found;
  } catch (err) {
    if (!(err instanceof ConfigurationError)) throw err;
    return ignore ? [] : [{ ...names, complaint: { message: `failed to configure binding: ${err.message}`, reason: undefined, index: 0 } }];
  }
}

/** Warns and remarks as the binding wants it; true when it refuses. */
function acted(binding: ValidatingAdmissionPolicyBinding, complaint: Complaint, attributes: AdmissionAttributes): boolean {
  const { validationActions = [], policyName } = binding.spec;
  if (validationActions.includes("Audit")) remarkFailure(binding, complaint, attributes);
  if (validationActions.includes("Warn")) attributes.warn(`Validation failed for ValidatingAdmissionPolicy '${policyName}' with binding '${binding.metadata.name}': ${complaint.message}`);
  return validationActions.includes("Deny");
}

function denied(attributes: AdmissionAttributes, { policy, binding, complaint }: Denial): StatusError {
  const message = `ValidatingAdmissionPolicy '${policy}' with binding '${binding}' denied request: ${complaint.message}`;
  const error = refused(attributes, message);
  const reason: Reason = complaint.reason ?? "Invalid";
  return new StatusError(reason, error.message, { ...error.details, causes: [{ message }] });
}

/** Made when it is first asked for, and kept. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
