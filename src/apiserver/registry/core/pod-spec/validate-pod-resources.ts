import type { PodSpec } from "#api/gen/core-v1.ts";
import { containerLimits, containerRequests } from "#api/pod-resources.ts";
import { resourceList, type ResourceList } from "#api/resource-list.ts";
import { isHugePages } from "#api/resource-names.ts";
import type { Cause } from "#apimachinery/status.ts";
import { invalidValue } from "#apimachinery/validation/causes.ts";
import { validateResources } from "./validate-resources.ts";

/** What a pod states for itself covers what its containers state. Upstream: pkg/apis/core/validation validatePodResources, validatePodResourceConsistency */
export function validatePodResources(spec: PodSpec, field: string): readonly Cause[] {
  if (spec.resources === undefined) return [];
  const requests = resourceList(spec.resources.requests);
  const limits = resourceList(spec.resources.limits);
  return [
    ...validateResources(spec.resources, undefined, field),
    ...notCovered(containerRequests(spec), requests, `${field}.requests`, "requests"),
    ...notCovered(Object.fromEntries(Object.entries(containerLimits(spec)).filter(([name]) => isHugePages(name))), limits, `${field}.limits`, "limits"),
    ...(spec.containers ?? []).flatMap(({ resources }, i) =>
      Object.entries(resourceList(resources?.limits)).flatMap(([name, limit]) =>
        limits[name] !== undefined && limit.cmp(limits[name]) > 0
          ? [invalidValue(`${field}.containers[${i}][${name}].limits`, limit.toString(), `must be less than or equal to pod limits of ${limits[name].toString()}`)]
          : [])),
  ];
}

const notCovered = (sum: ResourceList, stated: ResourceList, field: string, list: string): readonly Cause[] =>
  Object.entries(sum).flatMap(([name, amount]) =>
    stated[name] !== undefined && amount.cmp(stated[name]) > 0
      ? [invalidValue(`${field}[${name}]`, stated[name].toString(), `must be greater than or equal to aggregate container ${list} of ${amount.toString()}`)]
      : []);
