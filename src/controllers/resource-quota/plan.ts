/** What a quota should say of itself. Pure. Upstream: pkg/controller/resourcequota syncResourceQuota, pkg/quota/v1 CalculateUsage */
import type { ResourceQuota, ResourceQuotaStatus } from "#api/gen/core-v1.ts";
import type { Evaluator } from "#api/quota/evaluator.ts";
import { inScopes } from "#api/quota/evaluators.ts";
import { addResources, onlyResources, printResources, resourceList, type ResourceList } from "#api/resource-list.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { Quantity } from "#apimachinery/quantity.ts";

/** The objects of one resource in the quota's namespace, and how they count. */
export interface Counted { readonly evaluator: Evaluator; readonly objects: readonly KubeObject[] }

/** The new status; undefined when it is said already. What nobody can count keeps its old amount. */
export function plan(quota: ResourceQuota, counted: readonly Counted[], now: number): ResourceQuotaStatus | undefined {
  const hard = printResources(resourceList(quota.spec.hard));
  const used = { ...only(quota.status.used ?? {}, hard), ...usage(quota, counted, now) };
  const next: ResourceQuotaStatus = { hard, used };
  return semanticEqual(next, canonical(quota.status)) && quota.status.hard !== undefined ? undefined : next;
}

/** Names of the quota that the resource's objects count for. */
export const namesOf = ({ spec }: ResourceQuota, evaluator: Evaluator): readonly string[] => Object.keys(spec.hard ?? {}).filter((name) => evaluator.counts(name));

function usage(quota: ResourceQuota, counted: readonly Counted[], now: number): Record<string, string> {
  let total: ResourceList = {};
  for (const { evaluator, objects } of counted) {
    const names = namesOf(quota, evaluator);
    total = addResources(total, Object.fromEntries(names.map((name) => [name, Quantity.zero])));
    for (const object of objects) if (inScopes(quota, evaluator, object)) total = addResources(total, onlyResources(evaluator.usage(object, now), names));
  }
  return printResources(total);
}

const only = (list: Readonly<Record<string, string>>, hard: Readonly<Record<string, string>>): Record<string, string> => Object.fromEntries(Object.entries(list).filter(([name]) => Object.hasOwn(hard, name)));
const canonical = ({ hard, used }: ResourceQuotaStatus): ResourceQuotaStatus => ({ hard: printResources(resourceList(hard)), used: printResources(resourceList(used)) });
