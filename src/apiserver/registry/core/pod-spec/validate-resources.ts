import type { ResourceClaim, ResourceRequirements } from "#api/gen/core-v1.ts";
import { isHugePages } from "#api/resource-names.ts";
import type { Cause } from "#apimachinery/status.ts";
import { duplicate, forbidden, invalidValue, notFoundValue, required } from "#apimachinery/validation/causes.ts";
import { quantityOf } from "../../common/quantity-of.ts";
import { isInteger, isOvercommitable, validateContainerResourceName } from "../../common/resource-names.ts";

/** Upstream: pkg/apis/core/validation ValidateResourceQuantityValue */
export function validateAmount(name: string, text: string, field: string): readonly Cause[] {
  const quantity = quantityOf(text);
  if (quantity === undefined) return [];
  return [
    ...(quantity.sign < 0 ? [invalidValue(field, text, "must be greater than or equal to 0")] : []),
    ...(isInteger(name) && quantity.milliValue % 1000 !== 0 ? [invalidValue(field, text, "must be an integer")] : []),
    ...(isHugePages(name) ? wholePages(name, text, field) : []),
  ];
}

function wholePages(name: string, text: string, field: string): readonly Cause[] {
  const page = quantityOf(name.slice("hugepages-".length));
  const amount = quantityOf(text);
  if (page === undefined || amount === undefined || page.valueBigInt === 0n || amount.valueBigInt % page.valueBigInt === 0n) return [];
  return [invalidValue(field, text, `${text} is not positive integer multiple of ${name}`)];
}

/** Upstream: pkg/apis/core/validation ValidateResourceRequirements */
export function validateResources(resources: ResourceRequirements | undefined, claimNames: ReadonlySet<string> | undefined, field: string): readonly Cause[] {
  if (resources === undefined) return [];
  const { limits = {}, requests = {}, claims = [] } = resources;
  const each = (list: Readonly<Record<string, string>>, path: string): readonly Cause[] =>
    Object.entries(list).flatMap(([name, text]) => [...validateContainerResourceName(name, `${path}[${name}]`), ...validateAmount(name, text, `${path}[${name}]`)]);
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
