/** The spec of a Job, or of a CronJob's template. Upstream: pkg/apis/batch/validation validateJobSpec */
import type { JobSpec } from "#api/gen/batch-v1.ts";
import { quote } from "#apimachinery/quote.ts";
import type { Cause } from "#apimachinery/status.ts";
import { invalidValue, nonNegative, notSupported, required, tooLong } from "#apimachinery/validation/causes.ts";
import { validateDomainPrefixedPath } from "#apimachinery/validation/qualified.ts";
import { defaultPodTemplate } from "../core/pod-spec/defaults.ts";
import { validatePodTemplate } from "../core/pod-spec/validate-spec.ts";
import { validatePodFailurePolicy, validateSuccessPolicy } from "./job-policies.ts";

const maxManagedByBytes = 63;
const maxIndexedParallelism = 100_000;
const maxFailedIndexesEver = 100_000;
/** Beyond this many completions a backoff limit per index has tighter limits. */
const manyCompletions = 100_000;
const maxParallelismOfMany = 10_000;
const maxFailedIndexesOfMany = 10_000;
const maxInt32 = 0x7fff_ffff;

/** Upstream: pkg/apis/batch/v1 SetDefaults_Job; what is the Job's own, not a template's, stands in `job.ts`. */
export function defaultJobSpec(spec: JobSpec): void {
  if (spec.parallelism === undefined) spec.completions ??= 1;
  spec.parallelism ??= 1;
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : maxInt32;
  spec.completionMode ||= "NonIndexed";
  spec.suspend ??= false;
  spec.podReplacementPolicy ??= spec.podFailurePolicy === undefined ? "TerminatingOrFailed" : "Failed";
  spec.manualSelector ??= false;
}

/** A Job's pods, and how their conditions are read. */
export function defaultTemplate({ template, podFailurePolicy }: JobSpec): void {
  for (const { onPodConditions = [] } of podFailurePolicy?.rules ?? []) for (const pattern of onPodConditions) pattern.status ||= "True";
  defaultPodTemplate(template);
}

const counts = ["parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished", "backoffLimitPerIndex", "maxFailedIndexes"] as const;

export const validateJobSpec = (spec: JobSpec, field: string): readonly Cause[] => [
  ...counts.flatMap((name) => nonNegative(`${field}.${name}`, spec[name])),
  ...(spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined ? [required(`${field}.backoffLimitPerIndex`, "when maxFailedIndexes is specified")] : []),
  ...validateManager(spec.managedBy, `${field}.managedBy`),
  ...validateMode(spec, field),
  ...validatePodFailurePolicy(spec, `${field}.podFailurePolicy`),
  ...validateSuccessPolicy(spec, `${field}.successPolicy`),
  ...validateReplacement(spec, `${field}.podReplacementPolicy`),
  ...validatePodTemplate(spec.template, `${field}.template`),
  ...validateRestarts(spec, `${field}.template.spec.restartPolicy`),
];

function validateManager(manager: string | undefined, field: string): readonly Cause[] {
  if (manager === undefined) return [];
  return [...validateDomainPrefixedPath(manager, field), ...(Buffer.byteLength(manager) > maxManagedByBytes ? [tooLong(field, maxManagedByBytes)] : [])];
}

function validateMode(spec: JobSpec, field: string): readonly Cause[] {
  if (spec.completionMode === "Indexed") return [...validateIndexed(spec, field), ...validateMany(spec, field)];
  const wantsIndexes = (["backoffLimitPerIndex", "maxFailedIndexes"] as const).filter((name) => spec[name] !== undefined);
  return [
    ...(spec.completionMode === undefined || spec.completionMode === "NonIndexed" ? [] : [notSupported(`${field}.completionMode`, spec.completionMode, ["NonIndexed", "Indexed"])]),
    ...wantsIndexes.map((name) => invalidValue(`${field}.${name}`, spec[name], "requires indexed completion mode")),
  ];
}

const atMost = (field: string, value: number | undefined, max: number, when = ""): readonly Cause[] =>
  (value !== undefined && value > max ? [invalidValue(field, value, `must be less than or equal to ${max}${when}`)] : []);

function validateIndexed({ completions, parallelism, maxFailedIndexes }: JobSpec, field: string): readonly Cause[] {
  const beyond = completions !== undefined && maxFailedIndexes !== undefined && maxFailedIndexes > completions;
  return [
    ...(completions === undefined ? [required(`${field}.completions`, "when completion mode is Indexed")] : []),
    ...atMost(`${field}.parallelism`, parallelism, maxIndexedParallelism, " when completion mode is Indexed"),
    ...(beyond ? [invalidValue(`${field}.maxFailedIndexes`, maxFailedIndexes, "must be less than or equal to completions")] : []),
    ...atMost(`${field}.maxFailedIndexes`, maxFailedIndexes, maxFailedIndexesEver),
  ];
}

function validateMany({ completions = 0, parallelism, maxFailedIndexes, backoffLimitPerIndex }: JobSpec, field: string): readonly Cause[] {
  if (completions <= manyCompletions || backoffLimitPerIndex === undefined) return [];
  const when = ` when completions are above ${manyCompletions} and used with backoff limit per index`;
  return [
    ...(maxFailedIndexes === undefined ? [required(`${field}.maxFailedIndexes`, `must be specified when completions is above ${manyCompletions}`)] : []),
    ...atMost(`${field}.parallelism`, parallelism, maxParallelismOfMany, when),
    ...atMost(`${field}.maxFailedIndexes`, maxFailedIndexes, maxFailedIndexesOfMany, when),
  ];
}

function validateReplacement({ podReplacementPolicy: policy, podFailurePolicy }: JobSpec, field: string): readonly Cause[] {
  if (policy === undefined) return [];
  const allowed = podFailurePolicy === undefined ? ["Failed", "TerminatingOrFailed"] : ["Failed"];
  return allowed.includes(policy) ? [] : [notSupported(field, policy, allowed)];
}

function validateRestarts({ template, podFailurePolicy }: JobSpec, field: string): readonly Cause[] {
  const policy = template.spec?.restartPolicy;
  if (!policy || policy === "Always") return [required(field, `valid values: ${quote("OnFailure")}, ${quote("Never")}`)];
  if (policy !== "OnFailure" && policy !== "Never") return [notSupported(field, policy, ["OnFailure", "Never"])];
  return podFailurePolicy !== undefined && policy !== "Never" ? [invalidValue(field, policy, 'only "Never" is supported when podFailurePolicy is specified')] : [];
}

/** Upstream: pkg/api/job WarningsForJobSpec */
export const jobSpecWarnings = ({ completionMode, completions = 0, parallelism = 0 }: JobSpec): readonly string[] =>
  (completionMode === "Indexed" && completions > manyCompletions && parallelism > maxParallelismOfMany
    ? ["In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail"]
    : []);
