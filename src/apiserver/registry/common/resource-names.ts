/** Names of resources in requests, limits, ranges and quotas. Upstream: pkg/apis/core/helper/helpers.go, pkg/apis/core/validation validateResourceName */
import { isExtended, isHugePages, isNative } from "#api/resource-names.ts";
import type { Cause } from "#apimachinery/status.ts";
import { eachInvalid, invalidValue } from "#apimachinery/validation/causes.ts";
import { qualifiedName } from "#apimachinery/validation/names.ts";

const computed = ["cpu", "memory", "ephemeral-storage"] as const;
const counted: ReadonlySet<string> = new Set([
  "pods", "resourcequotas", "services", "replicationcontrollers", "secrets", "configmaps", "persistentvolumeclaims", "services.nodeports", "services.loadbalancers",
]);
const ofContainers: ReadonlySet<string> = new Set(computed);
const ofQuotas: ReadonlySet<string> = new Set([...computed, ...computed.flatMap((name) => [`requests.${name}`, `limits.${name}`]), "requests.storage", ...counted]);

const isQuotaHugePages = (name: string): boolean => isHugePages(name) || name.startsWith("requests.hugepages-");

/** More may be promised of it than there is. */
export const isOvercommitable = (name: string): boolean => isNative(name) && !isHugePages(name);
/** Comes in whole pieces only. */
export const isInteger = (name: string): boolean => counted.has(name) || isExtended(name);
export const isQuotaResource = (name: string): boolean => ofQuotas.has(name) || isQuotaHugePages(name);

/** Any resource. */
export function validateResourceName(name: string, field: string): readonly Cause[] {
  const causes = eachInvalid(field, name, qualifiedName(name));
  if (causes.length > 0 || name.includes("/") || name === "storage" || isQuotaResource(name)) return causes;
  return [invalidValue(field, name, "must be a standard resource type or fully qualified")];
}

/** What a container may ask for. */
export function validateContainerResourceName(name: string, field: string): readonly Cause[] {
  const causes = validateResourceName(name, field);
  if (!name.includes("/")) return ofContainers.has(name) || isHugePages(name) ? causes : [...causes, invalidValue(field, name, "must be a standard resource for containers")];
  return isNative(name) || isExtended(name) ? causes : [...causes, invalidValue(field, name, "doesn't follow extended resource name standard")];
}

/** What a quota may limit. */
export function validateQuotaResourceName(name: string, field: string): readonly Cause[] {
  const causes = validateResourceName(name, field);
  return name.includes("/") || isQuotaResource(name) ? causes : [...causes, invalidValue(field, name, "must be a standard resource for quota")];
}
