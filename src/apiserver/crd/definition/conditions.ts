import type { CustomResourceDefinition, CustomResourceDefinitionCondition } from "#api/gen/apiextensions-v1.ts";

export type ConditionType = "NamesAccepted" | "Established" | "Terminating" | "NonStructuralSchema" | "KubernetesAPIApprovalPolicyConformant";

/** The definition's condition of this type. */
export const conditionOf = ({ status }: CustomResourceDefinition, type: ConditionType): CustomResourceDefinitionCondition | undefined => status.conditions?.find((c) => c.type === type);
export const isTrue = (crd: CustomResourceDefinition, type: ConditionType): boolean => conditionOf(crd, type)?.status === "True";

/** Sets or replaces a condition; its time changes with its status only. @param now as objects carry it. Upstream: apihelpers SetCRDCondition */
export function setCondition(crd: CustomResourceDefinition, condition: CustomResourceDefinitionCondition, now: string): void {
  const conditions = (crd.status.conditions ??= []);
  const known = conditions.find((c) => c.type === condition.type);
  if (known === undefined) conditions.push({ lastTransitionTime: now, ...condition });
  else Object.assign(known, condition, { lastTransitionTime: known.status === condition.status ? (known.lastTransitionTime ?? now) : now });
}
