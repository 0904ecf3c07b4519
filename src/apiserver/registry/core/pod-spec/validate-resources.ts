import type { ResourceClaim, ResourceRequirements } from "#api/gen/core-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { duplicate, eachInvalid, forbidden, invalidValue, notFoundValue, required } from "#apimachinery/validation/causes.ts";
import { qualifiedName } from "#apimachinery/validation/names.ts";
import { quantityOf } from "../../common/checks.ts";

const hugePages = "hugepages-";
const containerResources: ReadonlySet<string> = new Set(["cpu", "memory", "ephemeral-storage"]);
const standardResources: ReadonlySet<string> = new Set([
  ...containerResources,
  "requests.cpu", "requests.memory", "requests.ephemeral-storage", "requests.storage", "limits.cpu", "limits.memory", "limits.ephemeral-storage", "storage",
  "pods", "resourcequotas", "services", "replicationcontrollers", "secrets", "configmaps", "persistentvolumeclaims", "services.nodeports", "services.loadbalancers",
]);

const isHugePages = (name: string): boolean => name.startsWith(hugePages);
/** Upstream: pkg/apis/core/helper IsNativeResource */
const isNative = (name: string): boolean => !name.includes("/") || name.includes("kubernetes.io/");
const isExtended = (name: string): boolean => !isNative(name) && !name.startsWith("requests.") && qualifiedName(`requests.${name}`).length === 0;
/** More may be promised of it than there is. Upstream: pkg/apis/core/helper IsOvercommitAllowed */
const isOvercommitable = (name: string): boolean => isNative(name) && !isHugePages(name);

/** Upstream: pkg/apis/core/validation validateContainerResourceName */
function validateName(name: string, field: string): readonly Cause[] {
  const causes = [...eachInvalid(field, name, qualifiedName(name))];
  if (name.includes("/")) {
    if (!isNative(name) && !isExtended(name)) causes.push(invalidValue(field, name, "doesn't follow extended resource name standard"));
    return causes;
  }
  if (!standardResources.has(name) && !isHugePages(name)) causes.push(invalidValue(field, name, "must be a standard resource type or fully qualified"));
  if (!containerResources.has(name) && !isHugePages(name)) causes.push(invalidValue(field, name, "must be a standard resource for containers"));
  return causes;
}

/** Upstream: pkg/apis/core/validation ValidateResourceQuantityValue */
export function validateAmount(name: string, text: string, field: string): readonly Cause[] {
  const quantity = quantityOf(text);
  if (quantity === undefined) return [];
  return [
    ...(quantity.sign < 0 ? [invalidValue(field, text, "must be greater than or equal to 0")] : []),
    ...(isExtended(name) && quantity.milliValue % 1000 !== 0 ? [invalidValue(field, text, "must be an integer")] : []),
    ...(isHugePages(name) ? wholePages(name, text, field) : []),
  ];
}

function wholePages(name: string, text: string, field: string): readonly Cause[] {
  const page = quantityOf(name.slice(hugePages.length));
  const amount = quantityOf(text);
  if (page === undefined || amount === undefined || page.valueBigInt === 0n || amount.valueBigInt % page.valueBigInt === 0n) return [];
  return [invalidValue(field, text, `${text} is not positive integer multiple of ${name}`)];
}

/** Upstream: pkg/apis/core/validation ValidateResourceRequirements */
export function validateResources(resources: ResourceRequirements | undefined, claimNames: ReadonlySet<string> | undefined, field: string): readonly Cause[] {
  if (resources === undefined) return [];
  const { limits = {}, requests = {}, claims = [] } = resources;
  const each = (list: Readonly<Record<string, string>>, path: string): readonly Cause[] =>
    Object.entries(list).flatMap(([name, text]) => [...validateName(name, `${path}[${name}]`), ...validateAmount(name, text, `${path}[${name}]`)]);
  const names = [...Object.keys(limits), ...Object.keys(requests)];
  return [
    ...each(limits, `${field}.limits`),
    ...Object.entries(requests).flatMap(([name, text]) => [
      ...each({ [name]: text }, `${field}.requests`),
      ...compareWithLimit(name, text, limits[name], field),
    ]),
    ...(names.some(isHugePages) && !names.includes("cpu") && !names.includes("memory") ? [forbidden(field, "HugePages require cpu or memory")] : []),
    ...validateClaims(claims, claimNames, `${field}.claims`),
  ];
}

function compareWithLimit(name: string, text: string, limitText: string | undefined, field: string): readonly Cause[] {
  const request = quantityOf(text);
  const limit = quantityOf(limitText);
  if (limit === undefined) return isOvercommitable(name) ? [] : [required(`${field}.limits`, "Limit must be set for non overcommitable resources")];
  const order = request?.cmp(limit) ?? 0;
  if (order !== 0 && !isOvercommitable(name)) return [invalidValue(`${field}.requests`, text, `must be equal to ${name} limit of ${limit.toString()}`)];
  return order > 0 ? [invalidValue(`${field}.requests`, text, `must be less than or equal to ${name} limit of ${limit.toString()}`)] : [];
}

function validateClaims(claims: readonly ResourceClaim[], known: ReadonlySet<string> | undefined, field: string): readonly Cause[] {
  const seen = new Set<string>();
  return claims.flatMap(({ name, request = "" }, i) => {
    if (name === "") return [required(`${field}[${i}]`)];
    const key = request === "" ? name : `${name}/${request}`;
    if (seen.has(key)) return [duplicate(`${field}[${i}]`, key)];
    seen.add(key);
    return known === undefined || known.has(name) ? [] : [notFoundValue(`${field}[${i}].name`, name)];
  });
}
