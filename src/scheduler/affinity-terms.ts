import type { Pod, PodAffinityTerm, WeightedPodAffinityTerm } from "#api/gen/core-v1.ts";
import { labelSelectorOf, type LabelSelector } from "#apimachinery/selectors.ts";
import type { PodInfo } from "./pod-info.ts";
import type { Labels, NamespaceLabels } from "./framework.ts";

/** One term of a pod's affinity or anti-affinity to other pods, read. */
export interface AffinityTerm {
  readonly topologyKey: string;
  readonly namespaces: ReadonlySet<string>;
  readonly namespaceSelector: LabelSelector;
  readonly selector: LabelSelector;
}
export interface WeightedTerm { readonly term: AffinityTerm; readonly weight: number }

export interface AffinityTerms {
  readonly requiredAffinity: readonly AffinityTerm[];
  readonly requiredAntiAffinity: readonly AffinityTerm[];
  readonly preferredAffinity: readonly WeightedTerm[];
  readonly preferredAntiAffinity: readonly WeightedTerm[];
}

const none: AffinityTerms = { requiredAffinity: [], requiredAntiAffinity: [], preferredAffinity: [], preferredAntiAffinity: [] };

/** The pod's terms, read once: selectors are compiled, and the pod's own namespace stands where a term names none. */
export function affinityTermsOf(pod: Pod): AffinityTerms {
  const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {};
  if (podAffinity === undefined && podAntiAffinity === undefined) return none;
  const read = (term: PodAffinityTerm): AffinityTerm => termOf(term, pod);
  const weighted = ({ weight, podAffinityTerm }: WeightedPodAffinityTerm): WeightedTerm => ({ weight, term: read(podAffinityTerm) });
  return {
    requiredAffinity: (podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map(read),
    requiredAntiAffinity: (podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map(read),
    preferredAffinity: (podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(weighted),
    preferredAntiAffinity: (podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(weighted),
  };
}

/** Neither namespaces nor a selector of them means the pod's own. `matchLabelKeys` were folded into the selector when the pod was made. */
function termOf(term: PodAffinityTerm, pod: Pod): AffinityTerm {
  const own = (term.namespaces ?? []).length === 0 && term.namespaceSelector === undefined;
  return {
    topologyKey: term.topologyKey,
    namespaces: new Set(own ? [pod.metadata.namespace ?? ""] : term.namespaces),
    namespaceSelector: labelSelectorOf(term.namespaceSelector),
    selector: labelSelectorOf(term.labelSelector),
  };
}

/** Whether `pod` is one that the term speaks of. */
export function termMatches(term: AffinityTerm, pod: { readonly namespace: string; readonly labels: Labels }, namespaceLabels: NamespaceLabels): boolean {
  const inNamespace = term.namespaces.has(pod.namespace) || term.namespaceSelector.matches(namespaceLabels(pod.namespace));
  return inNamespace && term.selector.matches(pod.labels);
}

/** Whether the pod is meant by every one of the terms. */
export const matchesAll = (terms: readonly AffinityTerm[], pod: PodInfo, namespaceLabels: NamespaceLabels): boolean =>
  terms.length > 0 && terms.every((term) => termMatches(term, pod, namespaceLabels));
