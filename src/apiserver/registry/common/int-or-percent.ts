/** Amounts that are a number or a share of the whole. Upstream: pkg/apis/apps/validation ValidatePositiveIntOrPercent, IsNotMoreThan100Percent */
import type { Cause } from "#apimachinery/status.ts";
import { eachInvalid, invalidValue, nonNegative } from "#apimachinery/validation/causes.ts";
import { percent } from "#apimachinery/validation/names.ts";

export type IntOrPercent = number | string;

/** Nothing for an absent amount. */
export function validateIntOrPercent(field: string, value: IntOrPercent | undefined): readonly Cause[] {
  if (value === undefined) return [];
  return typeof value === "number" ? nonNegative(field, value) : eachInvalid(field, value, percent(value));
}

/** A share of the whole is at most the whole. */
export const atMostAll = (field: string, value: IntOrPercent | undefined): readonly Cause[] =>
  (typeof value === "string" && percent(value).length === 0 && amountOf(value) > 100 ? [invalidValue(field, value, "must not be greater than 100%")] : []);

/** The bare number, of items or of percents; 0 for an absent or broken one. */
export const amountOf = (value: IntOrPercent | undefined): number =>
  (typeof value === "number" ? value : /^\d+%?$/.test(value ?? "") ? Number.parseInt(value ?? "", 10) : 0);
