/** Values against their schema. Upstream: kube-openapi/pkg/validation/validate, apiextensions-apiserver/pkg/apiserver/validation */
import { isRecord, sameJson } from "#apimachinery/equal.ts";
import type { Cause } from "#apimachinery/status.ts";
import { invalidValue, required, tooMany } from "#apimachinery/validation/causes.ts";
import { Result } from "./result.ts";
import { oldField, oldItem, type Old } from "./ratcheting.ts";
import { checkEnum, checkFormat, checkNumber, checkString, checkType, shown } from "./scalars.ts";
import type { Structural } from "./structural.ts";

/**
 * @param old the value that stood there before: what has not changed since may go on being wrong
 * @param path of the value; empty at the root of an object
 */
export const validateValue = (value: unknown, schema: Structural, old?: Old, path = ""): readonly Cause[] => validate(value, schema, path, old).causes;

function validate(value: unknown, schema: Structural, path: string, old: Old): Result {
  const result = new Result();
  const type = checkType(value, schema, path);
  if (schema.type !== "" || schema.checks?.format !== undefined || schema.intOrString) result.matches += type === undefined ? 2 : 1;
  if (type !== undefined) result.add(type);
  if (value !== null) {
    junctors(value, schema, path, result);
    if (typeof value === "string") texts(value, schema, path, result);
    else if (typeof value === "number" || typeof value === "bigint") numbers(Number(value), schema, path, result);
    else if (Array.isArray(value)) items(value, schema, path, old, result);
  }
  const unlisted = schema.checks === undefined ? undefined : checkEnum(value, schema.checks, path);
  if (unlisted !== undefined) result.add(unlisted);
  if (isRecord(value)) fields(value, schema, path, old, result);
  return !result.valid && old !== undefined && sameJson(value, old.value) ? new Result() : result;
}

/** Of failed alternatives the one with the most checks passed tells its causes. */
function junctors(value: unknown, { checks }: Structural, path: string, result: Result): void {
  if (checks === undefined) return;
  const tried = (schemas: readonly Structural[]): Result[] => schemas.map((schema) => validate(value, schema, path, undefined));
  const says = (text: string): void => result.add(invalidValue("<nil>", "", `${JSON.stringify(path)} must ${text}`));
  if (checks.anyOf !== undefined) {
    const results = tried(checks.anyOf);
    if (!results.some(({ valid }) => valid)) says("validate at least one schema (anyOf)");
    result.merge(results.find(({ valid }) => valid) ?? best(results));
  }
  if (checks.oneOf !== undefined) {
    const results = tried(checks.oneOf);
    const valid = results.filter((r) => r.valid);
    if (valid.length !== 1) says(`validate one and only one schema (oneOf). ${valid.length === 0 ? "Found none valid" : `Found ${valid.length} valid alternatives`}`);
    result.merge(valid[0] ?? best(results));
  }
  if (checks.allOf !== undefined) {
    const results = tried(checks.allOf);
    for (const r of results) result.merge(r);
    const valid = results.filter((r) => r.valid).length;
    if (valid !== results.length) says(`validate all the schemas (allOf)${valid === 0 ? ". None validated" : ""}`);
  }
  if (checks.not !== undefined && validate(value, checks.not, path, undefined).valid) says("not validate the schema (not)");
}

const best = (results: readonly Result[]): Result => results.reduce((a, b) => (b.matches > a.matches ? b : a));

function texts(value: string, { checks }: Structural, path: string, result: Result): void {
  result.matches++;
  if (checks === undefined) return;
  for (const cause of [checkString(value, checks, path), checkFormat(value, checks, path)]) if (cause !== undefined) result.add(cause);
}

function numbers(value: number, { checks }: Structural, path: string, result: Result): void {
  result.matches += 2;
  if (checks !== undefined) for (const cause of checkNumber(value, checks, path)) result.add(cause);
}

function items(list: readonly unknown[], schema: Structural, path: string, old: Old, result: Result): void {
  const { items: item, checks } = schema;
  if (item !== undefined) list.forEach((value, i) => result.merge(validate(value, item, `${path}[${i}]`, oldItem(schema, old, value))));
  result.matches += 2;
  if (checks?.minItems !== undefined && list.length < checks.minItems) result.add(invalidValue(shown(path), list.length, `${path} in body should have at least ${checks.minItems} items`));
  if (checks?.maxItems !== undefined && list.length > checks.maxItems) result.add(tooMany(shown(path), list.length, checks.maxItems));
}

function fields(value: Record<string, unknown>, schema: Structural, path: string, old: Old, result: Result): void {
  const keys = Object.keys(value);
  const { checks } = schema;
  result.matches++;
  if (checks?.minProperties !== undefined && keys.length < checks.minProperties) return result.add(invalidValue(shown(path), keys.length, `${path} in body should have at least ${checks.minProperties} properties`));
  if (checks?.maxProperties !== undefined && keys.length > checks.maxProperties) return result.add(tooMany(shown(path), keys.length, checks.maxProperties));
  for (const key of keys) {
    const property = schema.properties?.get(key);
    if (property !== undefined) result.merge(validate(value[key], property, path === "" ? key : `${path}.${key}`, oldField(schema, old, key)));
    else if (typeof schema.additional === "object") result.merge(validate(value[key], schema.additional, `${path}.${key}`, oldField(schema, old, key)));
    else if (schema.additional === false) result.add(invalidValue(shown(path), key, `${path}.${key} in body is a forbidden property`));
  }
  for (const name of checks?.required ?? []) {
    if (!Object.hasOwn(value, name) && schema.properties?.get(name)?.default === undefined) result.add(required(shown(`${path}.${name}`)));
  }
}
