import type { MatchCondition } from "#api/gen/admissionregistration-v1.ts";
import type { Environment } from "#apimachinery/cel/environment.ts";
import type { Cause } from "#apimachinery/status.ts";
import { duplicate, eachInvalid, required, tooMany } from "#apimachinery/validation/causes.ts";
import { qualifiedName } from "#apimachinery/validation/names.ts";
import { admissionEnvironment } from "../../admission/policies/environment.ts";
import { expressionCauses } from "./expressions.ts";

const mostConditions = 64;

/** What must hold of a request beside the rules. Upstream: pkg/apis/admissionregistration/validation validateMatchConditions */
export const validateMatchConditions = (conditions: readonly MatchCondition[] | undefined, field: string, environment: Environment = admissionEnvironment({})): readonly Cause[] => [
  ...((conditions?.length ?? 0) > mostConditions ? [tooMany(field, conditions?.length ?? 0, mostConditions)] : []),
  ...(conditions ?? []).flatMap(({ expression }, i) => expressionCauses(`${field}[${i}].expression`, expression, environment, ["bool"])),
  ...(conditions ?? []).flatMap(({ name, expression }, i, all) => [
    ...(expression.trim() === "" ? [required(`${field}[${i}].expression`)] : []),
    ...(name === "" ? [required(`${field}[${i}].name`)] : eachInvalid(`${field}[${i}].name`, name, qualifiedName(name))),
    ...(name !== "" && all.findIndex((other) => other.name === name) < i ? [duplicate(`${field}[${i}].name`, name)] : []),
  ]),
];
