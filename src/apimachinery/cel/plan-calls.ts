/** Calls: the operators that do not evaluate all they are given, then everything else by its overloads. */
import type { Call, Expr } from "./ast.ts";
import type { Overload } from "./declarations.ts";
import type { Frame, Step } from "./frame.ts";
import type { Planner } from "./plan.ts";
import { isDynamic } from "./types.ts";
import { isError, kindOf, noSuchOverload, Optional, type Value } from "./values.ts";

export function planCall(planner: Planner, call: Call): Step {
  const target = planner.checked.namespaced.has(call) ? undefined : call.target;
  const args = target === undefined ? call.args : [target, ...call.args];
  const steps = args.map((arg) => planner.step(arg));
  const [a = never, b = never, c = never] = steps;
  switch (call.target === undefined ? call.name : `.${call.name}`) {
    case "_&&_": return decide(false, a, b);
    case "_||_": return decide(true, a, b);
    case "_?_:_": return choose(a, b, c);
    case ".or": return (frame) => alternative(frame, a(frame), b, false);
    case ".orValue": return (frame) => alternative(frame, a(frame), b, true);
    default: return planStrict(planner, call, args, steps);
  }
}

const never: Step = () => noSuchOverload;

/** `&&` where `short` is false, `||` where it is true: one side that decides makes the other's error not count. */
function decide(short: boolean, left: Step, right: Step): Step {
  return (frame) => {
    const a = left(frame);
    if (a === short) return short;
    const b = right(frame);
    if (b === short) return short;
    if (typeof a === "boolean" && typeof b === "boolean") return !short;
    return isError(a) ? a : isError(b) ? b : noSuchOverload;
  };
}

function choose(condition: Step, yes: Step, no: Step): Step {
  return (frame) => {
    const chosen = condition(frame);
    if (typeof chosen !== "boolean") return isError(chosen) ? chosen : noSuchOverload;
    return chosen ? yes(frame) : no(frame);
  };
}

function alternative(frame: Frame, optional: Value, other: Step, unwrap: boolean): Value {
  if (!(optional instanceof Optional)) return isError(optional) ? optional : noSuchOverload;
  frame.spend(1);
  if (optional.value === undefined) return other(frame);
  return unwrap ? optional.value : optional;
}

function planStrict(planner: Planner, call: Expr, args: readonly Expr[], steps: readonly Step[]): Step {
  const overloads = planner.checked.calls.get(call) ?? [];
  const [only] = overloads;
  const certain = args.every((arg) => !isDynamic(planner.checked.types.get(arg) ?? { kind: "dyn", name: "dyn", params: [] }));
  if (overloads.length === 1 && only !== undefined && (certain || only.kinds.every((kind) => kind === undefined))) return direct(only, steps);
  return dispatched(overloads, steps);
}

/** The one overload that it can be. */
function direct({ run, cost }: Overload, steps: readonly Step[]): Step {
  const [first, second] = steps;
  if (steps.length === 2 && first !== undefined && second !== undefined) return (frame) => {
    const a = first(frame);
    const b = second(frame);
    if (isError(a)) return a;
    if (isError(b)) return b;
    frame.spend(cost === undefined ? 1 : cost.run([a, b]));
    return run(a, b);
  };
  return (frame) => {
    const values = valuesOf(frame, steps);
    if (!Array.isArray(values)) return values;
    frame.spend(cost === undefined ? 1 : cost.run(values));
    return run(...values);
  };
}

/** The first overload whose kinds the values have. */
function dispatched(overloads: readonly Overload[], steps: readonly Step[]): Step {
  return (frame) => {
    const values = valuesOf(frame, steps);
    if (!Array.isArray(values)) return values;
    const chosen = overloads.find((one) => one.kinds.every((kind, i) => kind === undefined || kind === kindOf(values[i] ?? null)));
    if (chosen === undefined) { frame.spend(1); return noSuchOverload; }
    frame.spend(chosen.cost === undefined ? 1 : chosen.cost.run(values));
    return chosen.run(...values);
  };
}

/** All arguments, or the first error among them. */
function valuesOf(frame: Frame, steps: readonly Step[]): Value[] | Value {
  const values: Value[] = [];
  for (const step of steps) values.push(step(frame));
  return values.find(isError) ?? values;
}
