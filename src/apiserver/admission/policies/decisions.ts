/** What a validating policy says to one request with one parameter. Upstream: apiserver/pkg/admission/plugin/policy/validating/validator.go */
import type { KubeObject } from "#apimachinery/meta.ts";
import type { Reason } from "#apimachinery/status.ts";
import type { CompiledValidatingPolicy, CompiledValidation } from "./compiled-policy.ts";
import { matchConditions } from "./match-conditions.ts";
import { OutOfBudget, PolicyRun, type Evaluation } from "./policy-run.ts";
import type { RequestValues } from "./request-values.ts";

/** One thing against the request. */
export interface Complaint { readonly message: string; readonly reason: Reason | undefined }

/** Longer messages of expressions are not used. Upstream: MaxEvaluatedMessageExpressionSizeBytes */
const longestMessage = 5 * 1024;

/** Every validation that fails, in order; errors among them unless they are to be ignored. */
export async function complaints(policy: CompiledValidatingPolicy, values: RequestValues, params: KubeObject | undefined, ignoreErrors: boolean): Promise<readonly Complaint[]> {
  const failed = (message: string): readonly Complaint[] => (ignoreErrors ? [] : [{ message, reason: undefined }]);
  const run = new PolicyRun(values, params, policy.variables);
  const matched = await matchConditions(policy.conditions, run.activation, values.log);
  if ("error" in matched) return failed(matched.error);
  if (!matched.matches) return [];
  try {
    const found: Complaint[] = [];
    for (const validation of policy.validations) found.push(...await complain(run, validation, failed));
    for (const annotation of policy.annotations) found.push(...annotationErrors(annotation.expression, await run.evaluate(annotation.expression, annotation.value), failed));
    return found;
  } catch (err) {
    if (err instanceof OutOfBudget) return failed(err.message);
    throw err;
  }
}

async function complain(run: PolicyRun, validation: CompiledValidation, failed: (message: string) => readonly Complaint[]): Promise<readonly Complaint[]> {
  const result = await run.evaluate(validation.expression, validation.check);
  if ("error" in result) return failed(result.error);
  if (result.value === true) return [];
  return [{ message: await messageOf(run, validation), reason: validation.reason as Reason | undefined }];
}

/** What the message expression comes to, the message, or the expression itself. */
async function messageOf(run: PolicyRun, { messageExpression, message, expression }: CompiledValidation): Promise<string> {
  const made = messageExpression === undefined ? undefined : await run.evaluate("", messageExpression);
  const text = made !== undefined && "value" in made && typeof made.value === "string" ? made.value.trim() : "";
  const usable = Buffer.byteLength(text) <= longestMessage && !text.includes("\n") ? text : "";
  return usable || message.trim() || `failed expression: ${expression.trim()}`;
}

/** Audit annotations are evaluated for their errors only: there is no audit log to write them to. */
function annotationErrors(expression: string, result: Evaluation, failed: (message: string) => readonly Complaint[]): readonly Complaint[] {
  if ("error" in result) return failed(result.error);
  if (result.value === null || typeof result.value === "string") return [];
  return [{ message: `valueExpression '${expression}' resulted in unsupported return type. Return type must be either string or null.`, reason: undefined }];
}
