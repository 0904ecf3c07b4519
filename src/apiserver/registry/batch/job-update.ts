/** What of a Job may change. Upstream: pkg/apis/batch/validation ValidateJobSpecUpdate */
import type { Job, JobSpec } from "#api/gen/batch-v1.ts";
import type { Container, PodSpec, PodTemplateSpec } from "#api/gen/core-v1.ts";
import { isTrue } from "#api/conditions.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import type { Cause } from "#apimachinery/status.ts";
import { immutable, invalidValue } from "#apimachinery/validation/causes.ts";

const fixed = ["completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"] as const;

export const validateJobUpdate = (next: Job, old: Job): readonly Cause[] => [
  ...validateCompletions(next.spec, old.spec),
  ...immutable("spec.selector", next.spec.selector, old.spec.selector),
  ...immutable("spec.template", next.spec.template, isIdle(old) ? directed(old.spec.template, next.spec.template) : old.spec.template),
  ...fixed.flatMap((name) => immutable(`spec.${name}`, next.spec[name], old.spec[name])),
];

/** An indexed Job grows and shrinks with its parallelism. */
function validateCompletions({ completions, completionMode, parallelism }: JobSpec, old: JobSpec): readonly Cause[] {
  if (completionMode !== "Indexed") return immutable("spec.completions", completions, old.completions);
  if (completions === undefined || completions === old.completions || completions === parallelism) return [];
  return [invalidValue("spec.completions", completions, "can only be modified in tandem with spec.parallelism")];
}

/** Suspended, and none of its pods has been started or is left. */
const isIdle = ({ spec, status }: Job): boolean =>
  spec.suspend === true && (status.startTime === undefined || (isTrue(status.conditions, "Suspended") && (status.active ?? 0) === 0));

/** The old template with all of the new one that may change while no pod has been made of it: where pods go, and what they ask for. */
function directed(old: PodTemplateSpec, next: PodTemplateSpec): PodTemplateSpec {
  if (old.spec === undefined || next.spec === undefined) return old;
  const { nodeSelector, tolerations, schedulingGates } = next.spec;
  const spec: PodSpec = {
    ...old.spec, affinity: affinityOf(old.spec, next.spec), nodeSelector, tolerations, schedulingGates,
    containers: resized(old.spec.containers, next.spec.containers), initContainers: resized(old.spec.initContainers ?? [], next.spec.initContainers ?? []),
  } as PodSpec;
  return { ...old, metadata: { ...old.metadata, annotations: next.metadata?.annotations ?? {}, labels: next.metadata?.labels ?? {} }, spec };
}

/** Only the part about nodes may differ; what is empty then may go. */
function affinityOf(old: PodSpec, next: PodSpec): PodSpec["affinity"] {
  const { nodeAffinity: _, ...kept } = old.affinity ?? {};
  const nodeAffinity = next.affinity?.nodeAffinity;
  const joined = nodeAffinity === undefined ? kept : { ...kept, nodeAffinity };
  return semanticEqual(joined, {}) ? next.affinity && {} : joined;
}

const resized = (old: readonly Container[], next: readonly Container[]): Container[] =>
  old.map((container, i) => (next[i]?.name === container.name ? ({ ...container, resources: next[i].resources } as Container) : container));
