/** Literals that would fail whenever they run are refused before. Upstream: cel-go cel/validator.go */
import { beginRun } from "./budget.ts";
import type { Checked } from "./checker.ts";
import type { Issue } from "./issues.ts";
import { isError, type Value } from "./values.ts";

const checkedFunctions: ReadonlySet<string> = new Set(["matches", "duration", "timestamp"]);

export function checkLiterals(checked: Checked): Issue[] {
  beginRun(); // functions are tried on literals
  const issues: Issue[] = [];
  for (const [call, overloads] of checked.calls) {
    if (call.kind !== "call" || !checkedFunctions.has(call.name)) continue;
    const argument = call.args.at(-1);
    if (argument?.kind !== "literal" || typeof argument.value !== "string") continue;
    const args: Value[] = call.name === "matches" ? ["", argument.value] : [argument.value];
    const fails = overloads.some((one) => one.kinds.length === args.length && one.kinds.at(-1) === "string" && isError(one.run(...args)));
    if (fails) issues.push({ at: argument.at, message: `invalid ${call.name} argument` });
  }
  return issues;
}
