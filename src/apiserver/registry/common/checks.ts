/** Checks over numbers and quantities that several kinds share. */
import { Quantity } from "#apimachinery/quantity.ts";
import type { Cause } from "#apimachinery/status.ts";
import { eachInvalid } from "#apimachinery/validation/causes.ts";
import { inRange as inRangeText } from "#apimachinery/validation/names.ts";

/** Nothing for an absent number. */
export const inRange = (field: string, value: number | undefined, min: number, max: number): readonly Cause[] =>
  (value === undefined ? [] : eachInvalid(field, value, inRangeText(value, min, max)));

/** The parsed quantity; undefined for an absent one, and for what the decoder would not have let through. */
export function quantityOf(text: string | undefined): Quantity | undefined {
  try {
    return text === undefined ? undefined : Quantity.parse(text);
  } catch {
    return undefined;
  }
}

export const sum = (numbers: Iterable<number>): number => {
  let total = 0;
  for (const n of numbers) total += n;
  return total;
};
