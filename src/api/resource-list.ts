/** Amounts by resource name, as numbers that can be reckoned with. */
import { Quantity } from "#apimachinery/quantity.ts";

export type ResourceList = Readonly<Record<string, Quantity>>;

/** Reads the quantities of an API object; they have been validated before. */
export function resourceList(texts: Readonly<Record<string, string>> | undefined): ResourceList {
  return Object.fromEntries(Object.entries(texts ?? {}).map(([name, text]) => [name, Quantity.parse(text)]));
}

/** Back to what an API object holds, in canonical form. */
export const printResources = (list: ResourceList): Record<string, string> => Object.fromEntries(Object.entries(list).map(([name, amount]) => [name, amount.toString()]));

/** Of the list, what has one of these names. */
export const onlyResources = (list: ResourceList, names: readonly string[]): ResourceList => Object.fromEntries(Object.entries(list).filter(([name]) => names.includes(name)));

export const addResources = (a: ResourceList, b: ResourceList): ResourceList => combine(a, b, (x, y) => x.add(y));
export const maxResources = (a: ResourceList, b: ResourceList): ResourceList => combine(a, b, (x, y) => (x.cmp(y) >= 0 ? x : y));

function combine(a: ResourceList, b: ResourceList, join: (x: Quantity, y: Quantity) => Quantity): ResourceList {
  const result: Record<string, Quantity> = { ...a };
  for (const [name, amount] of Object.entries(b)) {
    const own = a[name];
    result[name] = own === undefined ? amount : join(own, amount);
  }
  return result;
}
