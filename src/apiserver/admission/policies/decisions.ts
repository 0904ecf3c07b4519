/** What a validating policy says to one request with one parameter. Upstream: apiserver/pkg/admission/plugin/policy/validating/validator.go */
import type { KubeObject } from "#apimachinery/meta.ts";
import type { Reason } from "#apimachinery/status.ts";
import type { CompiledValidatingPolicy, CompiledValidation } from "./compiled-policy.ts";
import { matchConditions } from "./match-conditions.ts";
import { OutOfBudget, PolicyRun, type Evaluation } from "./policy-run.ts";
import type { RequestValues } from "./request-values.ts";

/** One thing against the request. `index`: which of the policy's validations says so. */
export interface Complaint { readonly message: string; readonly reason: Reason | undefined; readonly index: number }

/** `remarks`: for the audit, by key. `broken`: audit annotations that cannot be made, which refuse whatever the binding's actions are. */
export interface Judgement { readonly complaints: readonly Complaint[]; readonly remarks: ReadonlyMap<string, string>; readonly broken: readonly Complaint[] }

/** Longer messages of expressions are not used. Upstream: MaxEvaluatedMessageExpressionSizeBytes */
const longestMessage = 5 * 1024;

const nothing: Judgement = { complaints: [], remarks: new Map(), broken: [] };

/** Every validation that fails, in order; errors among them unless they are to be ignored. */
export async function judgement(policy: CompiledValidatingPolicy, values: RequestValues, params: KubeObject | undefined, ignoreErrors: boolean): Promise<Judgement> {
  const failed: Failed = (message, index = 0) => (ignoreErrors ? [] : [{ message, reason: undefined, index }]);
  const run = new PolicyRun(values, params, policy.variables);
  const matched = await matchConditions(policy.conditions, run.activation, values.log);
  if ("error" in matched) return { ...nothing, complaints: failed(matched.error) };
  if (!matched.matches) return nothing;
  try {
    const complaints: Complaint[] = [];
    for (const [index, validation] of policy.validations.entries()) complaints.push(...await complain(run, validation, index, failed));
    return { complaints, ...await remarksOf(run, policy, failed) };
  } catch (err) {
    if (err instanceof OutOfBudget) return { ...nothing, complaints: failed(err.message) };
    throw err;
  }
}

/** An error as a complaint, or nothing where errors are ignored. */
type Failed = (message: string, index?: number) => readonly Complaint[];

async function complain(run: PolicyRun, validation: CompiledValidation, index: number, failed: Failed): Promise<readonly Complaint[]> {
  const result = await run.evaluate(validation.expression, validation.check);
  if ("error" in result) return failed(result.error, index);
  if (result.value === true) return [];
  return [{ message: await messageOf(run, validation), reason: validation.reason as Reason | undefined, index }];
}

/** What the message expression comes to, the message, or the expression itself. */
async function messageOf(run: PolicyRun, { messageExpression, message, expression }: CompiledValidation): Promise<string> {
  const made = messageExpression === undefined ? undefined : await run.evaluate("", messageExpression);
  const text = made !== undefined && "value" in made && typeof made.value === "string" ? made.value.trim() : "";
  const usable = Buffer.byteLength(text) <= longestMessage && !text.includes("\n") ? text : "";
  return usable || message.trim() || `failed expression: ${expression.trim()}`;
}

/** Null and empty text leave an annotation out. */
async function remarksOf(run: PolicyRun, { annotations }: CompiledValidatingPolicy, failed: Failed): Promise<Omit<Judgement, "complaints">> {
  const remarks = new Map<string, string>();
  const broken: Complaint[] = [];
  for (const { key, expression, value } of annotations) {
    const result = await run.evaluate(expression, value);
    const text = "value" in result && typeof result.value === "string" ? result.value.trim() : "";
    if (text !== "") remarks.set(key, text);
    broken.push(...annotationErrors(expression, result, failed));
  }
  return { remarks, broken };
}

function annotationErrors(expression: string, result: Evaluation, failed: Failed): readonly Complaint[] {
  if ("error" in result) return failed(result.error);
  if (result.value === null || typeof result.value === "string") return [];
  return [{ message: `valueExpression '${expression}' resulted in unsupported return type. Return type must be either string or null.`, reason: undefined, index: 0 }];
}
