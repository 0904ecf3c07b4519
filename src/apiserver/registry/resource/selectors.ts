/** Expressions over a device. Upstream: dynamic-resource-allocation/cel/compile.go */
import type { DeviceSelector } from "#api/gen/resource-v1.ts";
import { compile } from "#apimachinery/cel/compile.ts";
import type { Environment } from "#apimachinery/cel/environment.ts";
import { standardFunctions } from "#apimachinery/cel/library/standard.ts";
import { boolType, dynType, isDynamic, mapType, objectType, opaqueType, stringType, typeText } from "#apimachinery/cel/types.ts";
import type { Cause } from "#apimachinery/status.ts";
import { invalidValue, required, tooLong } from "#apimachinery/validation/causes.ts";
import { validateList } from "./lists.ts";

const most = 32;
const longestExpression = 10 * 1024;

const byDomain = (value: typeof dynType): typeof dynType => mapType(stringType, mapType(stringType, value));
const device = objectType("kubernetes.DRADevice", new Map([
  ["driver", stringType], ["attributes", byDomain(dynType)], ["capacity", byDomain(opaqueType("kubernetes.Quantity"))], ["allowMultipleAllocations", boolType],
]));
const environment: Environment = { functions: standardFunctions, variables: new Map([["device", device]]) };

/** Upstream: pkg/apis/resource/validation validateSelector */
export const validateSelectors = (selectors: readonly DeviceSelector[] | undefined, field: string): readonly Cause[] =>
  validateList(selectors, most, field, ({ cel }, at) => (cel === undefined ? [required(`${at}.cel`)] : validateExpression(cel.expression, `${at}.cel.expression`)));

function validateExpression(expression: string, field: string): readonly Cause[] {
  if (expression.length > longestExpression) return [tooLong(field, longestExpression)];
  const compiled = compile(expression, environment);
  if (!compiled.ok) return [invalidValue(field, expression, `compilation failed: ${compiled.text}`)];
  const { returnType } = compiled.program;
  return returnType.kind === "bool" || isDynamic(returnType) ? [] : [invalidValue(field, expression, `must evaluate to bool or the unknown type, not ${typeText(returnType)}`)];
}
