import { Quantity } from "#apimachinery/quantity.ts";

/** The parsed quantity; undefined for an absent one, and for what the decoder would not have let through. */
export function quantityOf(text: string | undefined): Quantity | undefined {
  try {
    return text === undefined ? undefined : Quantity.parse(text);
  } catch {
    return undefined;
  }
}
