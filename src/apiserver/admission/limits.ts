/** Whether amounts lie within a range. Pure; in upstream's words. Upstream: plugin/pkg/admission/limitranger minConstraint, maxConstraint, limitRequestRatioConstraint */
import type { LimitRangeItem } from "#api/gen/core-v1.ts";
import type { ResourceList } from "#api/resource-list.ts";
import { Quantity } from "#apimachinery/quantity.ts";

type Problem = string | undefined;

/** Against requests and limits of a container or a pod. */
export const limitProblems = (item: LimitRangeItem, requests: ResourceList, limits: ResourceList): readonly string[] => [
  ...each(item.min, (name, least) => belowLeast(item.type, name, least, requests[name], limits[name])),
  ...each(item.max, (name, most) => aboveMost(item.type, name, most, requests[name], limits[name])),
  ...each(item.maxLimitRequestRatio, (name, most) => aboveRatio(item.type, name, most, requests[name], limits[name])),
];

/** Against what a claim asks for; it has no limits. */
export const requestProblems = (item: LimitRangeItem, requests: ResourceList): readonly string[] => [
  ...each(item.min, (name, least) => belowLeast(item.type, name, least, requests[name], undefined)),
  ...each(item.max, (name, most) => aboveMostRequest(item.type, name, most, requests[name])),
];

const each = (list: Readonly<Record<string, string>> | undefined, check: (name: string, amount: Quantity) => Problem): readonly string[] =>
  Object.keys(list ?? {}).toSorted().flatMap((name) => check(name, Quantity.parse(list?.[name] ?? "0")) ?? []);

function belowLeast(type: string, name: string, least: Quantity, request: Quantity | undefined, limit: Quantity | undefined): Problem {
  const rule = `minimum ${name} usage per ${type} is ${least.toString()}`;
  if (request === undefined) return `${rule}.  No request is specified`;
  if (request.cmp(least) < 0) return `${rule}, but request is ${request.toString()}`;
  return limit !== undefined && limit.cmp(least) < 0 ? `${rule}, but limit is ${limit.toString()}` : undefined;
}

function aboveMostRequest(type: string, name: string, most: Quantity, request: Quantity | undefined): Problem {
  const rule = `maximum ${name} usage per ${type} is ${most.toString()}`;
  if (request === undefined) return `${rule}.  No request is specified`;
  return request.cmp(most) > 0 ? `${rule}, but request is ${request.toString()}` : undefined;
}

function aboveMost(type: string, name: string, most: Quantity, request: Quantity | undefined, limit: Quantity | undefined): Problem {
  const rule = `maximum ${name} usage per ${type} is ${most.toString()}`;
  if (limit === undefined) return `${rule}.  No limit is specified`;
  if (limit.cmp(most) > 0) return `${rule}, but limit is ${limit.toString()}`;
  return request !== undefined && request.cmp(most) > 0 ? `${rule}, but request is ${request.toString()}` : undefined;
}

function aboveRatio(type: string, name: string, most: Quantity, request: Quantity | undefined, limit: Quantity | undefined): Problem {
  const rule = `${name} max limit to request ratio per ${type} is ${most.toString()}`;
  if (request === undefined || request.isZero()) return `${rule}, but no request is specified or request is 0`;
  if (limit === undefined || limit.isZero()) return `${rule}, but no limit is specified or limit is 0`;
  const ratio = limit.approximate / request.approximate;
  return ratio * 1000 > most.milliValue ? `${rule}, but provided ratio is ${ratio.toFixed(6)}` : undefined;
}
