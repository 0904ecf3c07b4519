import { compileSelector } from "#api/device-selector.ts";
import type { DeviceSelector } from "#api/gen/resource-v1.ts";
import { perCallLimit } from "#apimachinery/cel/budget.ts";
import type { Cause } from "#apimachinery/status.ts";
import { forbidden, invalidValue, required, tooLong } from "#apimachinery/validation/causes.ts";
import { validateList } from "./lists.ts";

const most = 32;
const longestExpression = 10 * 1024;

/** Upstream: pkg/apis/resource/validation validateSelector */
export const validateSelectors = (selectors: readonly DeviceSelector[] | undefined, field: string): readonly Cause[] =>
  validateList(selectors, most, field, ({ cel }, at) => (cel === undefined ? [required(`${at}.cel`)] : validateExpression(cel.expression, `${at}.cel.expression`)));

function validateExpression(expression: string, field: string): readonly Cause[] {
  if (expression.length > longestExpression) return [tooLong(field, longestExpression)];
  const compiled = compileSelector(expression);
  if ("error" in compiled) return [invalidValue(field, expression, compiled.error)];
  return compiled.program.cost.max > perCallLimit ? [forbidden(field, "too complex, exceeds cost limit")] : [];
}
