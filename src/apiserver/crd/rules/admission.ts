/** The rules of a definition: do they compile, and what may they cost. Upstream: apiextensions-apiserver/pkg/apis/apiextensions/validation ValidateCustomResourceDefinitionOpenAPISchema, cel_validation.go */
import type { JSONSchemaProps } from "#api/gen/apiextensions-v1.ts";
import { staticEstimatedCostLimit, staticEstimatedCrdCostLimit } from "#apimachinery/cel/budget.ts";
import { maxItems } from "#apimachinery/cel/schema-sizes.ts";
import { isRecord } from "#apimachinery/equal.ts";
import type { Cause } from "#apimachinery/status.ts";
import { forbidden, internalCause, invalidValue } from "#apimachinery/validation/causes.ts";
import { compileRules, type CompiledRule } from "./compile.ts";

/** How often a value may stand in one object (undefined: the schema does not say), and why oldSelf cannot be known for it. */
interface Place { readonly root: boolean; readonly times: number | undefined; readonly uncorrelated: string | undefined }
interface Expense { readonly path: string; readonly cost: number }

/** @param schema checked before: structural, and every field of its type */
export function validateRules(schema: JSONSchemaProps, path: string): readonly Cause[] {
  const expenses: Expense[] = [];
  const causes = walk(schema, path, { root: true, times: 1, uncorrelated: undefined }, expenses);
  const total = expenses.reduce((sum, { cost }) => sum + cost, 0);
  if (total <= staticEstimatedCrdCostLimit) return causes;
  const dearest = expenses.filter(({ cost }) => cost >= staticEstimatedCrdCostLimit / 100).toSorted((a, b) => b.cost - a.cost).slice(0, 4);
  return [
    ...causes, ...dearest.map((expense) => forbidden(expense.path, "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema")),
    forbidden(path, tooDear("x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema", total, staticEstimatedCrdCostLimit)),
  ];
}

function walk(schema: JSONSchemaProps, path: string, place: Place, expenses: Expense[]): readonly Cause[] {
  const { items, additionalProperties, properties = {} } = schema;
  const mapUncorrelated = place.uncorrelated ?? (schema["x-kubernetes-map-type"] === "atomic" ? path : undefined);
  const listUncorrelated = place.uncorrelated ?? (schema["x-kubernetes-list-type"] === "map" ? undefined : path);
  const causes: Cause[] = [];
  if (isRecord(additionalProperties)) causes.push(...walk(additionalProperties, `${path}.additionalProperties`, { ...place, root: false, times: times(place, schema.maxProperties) }, expenses));
  for (const [name, sub] of Object.entries(properties)) causes.push(...walk(sub, `${path}.properties[${name}]`, { ...place, root: false, uncorrelated: mapUncorrelated }, expenses));
  if (isRecord(items)) causes.push(...walk(items, `${path}.items`, { root: false, times: times(place, schema.maxItems), uncorrelated: listUncorrelated }, expenses));
  return [...causes, ...own(schema, path, place, expenses)];
}

const times = (place: Place, max: number | undefined): number | undefined => (place.times === undefined || max === undefined ? undefined : place.times * max);

function own(schema: JSONSchemaProps, path: string, place: Place, expenses: Expense[]): readonly Cause[] {
  const rules = schema["x-kubernetes-validations"] ?? [];
  if (rules.length === 0) return [];
  const compiled = compileRules(schema, rules, place.root);
  if (compiled === undefined) return [internalCause(`${path}.x-kubernetes-validations`, "internal error: failed to retrieve type information for x-kubernetes-validations")];
  const often = place.times ?? maxItems(compiled.binding.minSize);
  return compiled.rules.flatMap((rule, i) => [
    ...expense(rule, `${path}.x-kubernetes-validations[${i}]`, often, expenses), ...problems(rule, `${path}.x-kubernetes-validations[${i}]`, place),
  ]);
}

function expense({ program, message }: CompiledRule, path: string, often: number, expenses: Expense[]): readonly Cause[] {
  const parts = [
    ...(program === undefined ? [] : [{ name: "estimated rule cost", path: `${path}.rule`, cost: program.cost.max * often }]),
    ...(message === undefined ? [] : [{ name: "estimated messageExpression cost", path: `${path}.messageExpression`, cost: message.cost.max }]),
  ];
  expenses.push(...parts);
  return parts.filter(({ cost }) => cost > staticEstimatedCostLimit).map(({ name, path: at, cost }) => forbidden(at, tooDear(name, cost, staticEstimatedCostLimit)));
}

function problems({ rule, error, messageError, usesOldSelf }: CompiledRule, path: string, { uncorrelated }: Place): readonly Cause[] {
  const causes: Cause[] = [];
  if (error !== undefined) causes.push(invalidValue(`${path}.rule`, rule, error));
  if (messageError !== undefined) causes.push(invalidValue(`${path}.messageExpression`, rule, messageError));
  if (usesOldSelf && uncorrelated !== undefined) causes.push(invalidValue(`${path}.rule`, rule.rule, `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelated}`));
  if (!usesOldSelf && rule.optionalOldSelf !== undefined) causes.push(invalidValue(`${path}.optionalOldSelf`, rule.optionalOldSelf, "may not be set if oldSelf is not used in rule"));
  return causes;
}

/** Upstream: getCostErrorMessage */
function tooDear(name: string, cost: number, limit: number): string {
  const factor = cost / limit;
  const text = factor > 100 ? "more than 100x" : `${factor < 1.5 ? factor.toFixed(6) : factor.toFixed(1)}x`;
  return `${name} exceeds budget by factor of ${text} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`;
}
