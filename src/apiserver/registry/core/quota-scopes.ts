/** Which objects a quota is about. Upstream: pkg/apis/core/validation validateResourceQuotaScopes, validateScopedResourceSelectorRequirement */
import type { ResourceQuotaSpec, ScopedResourceSelectorRequirement } from "#api/gen/core-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { invalidValue, required } from "#apimachinery/validation/causes.ts";
import { isQuotaResource } from "../common/resource-names.ts";

type Scope = ScopedResourceSelectorRequirement["scopeName"];

const ofPods: ReadonlySet<string> = new Set(["pods", "cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"]);
const fitting: Readonly<Record<Scope, ReadonlySet<string>>> = {
  Terminating: ofPods, NotTerminating: ofPods, NotBestEffort: ofPods, PriorityClass: ofPods, CrossNamespacePodAffinity: ofPods,
  BestEffort: new Set(["pods"]), VolumeAttributesClass: new Set(["persistentvolumeclaims", "requests.storage"]),
};
const isScope = (name: string): name is Scope => Object.hasOwn(fitting, name);
const fits = (scope: string, resource: string): boolean => !isScope(scope) || fitting[scope].has(resource);

const pairs: readonly (readonly [Scope, Scope])[] = [["BestEffort", "NotBestEffort"], ["Terminating", "NotTerminating"]];
const conflicts = (names: readonly string[], cause: Cause): readonly Cause[] => pairs.filter((pair) => pair.every((scope) => names.includes(scope))).map(() => cause);

export function validateScopes({ scopes = [], hard = {} }: ResourceQuotaSpec, field: string): readonly Cause[] {
  const resources = Object.keys(hard).filter(isQuotaResource).toSorted();
  return [
    ...scopes.flatMap((scope) => [
      ...(isScope(scope) ? [] : [invalidValue(field, scopes, "unsupported scope")]),
      ...resources.filter((name) => !fits(scope, name)).map(() => invalidValue(field, scopes, "unsupported scope applied to resource")),
    ]),
    ...conflicts(scopes, invalidValue(field, scopes, "conflicting scopes")),
  ];
}

export function validateScopeSelector({ scopeSelector, scopes = [], hard = {} }: ResourceQuotaSpec, field: string): readonly Cause[] {
  const requirements = scopeSelector?.matchExpressions ?? [];
  const resources = Object.keys(hard).filter(isQuotaResource).toSorted();
  return [
    ...requirements.flatMap((requirement) => [
      ...(isScope(requirement.scopeName) ? [] : [invalidValue(`${field}.scopeName`, requirement.scopeName, "unsupported scope")]),
      ...resources.filter((name) => !fits(requirement.scopeName, name)).map(() => invalidValue(field, scopeSelector, "unsupported scope applied to resource")),
      ...validateRequirement(requirement, field),
    ]),
    ...conflicts(requirements.map(({ scopeName }) => scopeName), invalidValue(field, scopes, "conflicting scopes")),
  ];
}

const yesOrNo: readonly string[] = ["BestEffort", "NotBestEffort", "Terminating", "NotTerminating", "CrossNamespacePodAffinity"];
const onlyExists = "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";

const validateRequirement = ({ scopeName, operator, values = [] }: ScopedResourceSelectorRequirement, field: string): readonly Cause[] => [
  ...(yesOrNo.includes(scopeName) && operator !== "Exists" ? [invalidValue(`${field}.operator`, operator, onlyExists)] : []),
  ...validateValues(operator, values, field),
];

function validateValues(operator: ScopedResourceSelectorRequirement["operator"], values: readonly string[], field: string): readonly Cause[] {
  switch (operator) {
    case "In": case "NotIn":
      return values.length > 0 ? [] : [required(`${field}.values`, "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector")];
    case "Exists": case "DoesNotExist":
      return values.length === 0 ? [] : [invalidValue(`${field}.values`, values, "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector")];
    default: return [invalidValue(`${field}.operator`, operator, "not a valid selector operator")];
  }
}
