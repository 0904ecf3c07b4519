/** How much of a device an allocation takes. Upstream: structured/internal consumable_capacity.go */
import type { CapacityRequestPolicy, DeviceCapacity } from "#api/gen/resource-v1.ts";
import { Quantity } from "#apimachinery/quantity.ts";
import type { Candidate } from "./candidate.ts";

/** By the names that the device gives them. */
export type Amounts = ReadonlyMap<string, Quantity>;

/** What is taken of each capacity, whether asked for or not; undefined where the device cannot give it. */
export function amountsOf(asked: Readonly<Record<string, string>> | undefined, { device: { capacity = {} } }: Candidate): Amounts | undefined {
  if (Object.keys(asked ?? {}).some((name) => !Object.hasOwn(capacity, name))) return undefined;
  const amounts = new Map<string, Quantity>();
  for (const [name, offered] of Object.entries(capacity)) {
    const wish = asked !== undefined && Object.hasOwn(asked, name) ? Quantity.parse(asked[name] ?? "") : undefined;
    const amount = amountOf(wish, offered);
    if (breaks(amount, offered.requestPolicy)) return undefined;
    amounts.set(name, amount);
  }
  return amounts;
}

/** Whether the device has so much beside what others have of it. */
export const hasRoom = ({ device: { capacity = {} } }: Candidate, amounts: Amounts, taken: readonly (Amounts | undefined)[]): boolean =>
  Object.entries(capacity).every(([name, { value }]) => [amounts, ...taken].reduce((sum, one) => sum.add(one?.get(name) ?? Quantity.zero), Quantity.zero).cmp(Quantity.parse(value)) <= 0);

/** Nothing asked for: what the device says, or all of it. Upstream: calculateConsumedCapacity */
function amountOf(wish: Quantity | undefined, { value, requestPolicy: policy }: DeviceCapacity): Quantity {
  if (wish === undefined) return Quantity.parse(policy?.default ?? value);
  if (policy?.validRange?.min !== undefined) return inRange(wish, Quantity.parse(policy.validRange.min), policy.validRange.step);
  return policy?.validValues?.map((one) => Quantity.parse(one)).find((one) => one.cmp(wish) >= 0) ?? wish;
}

/** Rounded up to the least, or to the next whole step from there. Upstream: roundUpRange */
function inRange(wish: Quantity, min: Quantity, step: string | undefined): Quantity {
  if (wish.cmp(min) < 0) return min;
  const width = step === undefined ? 0n : Quantity.parse(step).valueBigInt;
  if (width === 0n) return wish;
  const steps = (wish.sub(min).valueBigInt + width - 1n) / width;
  return min.add(Quantity.of(steps * width));
}

/** Upstream: violatesPolicy */
function breaks(amount: Quantity, policy: CapacityRequestPolicy | undefined): boolean {
  if (policy === undefined || (policy.default !== undefined && Quantity.parse(policy.default).cmp(amount) === 0)) return false;
  const { validRange: range, validValues } = policy;
  if (range?.min !== undefined) return amount.cmp(Quantity.parse(range.min)) < 0 || (range.max !== undefined && amount.cmp(Quantity.parse(range.max)) > 0) || inRange(amount, Quantity.parse(range.min), range.step).cmp(amount) !== 0;
  return validValues !== undefined && !validValues.some((one) => Quantity.parse(one).cmp(amount) === 0);
}
