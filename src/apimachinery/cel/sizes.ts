/** Ranges of sizes and costs, in steps that never overflow: beyond all bounds is Infinity. Upstream: cel-go checker/cost.go */
import { regexFactor, traversalFactor } from "./budget.ts";

export interface Range { readonly min: number; readonly max: number }

export const unknownSize: Range = { min: 0, max: Infinity };
export const fixed = (n: number): Range => ({ min: n, max: n });
export const plus = (a: Range, b: Range): Range => ({ min: a.min + b.min, max: a.max + b.max });
export const times = (a: Range, b: Range): Range => ({ min: product(a.min, b.min), max: product(a.max, b.max) });
export const union = (a: Range, b: Range): Range => ({ min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) });
const scaled = (a: Range, factor: number): Range => ({ min: Math.ceil(a.min * factor), max: Math.ceil(a.max * factor) });

/** Nothing times the unbounded is nothing. */
const product = (a: number, b: number): number => (a === 0 || b === 0 ? 0 : a * b);

/** What reading so many characters costs. */
export const traversal = (size: Range, factor = 1): Range => scaled(size, traversalFactor * factor);
/** What matching a pattern costs; a character is added so that an empty text is not free. */
export const regexCost = (text: Range, pattern: Range): Range => times(traversal(plus(text, fixed(1))), scaled(pattern, regexFactor));
