/** Upstream: apiserver/pkg/cel/library/quantity.go */
import { Quantity, QuantityError } from "../../quantity.ts";
import { flat, traverse } from "../call-costs.ts";
import { overload, type Overload } from "../declarations.ts";
import { intOf, type Int } from "../numbers.ts";
import { CelError, Double, Opaque, type Value } from "../values.ts";

type Amount = Opaque<Quantity>;
/** A quantity as expressions see it. */
export const quantityValue = (quantity: Quantity): Amount => new Opaque("kubernetes.Quantity", quantity, (a, b) => a.cmp(b) === 0);

/** Digits beyond these say nothing that a quantity can hold. */
const longest = 256;

function parse(text: string): Amount | CelError {
  if (text.length > longest) return new CelError("quantity is too long");
  try {
    return quantityValue(Quantity.parse(text));
  } catch (err) {
    if (err instanceof QuantityError) return new CelError(err.message);
    throw err;
  }
}

/** The exact int64, or undefined. */
function whole({ payload }: Amount): Int | undefined {
  const value = intOf(payload.valueBigInt);
  return value instanceof CelError || Quantity.of(value).cmp(payload) !== 0 ? undefined : value;
}

const type = "kubernetes.Quantity";
const compared = (a: Amount, b: Amount): number => a.payload.cmp(b.payload);
const accessor = (signature: string, run: (...args: never[]) => Value): Overload => overload(signature, run, flat(1));

export const quantityLibrary: readonly Overload[] = [
  overload(`quantity(string) -> ${type}`, parse, traverse(0)),
  overload("isQuantity(string) -> bool", (text: string) => !(parse(text) instanceof CelError), traverse(0)),
  accessor(`${type}.sign() -> int`, (q: Amount) => q.payload.sign),
  accessor(`${type}.isInteger() -> bool`, (q: Amount) => whole(q) !== undefined),
  accessor(`${type}.asInteger() -> int`, (q: Amount) => whole(q) ?? new CelError("cannot convert value to integer")),
  accessor(`${type}.asApproximateFloat() -> double`, (q: Amount) => new Double(q.payload.approximate)),
  accessor(`${type}.isGreaterThan(${type}) -> bool`, (a: Amount, b: Amount) => compared(a, b) > 0),
  accessor(`${type}.isLessThan(${type}) -> bool`, (a: Amount, b: Amount) => compared(a, b) < 0),
  accessor(`${type}.compareTo(${type}) -> int`, compared),
  accessor(`${type}.add(${type}) -> ${type}`, (a: Amount, b: Amount) => quantityValue(a.payload.add(b.payload))),
  accessor(`${type}.add(int) -> ${type}`, (a: Amount, b: Int) => quantityValue(a.payload.add(Quantity.of(b)))),
  accessor(`${type}.sub(${type}) -> ${type}`, (a: Amount, b: Amount) => quantityValue(a.payload.sub(b.payload))),
  accessor(`${type}.sub(int) -> ${type}`, (a: Amount, b: Int) => quantityValue(a.payload.sub(Quantity.of(b)))),
];
