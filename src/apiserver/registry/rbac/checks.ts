import type { PolicyRule, RoleRef, Subject } from "#api/gen/rbac-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { eachInvalid, invalidValue, notSupported, required } from "#apimachinery/validation/causes.ts";
import { dns1123Subdomain, pathSegment } from "#apimachinery/validation/names.ts";

export const rbacGroup = "rbac.authorization.k8s.io";

/** Upstream: pkg/apis/rbac/validation ValidatePolicyRule */
export function validateRule(rule: PolicyRule, field: string, namespaced: boolean): readonly Cause[] {
  const verbs = rule.verbs?.length ? [] : [required(`${field}.verbs`, "verbs must contain at least one value")];
  const urls = rule.nonResourceURLs ?? [];
  if (urls.length > 0) {
    const other = [rule.apiGroups, rule.resources, rule.resourceNames].some((list) => (list?.length ?? 0) > 0);
    return [
      ...verbs,
      ...(namespaced ? [invalidValue(`${field}.nonResourceURLs`, urls, "namespaced rules cannot apply to non-resource URLs")] : []),
      ...(other ? [invalidValue(`${field}.nonResourceURLs`, urls, "rules cannot apply to both regular resources and non-resource URLs")] : []),
    ];
  }
  return [
    ...verbs,
    ...(rule.apiGroups?.length ? [] : [required(`${field}.apiGroups`, "resource rules must supply at least one api group")]),
    ...(rule.resources?.length ? [] : [required(`${field}.resources`, "resource rules must supply at least one resource")]),
  ];
}

/** Upstream: pkg/apis/rbac/validation ValidateRoleBinding */
export function validateRoleRef(ref: RoleRef, kinds: readonly string[]): readonly Cause[] {
  return [
    ...(ref.apiGroup === rbacGroup ? [] : [notSupported("roleRef.apiGroup", ref.apiGroup ?? "", [rbacGroup])]),
    ...(kinds.includes(ref.kind) ? [] : [notSupported("roleRef.kind", ref.kind, kinds)]),
    ...(ref.name === "" ? [required("roleRef.name")] : eachInvalid("roleRef.name", ref.name, pathSegment(ref.name))),
  ];
}

/** Upstream: pkg/apis/rbac/validation ValidateRoleBindingSubject */
export function validateSubject(subject: Subject, field: string, namespaced: boolean): readonly Cause[] {
  const name = subject.name === "" ? [required(`${field}.name`)] : [];
  const group = (wanted: string): readonly Cause[] =>
    ((subject.apiGroup ?? "") === wanted ? [] : [notSupported(`${field}.apiGroup`, subject.apiGroup ?? "", [wanted])]);
  switch (subject.kind) {
    case "ServiceAccount":
      return [
        ...name,
        ...(subject.name === "" ? [] : eachInvalid(`${field}.name`, subject.name, dns1123Subdomain(subject.name))),
        ...group(""),
        ...(!namespaced && !subject.namespace ? [required(`${field}.namespace`)] : []),
      ];
    case "User":
    case "Group":
      return [...name, ...group(rbacGroup)];
    default:
      return [...name, notSupported(`${field}.kind`, subject.kind, ["ServiceAccount", "User", "Group"])];
  }
}

/** Upstream: pkg/apis/rbac/v1 SetDefaults_RoleBinding, SetDefaults_Subject */
export function defaultBinding(binding: { roleRef: RoleRef; subjects?: Subject[] }): void {
  if (!binding.roleRef.apiGroup) binding.roleRef.apiGroup = rbacGroup;
  for (const subject of binding.subjects ?? []) {
    if (!subject.apiGroup && (subject.kind === "User" || subject.kind === "Group")) subject.apiGroup = rbacGroup;
  }
}
