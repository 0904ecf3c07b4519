import type { ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding } from "#api/gen/rbac-v1.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { autoupdateAnnotation } from "../registry/flowcontrol/bootstrap.ts";

const autoupdate = "rbac.authorization.kubernetes.io/autoupdate";

/** The stored object with what it lacks; undefined when it lacks nothing, or when its owner said that it be left alone. */
export type Reconcile<T extends KubeObject> = (stored: T, wanted: T) => T | undefined;

/** Never changed once they are there: namespaces, priority classes, APIServices. */
export const leave = (): undefined => undefined;

function withMetadata<T extends KubeObject>(stored: T, wanted: T): T {
  return {
    ...stored,
    metadata: { ...stored.metadata, labels: { ...wanted.metadata.labels, ...stored.metadata.labels }, annotations: { ...wanted.metadata.annotations, ...stored.metadata.annotations } },
  };
}

const changed = <T extends KubeObject>(next: T, stored: T): T | undefined => (semanticEqual(next, stored) ? undefined : next);

/** Adds the rules that are missing; what was added by hand stays. Upstream: component-helpers/auth/rbac/reconciliation ReconcileRoleOptions */
export function reconcileRole<T extends Role & Partial<Pick<ClusterRole, "aggregationRule">>>(stored: T, wanted: T): T | undefined {
  if (stored.metadata.annotations?.[autoupdate] === "false") return undefined;
  const has = (rule: PolicyRule): boolean => (stored.rules ?? []).some((own) => semanticEqual(sorted(own), sorted(rule)));
  const missing = (wanted.rules ?? []).filter((rule) => !has(rule));
  const next = withMetadata(stored, wanted);
  if (missing.length > 0) next.rules = [...(stored.rules ?? []), ...missing];
  if (wanted.aggregationRule !== undefined) next.aggregationRule = wanted.aggregationRule;
  return changed(next, stored);
}

const sorted = (rule: PolicyRule): unknown => Object.fromEntries(Object.entries(rule).map(([key, list]) => [key, [...(list as readonly string[])].sort()]));

/** Brings the spec back to what is suggested, as long as its owner has not said no. Upstream: apiserver/pkg/util/flowcontrol ensurer */
export function reconcileSpec<T extends KubeObject & { spec: unknown }>(stored: T, wanted: T): T | undefined {
  const kept = stored.metadata.annotations?.[autoupdateAnnotation] !== "true";
  return kept || semanticEqual(stored.spec, wanted.spec) ? undefined : { ...stored, spec: structuredClone(wanted.spec) };
}

/** Adds the subjects that are missing. Upstream: component-helpers/auth/rbac/reconciliation ReconcileRoleBindingOptions */
export function reconcileBinding<T extends RoleBinding | ClusterRoleBinding>(stored: T, wanted: T): T | undefined {
  if (stored.metadata.annotations?.[autoupdate] === "false" || !semanticEqual(stored.roleRef, wanted.roleRef)) return undefined;
  const missing = (wanted.subjects ?? []).filter((subject) => !(stored.subjects ?? []).some((own) => semanticEqual(own, subject)));
  return changed({ ...withMetadata(stored, wanted), ...(missing.length > 0 && { subjects: [...(stored.subjects ?? []), ...missing] }) }, stored);
}
