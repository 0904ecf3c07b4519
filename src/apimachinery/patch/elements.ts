/** What the elements of two lists must be so that a strategic merge can tell them apart. */
import { isRecord } from "../equal.ts";
import { StatusError } from "../status.ts";
import { isInstruction } from "./directives.ts";
import { follows, type Identity } from "./element-order.ts";
import { cannotApply, cannotMerge, goPrint, goText, goType } from "./errors.ts";

type Bag = Record<string, unknown>;

/** The one type of all elements. Upstream: strategicpatch sliceElementType */
export function elementType(original: readonly unknown[], patch: readonly unknown[]): string {
  const types = [...original, ...patch].map(goType);
  const [first] = types;
  if (first === undefined) throw cannotMerge("no elements in any of the given slices");
  if (first === "[]interface {}") throw cannotApply("lists of lists are not supported");
  if (first === "<nil>" || types.some((type) => type !== first)) throw cannotMerge(`list element types are not identical: ${goPrint([original, patch])}`);
  return first;
}

/** The value of an element's merge key. */
export function keyOf(item: unknown, key: string): unknown {
  if (isRecord(item) && Object.hasOwn(item, key)) return item[key];
  throw cannotMerge(`map: ${goPrint(item)} does not contain declared merge key: ${key}`);
}

/** Upstream: strategicpatch validatePatchWithSetOrderList */
export function checkOrder(list: readonly unknown[], order: readonly unknown[], identity: Identity): void {
  if (list.length === 0 || order.length === 0) return;
  if (!follows(list.filter((item) => !isInstruction(item)), order, identity)) throw cannotMerge(`The order in patch list:\n${goPrint(list)}\n doesn't match $setElementOrder list:\n${goPrint(order)}\n`);
}

/** Upstream: strategicpatch findMapInSliceBasedOnKeyValue */
export function checkMaps(order: readonly unknown[]): void {
  const at = order.findIndex((item) => !isRecord(item));
  if (at >= 0) throw cannotMerge(`value for key ${at} is not a map`);
}

/** An element that is an instruction says `delete` or `replace`. Upstream: strategicpatch mergeSliceWithSpecialElements */
export function checkInstruction(item: Bag, key: string): void {
  const directive = item["$patch"];
  if (directive === "merge") throw cannotMerge("merging lists cannot yet be specified in the patch");
  if (directive === "delete") keyOf(item, key);
  else if (directive !== "replace") throw unknownPatchType(item);
}

export const unknownPatchType = (map: Bag): StatusError => cannotMerge(`unknown patch type: ${goText(map["$patch"])} in map: ${goPrint(map)}`);
