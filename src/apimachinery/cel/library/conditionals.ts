/** The signatures of the operators that `plan-calls.ts` runs itself. */
import { overload, type Overload } from "../declarations.ts";
import { noSuchOverload } from "../values.ts";

export const conditionals: readonly Overload[] = [
  overload("_&&_(bool, bool) -> bool", () => noSuchOverload),
  overload("_||_(bool, bool) -> bool", () => noSuchOverload),
  overload("_?_:_(bool, A, A) -> A", () => noSuchOverload),
];
