/** Changes what is written as MutatingAdmissionPolicies say. Upstream: apiserver/pkg/admission/plugin/policy/mutating */
import { decode } from "#apimachinery/decode.ts";
import { isRecord, semanticEqual } from "#apimachinery/equal.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { isStatus, StatusError } from "#apimachinery/status.ts";
import type { MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding } from "#api/gen/admissionregistration-v1.ts";
import { mutatingAdmissionPolicies, mutatingAdmissionPolicyBindings } from "#api/resources.ts";
import { apiSchema } from "#api/schema.ts";
import type { Authorizer } from "../../authz/authorizer.ts";
import { typeOf } from "../../registry/owners.ts";
import type { AdmissionAttributes } from "../attributes.ts";
import { refused, type AdmissionPlugin } from "../plugin.ts";
import { compiledMutations, type CompiledMutation } from "./compiled-mutations.ts";
import { matchConditions } from "./match-conditions.ts";
import { isExempt, matchesResources } from "./matching.ts";
import { applyConfiguration, applyPatches, MutationError } from "./mutate.ts";
import { collectParams, ConfigurationError } from "./params.ts";
import { OutOfBudget, PolicyRun } from "./policy-run.ts";
import { requestValues } from "./request-values.ts";
import type { ServedKinds } from "./served-kinds.ts";

interface Deps { readonly authorizer: Authorizer; readonly served: ServedKinds }
/** One policy through one binding with one parameter. */
interface Invocation { readonly policy: MutatingAdmissionPolicy; readonly binding: MutatingAdmissionPolicyBinding; readonly params: KubeObject | undefined }

export function mutatingPolicies(authorizer: Authorizer, served: ServedKinds): AdmissionPlugin {
  return {
    name: "MutatingAdmissionPolicy",
    async admit(attributes, object) {
      if (object === undefined || isExempt(attributes)) return;
      const bindings = await attributes.reader.list(mutatingAdmissionPolicyBindings);
      if (bindings.length === 0) return;
      const deps: Deps = { authorizer, served };
      const again: Invocation[] = [];
      for (const invocation of await invocations(bindings, attributes, object, deps)) {
        const changed = await invoke(invocation, attributes, object, deps);
        const waiting = again.splice(0);
        // what ran before is run once more after a later change, if it asks for that
        if (changed) for (const earlier of waiting) await invoke(earlier, attributes, object, deps);
        else again.push(...waiting);
        if (invocation.policy.spec.reinvocationPolicy === "IfNeeded") again.push(invocation);
      }
    },
  };
}

async function invocations(bindings: readonly MutatingAdmissionPolicyBinding[], attributes: AdmissionAttributes, object: KubeObject, { served }: Deps): Promise<readonly Invocation[]> {
  const found: Invocation[] = [];
  for (const binding of bindings) {
    const policy = await attributes.reader.get(mutatingAdmissionPolicies, binding.spec.policyName ?? "");
    if (policy === undefined) continue;
    if (!(await matchesResources(policy.spec.matchConstraints, attributes, object, served.serves)) || !(await matchesResources(binding.spec.matchResources, attributes, object, served.serves))) continue;
    await tolerating(policy, binding, attributes, async () => {
      for (const params of await collectParams(policy.spec.paramKind, binding.spec.paramRef, attributes, served.resourceOf)) found.push({ policy, binding, params });
    });
  }
  return found;
}

/** True if the object is another now. It is changed in place. */
async function invoke({ policy, binding, params }: Invocation, attributes: AdmissionAttributes, object: KubeObject, { authorizer }: Deps): Promise<boolean> {
  const compiled = compiledMutations(policy);
  let changed = false;
  await tolerating(policy, binding, attributes, async () => {
    const before = await requestValues(attributes, object, authorizer);
    const matched = await matchConditions(compiled.conditions, before.activation(params), before.log);
    if ("error" in matched) throw new MutationError(matched.error);
    if (!matched.matches) return;
    for (const mutation of compiled.mutations) {
      const values = await requestValues(attributes, object, authorizer);
      const next = await mutated(mutation, new PolicyRun(values, params, compiled.variables), attributes, object);
      if (semanticEqual(next, object)) continue;
      replace(object, next);
      attributes.resource.defaults?.(object);
      changed = true;
    }
  });
  return changed;
}

async function mutated({ patchType, expression, compiled }: CompiledMutation, run: PolicyRun, { resource }: AdmissionAttributes, object: KubeObject): Promise<Record<string, unknown>> {
  const result = await run.evaluate(expression, compiled);
  if ("error" in result) throw new MutationError(result.error);
  const next = patchType === "JSONPatch" ? applyPatches(object, result.value) : applyConfiguration(object, result.value, typeOf(resource));
  if (!isRecord(next)) throw new MutationError("the object is no object after the mutation");
  return resource.custom === undefined ? decode(apiSchema, resource.schema, next).object : resource.custom.read(next).object;
}

function replace(object: KubeObject, next: Record<string, unknown>): void {
  const target = object as unknown as Record<string, unknown>;
  for (const key of Object.keys(target)) if (!Object.hasOwn(next, key)) delete target[key];
  Object.assign(target, next);
}

/** Runs a step; what is wrong with the policy is refused or, where it says so, ignored. */
async function tolerating({ metadata, spec }: MutatingAdmissionPolicy, binding: MutatingAdmissionPolicyBinding, attributes: AdmissionAttributes, step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (err) {
    if (!(err instanceof MutationError || err instanceof ConfigurationError || err instanceof OutOfBudget || isStatus(err, "BadRequest"))) throw err;
    if (spec.failurePolicy === "Ignore") return;
    const message = `policy '${metadata.name}' with binding '${binding.metadata.name}' denied request: ${err instanceof ConfigurationError ? "failed to configure binding: " : ""}${err.message}`;
    throw new StatusError("Invalid", message, { ...refused(attributes, "").details, causes: [{ message }] }, { code: 403 });
  }
}
