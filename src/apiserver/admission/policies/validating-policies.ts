/** Refuses, or warns of, what ValidatingAdmissionPolicies do not allow. Upstream: apiserver/pkg/admission/plugin/policy/validating */
import type { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from "#api/gen/admissionregistration-v1.ts";
import { validatingAdmissionPolicies, validatingAdmissionPolicyBindings } from "#api/resources.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { StatusError, type Reason } from "#apimachinery/status.ts";
import type { Authorizer } from "../../authz/authorizer.ts";
import type { AdmissionAttributes } from "../attributes.ts";
import { refused, type AdmissionPlugin } from "../plugin.ts";
import { compiledPolicy } from "./compiled-policy.ts";
import { complaints, type Complaint } from "./decisions.ts";
import { isExempt, matchesResources } from "./matching.ts";
import { collectParams, ConfigurationError } from "./params.ts";
import { requestValues, type RequestValues } from "./request-values.ts";
import type { ServedKinds } from "./served-kinds.ts";

interface Denial { readonly policy: string; readonly binding: string; readonly complaint: Complaint }

export function validatingPolicies(authorizer: Authorizer, served: ServedKinds): AdmissionPlugin {
  return {
    name: "ValidatingAdmissionPolicy",
    async validate(attributes, object) {
      if (isExempt(attributes)) return;
      const bindings = await attributes.reader.list(validatingAdmissionPolicyBindings);
      if (bindings.length === 0) return;
      const values = once(() => requestValues(attributes, object, authorizer));
      const denials: Denial[] = [];
      for (const binding of bindings) {
        const policy = await attributes.reader.get(validatingAdmissionPolicies, binding.spec.policyName ?? "");
        if (policy !== undefined) denials.push(...await judge(policy, binding, attributes, object, values, served));
      }
      const [first] = denials;
      if (first !== undefined) throw denied(attributes, first);
    },
  };
}

/** What a policy says through one of its bindings; warnings are given on the way. */
async function judge(policy: ValidatingAdmissionPolicy, binding: ValidatingAdmissionPolicyBinding, attributes: AdmissionAttributes, object: KubeObject | undefined, values: () => Promise<RequestValues>, served: ServedKinds): Promise<readonly Denial[]> {
  const about = (match: ValidatingAdmissionPolicy["spec"]["matchConstraints"]): Promise<boolean> => matchesResources(match, attributes, object, served.serves);
  if (!(await about(policy.spec.matchConstraints)) || !(await about(binding.spec.matchResources))) return [];
  const ignore = policy.spec.failurePolicy === "Ignore";
  const names = { policy: policy.metadata.name, binding: binding.metadata.name };
  try {
    const found: Denial[] = [];
    for (const params of await collectParams(policy.spec.paramKind, binding.spec.paramRef, attributes, served.resourceOf)) {
      for (const complaint of await complaints(compiledPolicy(policy), await values(), params, ignore)) found.push({ ...names, complaint });
    }
    return enforced(binding, found, attributes);
  } catch (err) {
    if (!(err instanceof ConfigurationError)) throw err;
    return ignore ? [] : [{ ...names, complaint: { message: `failed to configure binding: ${err.message}`, reason: undefined } }];
  }
}

function enforced({ spec: { validationActions = [] } }: ValidatingAdmissionPolicyBinding, found: readonly Denial[], attributes: AdmissionAttributes): readonly Denial[] {
  if (validationActions.includes("Warn")) {
    for (const { policy, binding, complaint } of found) attributes.warn(`Validation failed for ValidatingAdmissionPolicy '${policy}' with binding '${binding}': ${complaint.message}`);
  }
  return validationActions.includes("Deny") ? found : [];
}

function denied(attributes: AdmissionAttributes, { policy, binding, complaint }: Denial): StatusError {
  const message = `ValidatingAdmissionPolicy '${policy}' with binding '${binding}' denied request: ${complaint.message}`;
  const error = refused(attributes, message);
  const reason: Reason = complaint.reason ?? "Invalid";
  return new StatusError(reason, error.message, { ...error.details, causes: [{ message }] });
}

/** Made when it is first asked for, and kept. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
