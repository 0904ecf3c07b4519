/** What a request does to a namespace's quotas. Pure. Upstream: apiserver/pkg/admission/plugin/resourcequota/controller.go CheckRequest */
import type { ResourceQuota } from "#api/gen/core-v1.ts";
import { inScopes } from "#api/quota/evaluators.ts";
import type { Evaluator } from "#api/quota/evaluator.ts";
import { addResources, onlyResources, printResources, resourceList, type ResourceList } from "#api/resource-list.ts";
import type { KubeObject } from "#apimachinery/meta.ts";

export interface QuotaRequest {
  readonly evaluator: Evaluator;
  readonly object: KubeObject;
  /** What it was before; absent on a create. */
  readonly old: KubeObject | undefined;
  readonly now: number;
}

/** The quotas with the request charged to those that it concerns, in the same order; or why it is refused. */
export type Charged = { readonly ok: true; readonly quotas: readonly ResourceQuota[] } | { readonly ok: false; readonly why: string };

export function charge(quotas: readonly ResourceQuota[], request: QuotaRequest): Charged {
  const concerned = quotas.filter((quota) => isConcerned(quota, request));
  const why = firstOf(concerned, (quota) => unprepared(quota, request)) ?? negative(request);
  if (why !== undefined) return { ok: false, why };
  const delta = deltaOf(request);
  const exceeded = Object.keys(delta).length === 0 ? undefined : firstOf(concerned, (quota) => exceeds(quota, delta));
  if (exceeded !== undefined) return { ok: false, why: exceeded };
  return { ok: true, quotas: quotas.map((quota) => (concerned.includes(quota) ? withUsage(quota, delta) : quota)) };
}

function firstOf<T>(items: readonly T[], check: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = check(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

const hardOf = ({ status }: ResourceQuota): Readonly<Record<string, string>> => status.hard ?? {};
const namesCounted = (quota: ResourceQuota, evaluator: Evaluator): readonly string[] => Object.keys(hardOf(quota)).filter((name) => evaluator.counts(name)).toSorted();

const isConcerned = (quota: ResourceQuota, { evaluator, object }: QuotaRequest): boolean => namesCounted(quota, evaluator).length > 0 && inScopes(quota, evaluator, object);

/** The object must say what is counted, and the quota must know what is used. */
function unprepared(quota: ResourceQuota, { evaluator, object }: QuotaRequest): string | undefined {
  const names = namesCounted(quota, evaluator);
  const unsaid = evaluator.unsaid?.(names, object);
  if (unsaid !== undefined) return `failed quota: ${quota.metadata.name}: ${unsaid}`;
  return names.every((name) => quota.status.used?.[name] !== undefined) ? undefined : `status unknown for quota: ${quota.metadata.name}, resources: ${names.join(",")}`;
}

function negative({ evaluator, object, now }: QuotaRequest): string | undefined {
  const below = Object.entries(evaluator.usage(object, now)).filter(([, amount]) => amount.sign < 0).map(([name]) => name).toSorted();
  return below.length === 0 ? undefined : `quota usage is negative for resource(s): ${below.join(",")}`;
}

/** What is used more than before; what is given back shows when it is counted again. */
function deltaOf({ evaluator, object, old, now }: QuotaRequest): ResourceList {
  const before = old === undefined ? {} : evaluator.usage(old, now);
  const more = Object.entries(evaluator.usage(object, now)).map(([name, amount]) => [name, before[name] === undefined ? amount : amount.sub(before[name])] as const);
  return Object.fromEntries(more.filter(([, amount]) => amount.sign > 0));
}

function exceeds(quota: ResourceQuota, delta: ResourceList): string | undefined {
  const hard = resourceList(hardOf(quota));
  const used = resourceList(quota.status.used);
  const requested = onlyResources(delta, Object.keys(hard));
  const sum = addResources(used, requested);
  const over = Object.keys(requested).filter((name) => (hard[name] === undefined ? 0 : sum[name]?.cmp(hard[name])) === 1);
  if (over.length === 0) return undefined;
  const text = (list: ResourceList): string => Object.entries(printResources(onlyResources(list, over))).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, amount]) => `${name}=${amount}`).join(",");
  return `exceeded quota: ${quota.metadata.name}, requested: ${text(requested)}, used: ${text(used)}, limited: ${text(hard)}`;
}

function withUsage(quota: ResourceQuota, delta: ResourceList): ResourceQuota {
  const requested = onlyResources(delta, Object.keys(hardOf(quota)));
  if (Object.keys(requested).length === 0) return quota;
  return { ...quota, status: { ...quota.status, used: printResources(addResources(resourceList(quota.status.used), requested)) } };
}
