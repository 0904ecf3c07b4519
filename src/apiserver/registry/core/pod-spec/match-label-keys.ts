import type { Pod, PodAffinityTerm } from "#api/gen/core-v1.ts";
import type { LabelSelector } from "#api/gen/meta-v1.ts";

/** The pod's own values of these labels become part of a term's selector, once, when the pod is made. Upstream: pkg/registry/core/pod mutatePodAffinity */
export function applyMatchLabelKeys({ spec, metadata }: Pod): void {
  for (const affinity of [spec.affinity?.podAffinity, spec.affinity?.podAntiAffinity]) {
    for (const term of affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []) applyToTerm(term, metadata.labels);
    for (const { podAffinityTerm } of affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []) applyToTerm(podAffinityTerm, metadata.labels);
  }
  for (const { labelSelector, matchLabelKeys } of spec.topologySpreadConstraints ?? []) add(labelSelector, matchLabelKeys, "In", metadata.labels);
}

function applyToTerm({ labelSelector, matchLabelKeys, mismatchLabelKeys }: PodAffinityTerm, labels: Readonly<Record<string, string>> | undefined): void {
  add(labelSelector, matchLabelKeys, "In", labels);
  add(labelSelector, mismatchLabelKeys, "NotIn", labels);
}

function add(selector: LabelSelector | undefined, keys: readonly string[] | undefined, operator: "In" | "NotIn", labels: Readonly<Record<string, string>> | undefined): void {
  if (selector === undefined) return;
  for (const key of keys ?? []) {
    const value = labels?.[key];
    if (value !== undefined) selector.matchExpressions = [...(selector.matchExpressions ?? []), { key, operator, values: [value] }];
  }
}
