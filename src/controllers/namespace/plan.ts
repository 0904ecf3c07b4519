/** What a namespace that goes says of what is left in it. Upstream: pkg/controller/namespace/deletion/status_condition_utils.go */
import type { Namespace, NamespaceCondition } from "#api/gen/core-v1.ts";
import type { GroupResource } from "#apimachinery/meta.ts";
import { getCondition } from "#api/conditions.ts";
import { timestamp } from "#apimachinery/time.ts";

/** What one round found. */
export interface Left {
  /** Groups that could not be read, each with the reason. */
  readonly undiscovered: readonly string[];
  readonly deletionErrors: readonly string[];
  /** How many objects remain, by resource. */
  readonly remaining: readonly (GroupResource & { readonly count: number })[];
  /** How many objects each finalizer holds. */
  readonly finalizers: ReadonlyMap<string, number>;
}

/** Nothing of the namespace is left, and nothing was hidden from the look. */
export const isEmpty = ({ undiscovered, deletionErrors, remaining }: Left): boolean => undiscovered.length === 0 && deletionErrors.length === 0 && remaining.length === 0;

/** The conditions of the namespace's status; undefined when they stand so already. */
export function conditionsOf({ status }: Namespace, left: Left, now: number): NamespaceCondition[] | undefined {
  const remaining = left.remaining.map((r) => `${r.resource}.${r.group} has ${r.count} resource instances`).toSorted().join(", ");
  const held = [...left.finalizers].map(([name, count]) => `${name} in ${count} resource instances`).toSorted().join(", ");
  const wanted = [
    condition("NamespaceDeletionDiscoveryFailure", left.undiscovered[0], ["ResourcesDiscovered", "All resources successfully discovered"], ["DiscoveryFailed", `Discovery failed for some groups, ${left.undiscovered.length} failing: unable to retrieve the complete list of server APIs: ${left.undiscovered.join(", ")}`]),
    condition("NamespaceDeletionGroupVersionParsingFailure", undefined, ["ParsedGroupVersions", "All legacy kube types successfully parsed"], ["", ""]),
    condition("NamespaceDeletionContentFailure", left.deletionErrors[0], ["ContentDeleted", "All content successfully deleted, may be waiting on finalization"], ["ContentDeletionFailed", `Failed to delete all resource types, ${left.deletionErrors.length} remaining: ${left.deletionErrors.toSorted().join(", ")}`]),
    condition("NamespaceContentRemaining", remaining || undefined, ["ContentRemoved", "All content successfully removed"], ["SomeResourcesRemain", `Some resources are remaining: ${remaining}`]),
    condition("NamespaceFinalizersRemaining", held || undefined, ["ContentHasNoFinalizers", "All content-preserving finalizers finished"], ["SomeFinalizersRemain", `Some content in the namespace has finalizers remaining: ${held}`]),
  ];
  const old = status.conditions ?? [];
  const same = wanted.every((w) => {
    const found = getCondition(old, w.type);
    return found?.status === w.status && found.message === w.message && found.reason === w.reason;
  });
  if (same) return undefined;
  return wanted.map((w) => {
    const found = getCondition(old, w.type);
    return { ...w, lastTransitionTime: found?.status === w.status ? (found.lastTransitionTime ?? timestamp(now)) : timestamp(now) };
  });
}

function condition(type: string, problem: string | undefined, good: readonly [reason: string, message: string], bad: readonly [reason: string, message: string]): NamespaceCondition {
  const [reason, message] = problem === undefined ? good : bad;
  return { type: type as NamespaceCondition["type"], status: problem === undefined ? "False" : "True", reason, message };
}
