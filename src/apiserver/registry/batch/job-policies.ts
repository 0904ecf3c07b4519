/** What of a Job's pods' failures and successes counts. Upstream: pkg/apis/batch/validation validatePodFailurePolicy, validateSuccessPolicy */
import type { JobSpec, PodFailurePolicyOnExitCodesRequirement, PodFailurePolicyOnPodConditionsPattern, PodFailurePolicyRule, SuccessPolicyRule } from "#api/gen/batch-v1.ts";
import { quote } from "#apimachinery/quote.ts";
import type { Cause } from "#apimachinery/status.ts";
import { duplicate, eachInvalid, invalidUnshown, invalidValue, nonNegative, notSupported, required, tooLong, tooMany } from "#apimachinery/validation/causes.ts";
import { qualifiedName } from "#apimachinery/validation/names.ts";
import { countIndexes } from "./indexes.ts";

const maxRules = 20;
const maxConditions = 20;
const maxExitCodes = 255;
const maxSucceededIndexesBytes = 64 * 1024;

const actions: readonly string[] = ["Count", "FailIndex", "FailJob", "Ignore"];
const operators: readonly string[] = ["In", "NotIn"];
const statuses: readonly string[] = ["False", "True", "Unknown"];

/** `required` with the values there are, or `notSupported`. */
function oneOfThese(field: string, value: string | undefined, allowed: readonly string[]): readonly Cause[] {
  if (!value) return [required(field, `valid values: [${allowed.map(quote).join(" ")}]`)];
  return allowed.includes(value) ? [] : [notSupported(field, value, allowed)];
}
const notMore = (field: string, list: readonly unknown[], max: number): readonly Cause[] => (list.length > max ? [tooMany(field, list.length, max)] : []);

export function validatePodFailurePolicy(spec: JobSpec, field: string): readonly Cause[] {
  const rules = spec.podFailurePolicy?.rules ?? [];
  return [...notMore(`${field}.rules`, rules, maxRules), ...rules.flatMap((rule, i) => validateRule(rule, spec, `${field}.rules[${i}]`))];
}

function validateRule(rule: PodFailurePolicyRule, spec: JobSpec, field: string): readonly Cause[] {
  const { action, onExitCodes: codes, onPodConditions: conditions = [] } = rule;
  return [
    ...(action === "FailIndex"
      ? spec.backoffLimitPerIndex === undefined ? [invalidValue(`${field}.action`, action, "requires the backoffLimitPerIndex to be set")] : []
      : oneOfThese(`${field}.action`, action, actions)),
    ...(codes === undefined ? [] : validateExitCodes(codes, spec, `${field}.onExitCodes`)),
    ...validateConditions(conditions, `${field}.onPodConditions`),
    ...(codes !== undefined && conditions.length > 0 ? [invalidUnshown(field, "specifying both OnExitCodes and OnPodConditions is not supported")] : []),
    ...(codes === undefined && conditions.length === 0 ? [invalidUnshown(field, "specifying one of OnExitCodes and OnPodConditions is required")] : []),
  ];
}

const validateConditions = (patterns: readonly PodFailurePolicyOnPodConditionsPattern[], field: string): readonly Cause[] => [
  ...notMore(field, patterns, maxConditions),
  ...patterns.flatMap(({ type, status }, i) => [
    ...eachInvalid(`${field}[${i}].type`, type, qualifiedName(type)),
    ...oneOfThese(`${field}[${i}].status`, status, statuses),
  ]),
];

function validateExitCodes({ operator, containerName, values }: PodFailurePolicyOnExitCodesRequirement, { template }: JobSpec, field: string): readonly Cause[] {
  const names = [...(template.spec?.containers ?? []), ...(template.spec?.initContainers ?? [])].map(({ name }) => name);
  const unknown = containerName !== undefined && !names.includes(containerName);
  return [
    ...oneOfThese(`${field}.operator`, operator, operators),
    ...(unknown ? [invalidValue(`${field}.containerName`, containerName, "must be one of the container or initContainer names in the pod template")] : []),
    ...(values.length === 0 ? [invalidValue(`${field}.values`, values, "at least one value is required")] : notMore(`${field}.values`, values, maxExitCodes)),
    ...values.flatMap((value, i) => [
      ...(operator === "In" && value === 0 ? [invalidValue(`${field}.values[${i}]`, value, "must not be 0 for the In operator")] : []),
      ...(values.indexOf(value) < i ? [duplicate(`${field}.values[${i}]`, value)] : []),
    ]),
    ...(values.some((value, i) => i > 0 && (values[i - 1] ?? 0) > value) ? [invalidValue(`${field}.values`, values, "must be ordered")] : []),
  ];
}

export function validateSuccessPolicy({ successPolicy, completionMode, completions }: JobSpec, field: string): readonly Cause[] {
  if (successPolicy === undefined) return [];
  if (completionMode !== "Indexed") return [invalidValue(field, successPolicy, "requires indexed completion mode")];
  const { rules } = successPolicy;
  return [
    ...(rules.length === 0 ? [required(`${field}.rules`, "at least one rules must be specified when the successPolicy is specified")] : []),
    ...notMore(`${field}.rules`, rules, maxRules),
    ...rules.flatMap((rule, i) => validateSuccessRule(rule, completions ?? 0, `${field}.rules[${i}]`)),
  ];
}

function validateSuccessRule({ succeededCount: count, succeededIndexes: indexes }: SuccessPolicyRule, completions: number, field: string): readonly Cause[] {
  if (count === undefined && indexes === undefined) return [required(field, "at least one of succeededCount or succeededIndexes must be specified")];
  const named = countIndexes(indexes ?? "", completions);
  const total = named.ok ? named.value : 0;
  const tooHigh = (limit: number, of: string): Cause => invalidValue(`${field}.succeededCount`, count, `must be less than or equal to ${limit} (${of})`);
  return [
    ...(Buffer.byteLength(indexes ?? "") > maxSucceededIndexesBytes ? [tooLong(`${field}.succeededIndexes`, maxSucceededIndexesBytes)] : []),
    ...(named.ok ? [] : [invalidValue(`${field}.succeededIndexes`, indexes, `error parsing succeededIndexes: ${named.problem}`)]),
    ...nonNegative(`${field}.succeededCount`, count),
    ...(count !== undefined && count > completions ? [tooHigh(completions, "the number of specified completions")] : []),
    ...(count !== undefined && indexes !== undefined && count > total ? [tooHigh(total, "the number of indexes in the specified succeededIndexes field")] : []),
  ];
}
