import type { Job } from "#api/gen/batch-v1.ts";
import type { Container, PodSpec, PodTemplateSpec } from "#api/gen/core-v1.ts";
import { rule } from "./failure-policy.ts";
import { failuresBefore, ignoredIndexFailures, indexFailures, indexKey, indexVariable, trackingFinalizer } from "./names.ts";
import type { Wanted } from "./scale.ts";

/** Longest beginning of a generated name. Upstream: apiserver/pkg/storage/names MaxGeneratedNameLength */
const maxPrefix = 58;

/** What one pod of a Job is made from, and what its name begins with. Upstream: manageJob, addCompletionIndexAnnotation */
export function podTemplate(job: Job, wanted: Wanted): { readonly template: PodTemplateSpec; readonly generateName: string } {
  const { template } = job.spec;
  const metadata = { ...template.metadata, finalizers: [...new Set([...(template.metadata?.finalizers ?? []), trackingFinalizer])] };
  const { index } = wanted;
  if (index === undefined) return { template: { ...template, metadata }, generateName: `${job.metadata.name}-` };
  const labels = { ...metadata.labels, [indexKey]: `${index}` };
  const annotations = { ...metadata.annotations, [indexKey]: `${index}`, ...(job.spec.backoffLimitPerIndex !== undefined && failureCounts(job, wanted)) };
  const suffix = `-${index}-`;
  return {
    template: { metadata: { ...metadata, labels, annotations }, ...(template.spec && { spec: withIndex(template.spec, `${job.metadata.name}-${index}`) }) },
    generateName: `${job.metadata.name.slice(0, maxPrefix - suffix.length)}${suffix}`,
  };
}

/** Upstream: getNewIndexFailureCounts */
function failureCounts(job: Job, { replaces }: Wanted): Record<string, string> {
  if (replaces === undefined) return { [indexFailures]: "0" };
  const { counted, ignored } = failuresBefore(replaces);
  const { counts } = rule(job, replaces);
  const allIgnored = counts ? ignored : ignored + 1;
  return { [indexFailures]: `${counts ? counted + 1 : counted}`, ...(allIgnored > 0 && { [ignoredIndexFailures]: `${allIgnored}` }) };
}

function withIndex(spec: PodSpec, hostname: string): PodSpec {
  const told = (container: Container): Container => {
    const env = container.env ?? [];
    if (env.some(({ name }) => name === indexVariable)) return container;
    return { ...container, env: [...env, { name: indexVariable, valueFrom: { fieldRef: { fieldPath: `metadata.labels['${indexKey}']` } } }] };
  };
  return { ...spec, hostname, containers: spec.containers.map(told), ...(spec.initContainers && { initContainers: spec.initContainers.map(told) }) };
}
