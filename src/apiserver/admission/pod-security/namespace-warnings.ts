import type { Pod } from "#api/gen/core-v1.ts";
import { evaluate } from "./evaluate.ts";
import { levelText, type LevelVersion } from "./policy.ts";

/** Pods that are looked at when a level changes. Upstream: defaultNamespaceMaxPodsToCheck */
const mostPods = 3000;

/** What is said of the pods that are there and would not fit. Upstream: Admission.EvaluatePodsInNamespace */
export function namespaceWarnings(namespace: string, enforce: LevelVersion, pods: readonly Pod[]): readonly string[] {
  const checked = pods.slice(0, mostPods);
  const found = checked.map((pod) => ({ name: pod.metadata.name, reasons: evaluate(enforce, pod.metadata, pod.spec).map(({ reason }) => reason).join(", ") }));
  const byReasons = Map.groupBy(found.filter(({ reasons }) => reasons !== ""), ({ reasons }) => reasons);
  return [
    ...(checked.length < pods.length ? [`new PodSecurity enforce level only checked against the first ${checked.length} of ${pods.length} existing pods`] : []),
    ...(byReasons.size > 0 ? [`existing pods in namespace "${namespace}" violate the new PodSecurity enforce level "${levelText(enforce)}"`] : []),
    ...[...byReasons].map(([reasons, list]) => `${firstOf(list.map(({ name }) => name))}: ${reasons}`).sort(),
  ];
}

function firstOf(names: readonly string[]): string {
  const [first = ""] = names.toSorted();
  if (names.length === 1) return first;
  return `${first} (and ${names.length - 1} other ${names.length === 2 ? "pod" : "pods"})`;
}
