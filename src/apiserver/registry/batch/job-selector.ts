/** A Job's pods are known by its uid, which the server writes into the template and the selector. Upstream: pkg/registry/batch/job generateSelector */
import type { Job } from "#api/gen/batch-v1.ts";
import type { LabelSelector } from "#api/gen/meta-v1.ts";
import { labelSelectorOf } from "#apimachinery/selectors.ts";
import type { Cause } from "#apimachinery/status.ts";
import { invalidValue, required } from "#apimachinery/validation/causes.ts";
import { validateLabelSelector } from "#apimachinery/validation/selector.ts";

const controllerUidLabel = "batch.kubernetes.io/controller-uid";
const jobNameLabel = "batch.kubernetes.io/job-name";

/** The names with a prefix, and those from before there were prefixes. */
const labelsOf = ({ metadata: { uid = "", name } }: Job): Readonly<Record<string, string>> => ({
  "controller-uid": uid, "job-name": name, [controllerUidLabel]: uid, [jobNameLabel]: name,
});

/** Labels that the user has set stay: validation refuses what does not fit. */
export function generateSelector(job: Job): void {
  const { spec } = job;
  spec.template.metadata = { ...spec.template.metadata, labels: { ...labelsOf(job), ...spec.template.metadata?.labels } };
  spec.selector = { ...spec.selector, matchLabels: { [controllerUidLabel]: job.metadata.uid ?? "", ...spec.selector?.matchLabels } };
}

/** Upstream: pkg/apis/batch/validation validateGeneratedSelector */
export function validateGenerated(job: Job): readonly Cause[] {
  const { spec, metadata } = job;
  if (spec.manualSelector === true || spec.selector === undefined) return [];
  const labels = spec.template.metadata?.labels ?? {};
  const expected = labelsOf(job);
  return [
    ...(metadata.uid ? [] : [required("metadata.uid")]),
    ...Object.entries(expected).flatMap(([key, value]) => validateLabel(labels, key, value)),
    ...(!isReadable(spec.selector) || labelSelectorOf(spec.selector).matches(expected) ? [] : [invalidValue("spec.selector", spec.selector, "`selector` not auto-generated")]),
  ];
}

/** Upstream: pkg/apis/core/validation ValidateHasLabel */
function validateLabel(labels: Readonly<Record<string, string>>, key: string, value: string): readonly Cause[] {
  const field = `spec.template.metadata.labels[${key}]`;
  if (labels[key] === undefined) return [required(field, `must be '${value}'`)];
  return labels[key] === value ? [] : [invalidValue(field, labels, `must be '${value}'`)];
}

const isReadable = (selector: LabelSelector): boolean => validateLabelSelector(selector, "").length === 0;

/** Upstream: pkg/apis/batch/validation ValidateJobSpec */
export function validateSelector({ spec: { selector, template } }: Job): readonly Cause[] {
  const causes = selector === undefined ? [required("spec.selector")] : validateLabelSelector(selector, "spec.selector");
  if (selector !== undefined && causes.length > 0) return causes;
  const labels = template.metadata?.labels ?? {};
  return labelSelectorOf(selector).matches(labels) ? causes : [...causes, invalidValue("spec.template.metadata.labels", labels, "`selector` does not match template `labels`")];
}
