/** Optional values; `or` and `orValue` run elsewhere, since they may leave their argument alone. Upstream: cel-go cel/library.go OptionalTypes */
import { ListValue, MapValue } from "../containers.ts";
import { overload, type Overload } from "../declarations.ts";
import { CelError, Double, noSuchOverload, Optional, Uint, type Value } from "../values.ts";

function isZero(value: Value): boolean {
  if (value instanceof ListValue) return value.length === 0;
  if (value instanceof MapValue) return value.size === 0;
  if (value instanceof Double || value instanceof Uint) return Number(value.value) === 0;
  return value === null || value === false || value === 0 || value === "";
}

export const optionalLibrary: readonly Overload[] = [
  overload("optional::of(A) -> optional(A)", (value: Value) => new Optional(value)),
  overload("optional::ofNonZeroValue(A) -> optional(A)", (value: Value) => (isZero(value) ? Optional.none : new Optional(value))),
  overload("optional::none() -> optional(A)", () => Optional.none),
  overload("optional(A).hasValue() -> bool", (optional: Optional) => optional.value !== undefined),
  overload("optional(A).value() -> A", (optional: Optional) => (optional.value === undefined ? new CelError("optional.none() dereference") : optional.value)),
  overload("optional(A).or(optional(A)) -> optional(A)", () => noSuchOverload),
  overload("optional(A).orValue(A) -> A", () => noSuchOverload),
];
