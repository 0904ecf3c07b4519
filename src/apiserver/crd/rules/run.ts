/** Objects against the rules of their schema. Upstream: apiextensions-apiserver/pkg/apiserver/schema/cel/validation.go */
import { runtimeCostBudget } from "#apimachinery/cel/budget.ts";
import type { Binding } from "#apimachinery/cel/schema-types.ts";
import type { Activation } from "#apimachinery/cel/frame.ts";
import { Optional } from "#apimachinery/cel/values.ts";
import { isRecord, sameJson } from "#apimachinery/equal.ts";
import type { Cause } from "#apimachinery/status.ts";
import { duplicate, forbidden, invalidValue, required } from "#apimachinery/validation/causes.ts";
import { oldField, oldItem, type Old } from "../schema/ratcheting.ts";
import type { CompiledRule } from "./compile.ts";
import type { RuleNode } from "./tree.ts";

/** @param old the object before a change */
export function runRules(value: unknown, tree: RuleNode, old: Old): readonly Cause[] {
  const run = new Run();
  run.visit(value, tree, "", old);
  return run.causes;
}

const outOfBudget = "validation failed due to running out of cost budget, no further validation rules will be run";
const maxMessage = 5 * 1024;

/** One object's run: all its rules share one budget, and none runs when it is spent. */
class Run {
  readonly causes: Cause[] = [];
  #budget = runtimeCostBudget;

  visit(value: unknown, node: RuleNode, path: string, old: Old): void {
    if (value === undefined || value === null || this.#budget < 0) return;
    if (node.own !== undefined) this.#rules(value, node, path, old);
    const { items, fields, values } = node;
    if (Array.isArray(value)) {
      if (items !== undefined) value.forEach((item, i) => this.visit(item, items, `${path}[${i}]`, oldItem(node, old, item)));
    } else if (isRecord(value)) {
      for (const [name, field] of fields) if (Object.hasOwn(value, name)) this.visit(value[name], field, path === "" ? name : `${path}.${name}`, oldField(node, old, name));
      if (values !== undefined) for (const key of Object.keys(value)) this.visit(value[key], values, `${path}[${key}]`, oldField(node, old, key));
    }
  }

  #rules(value: unknown, node: RuleNode, path: string, old: Old): void {
    const { binding, rules } = node.own as NonNullable<RuleNode["own"]>;
    const unchanged = old !== undefined && sameJson(value, old.value);
    for (const rule of rules) {
      if (this.#budget < 0) return;
      if (rule.usesOldSelf && old === undefined && rule.rule.optionalOldSelf !== true) continue; // a transition needs two states
      const cause = this.#rule(rule, node.type, path, activationOf(binding, rule, value, old));
      if (cause !== undefined && (rule.usesOldSelf || !unchanged)) this.causes.push(cause);
    }
  }

  #rule(compiled: CompiledRule, type: string, path: string, activation: Activation): Cause | undefined {
    const { rule, program } = compiled;
    const at = path === "" ? "<nil>" : path;
    const text = rule.rule.trim();
    if (program === undefined) return invalidValue(at, type, `rule compile error: ${compiled.error ?? ""}`);
    const outcome = program.run(activation, this.#budget);
    if (!this.#pay(outcome.cost, !outcome.ok && outcome.interruption !== undefined)) {
      return invalidValue(at, type, this.#spent ? outOfBudget : `'${outcome.ok ? "" : outcome.error}': no further validation rules will be run due to call cost exceeds limit for rule: ${text}`);
    }
    if (!outcome.ok) {
      const overload = outcome.error.startsWith("no such overload");
      return invalidValue(at, type, overload ? `'${outcome.error}': call arguments did not match a supported operator, function or macro signature for rule: ${text}` : `${outcome.error} evaluating rule: ${text}`);
    }
    return outcome.value === true ? undefined : failure(compiled, type, path, this.#message(compiled, activation));
  }

  #spent = false;

  /** False when nothing more may run. */
  #pay(cost: number, interrupted: boolean): boolean {
    this.#budget -= cost;
    this.#spent = this.#budget <= 0;
    if (interrupted || this.#budget < 0) this.#budget = -1;
    return this.#budget >= 0;
  }

  #message({ rule, message }: CompiledRule, activation: Activation): string {
    const fallback = rule.message ? rule.message.trim() : `failed rule: ${rule.rule.trim()}`;
    if (message === undefined) return fallback;
    const outcome = message.run(activation, this.#budget);
    this.#pay(outcome.cost, false);
    const said = outcome.ok && typeof outcome.value === "string" ? outcome.value.trim() : "";
    return said === "" || said.length > maxMessage || /[\n\r]/.test(said) ? fallback : said;
  }
}

function activationOf({ read }: Binding, { rule }: CompiledRule, value: unknown, old: Old): Activation {
  return (name) => {
    if (name === "self") return read(value);
    if (rule.optionalOldSelf !== true) return old === undefined ? undefined : read(old.value);
    return old === undefined ? Optional.none : new Optional(read(old.value));
  };
}

/** Upstream: fieldErrorForReason */
function failure({ rule }: CompiledRule, type: string, path: string, detail: string): Cause {
  const at = `${path}${rule.fieldPath ?? ""}`.replace(/^\./, "").replaceAll(/\['([^']*)'\]/g, "[$1]") || "<nil>";
  if (rule.reason === "FieldValueRequired") return required(at, detail);
  if (rule.reason === "FieldValueForbidden") return forbidden(at, detail);
  return rule.reason === "FieldValueDuplicate" ? duplicate(at, type) : invalidValue(at, type, detail);
}
