/** How a StatefulSet's pods are managed, replaced, and what becomes of their claims. */
import type { StatefulSetSpec } from "#api/gen/apps-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { invalidValue, nonNegative, notSupported, required } from "#apimachinery/validation/causes.ts";
import { amountOf, atMostAll, validateIntOrPercent } from "../common/int-or-percent.ts";

/** Upstream: pkg/apis/apps/v1 SetDefaults_StatefulSet */
export function defaultStrategy(spec: StatefulSetSpec): void {
  const strategy = (spec.updateStrategy ??= {});
  strategy.type ||= "RollingUpdate";
  if (strategy.type === "RollingUpdate") {
    strategy.rollingUpdate ??= {};
    strategy.rollingUpdate.partition ??= 0;
    strategy.rollingUpdate.maxUnavailable ??= 1;
  }
  const retention = (spec.persistentVolumeClaimRetentionPolicy ??= {});
  retention.whenDeleted ||= "Retain";
  retention.whenScaled ||= "Retain";
}

export function validateManagement({ podManagementPolicy: policy }: StatefulSetSpec): readonly Cause[] {
  if (!policy) return [required("spec.podManagementPolicy")];
  return policy === "OrderedReady" || policy === "Parallel" ? [] : [invalidValue("spec.podManagementPolicy", policy, "must be 'OrderedReady' or 'Parallel'")];
}

export const validateStrategy = (spec: StatefulSetSpec): readonly Cause[] => [...validateUpdates(spec), ...validateRetention(spec)];

function validateUpdates({ updateStrategy = {} }: StatefulSetSpec): readonly Cause[] {
  const { type, rollingUpdate } = updateStrategy;
  if (!type) return [required("spec.updateStrategy")];
  if (type !== "OnDelete" && type !== "RollingUpdate") return [invalidValue("spec.updateStrategy", updateStrategy, "must be 'RollingUpdate' or 'OnDelete'")];
  if (rollingUpdate === undefined) return [];
  if (type === "OnDelete") return [invalidValue("spec.updateStrategy.rollingUpdate", rollingUpdate, "only allowed for updateStrategy 'RollingUpdate'")];
  const field = "spec.updateStrategy.rollingUpdate.maxUnavailable";
  const { partition, maxUnavailable } = rollingUpdate;
  return [
    ...nonNegative("spec.updateStrategy.rollingUpdate.partition", partition),
    ...validateIntOrPercent(field, maxUnavailable),
    ...(maxUnavailable !== undefined && amountOf(maxUnavailable) === 0 ? [invalidValue(field, maxUnavailable, "cannot be 0")] : []),
    ...atMostAll(field, maxUnavailable),
  ];
}

const retentions: readonly string[] = ["Retain", "Delete"];

function validateRetention({ persistentVolumeClaimRetentionPolicy: policy }: StatefulSetSpec): readonly Cause[] {
  if (policy === undefined) return [];
  return (["whenDeleted", "whenScaled"] as const).flatMap((when) =>
    (retentions.includes(policy[when] ?? "") ? [] : [notSupported(`spec.persistentVolumeClaimRetentionPolicy.${when}`, policy[when] ?? "", retentions)]));
}
