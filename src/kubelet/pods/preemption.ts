/** Whose place a pod takes that the node must not do without. Upstream: pkg/kubelet/preemption/preemption.go */
import type { Pod } from "#api/gen/core-v1.ts";
import { isCritical, podAmount, qosOf } from "../resources/resources.ts";

/** So much of a resource: thousandths of a CPU, bytes or pieces; pods count as one of "pods" each. */
export interface Amount {
  readonly name: string;
  readonly amount: number;
}
type Amounts = readonly Amount[];

/** Those who cost most to lose come first, and are taken last. */
const tiers = ["Guaranteed", "Burstable", "BestEffort"] as const;

/** Who has to go so that the pod has what it lacks, as few as possible of those that were promised most. Undefined when all together are not enough. */
export function victimsOf(pod: Pod, others: readonly Pod[], lacks: Amounts): readonly Pod[] | undefined {
  const lesser = others.filter((other) => isLesser(other, pod));
  if (without(lacks, lesser).length > 0) return undefined;
  return tiers.reduce<readonly Pod[]>((chosen, tier, i) => {
    const cheaper = lesser.filter((other) => tiers.indexOf(qosOf(other)) > i);
    return [...chosen, ...fewest(lesser.filter((other) => qosOf(other) === tier), without(lacks, [...chosen, ...cheaper]))];
  }, []);
}

/** Upstream: pkg/kubelet/types/pod_update.go Preemptable */
const isLesser = (other: Pod, pod: Pod): boolean => (isCritical(pod) && !isCritical(other)) || (other.spec.priority ?? 0) < (pod.spec.priority ?? 0);

/** Again and again the one that gives most of what is still lacking, of equal ones the smaller. */
function fewest(pods: readonly Pod[], lacks: Amounts): readonly Pod[] {
  const chosen: Pod[] = [];
  for (let left = lacks; left.length > 0; left = without(lacks, chosen)) {
    const [best] = pods.filter((pod) => !chosen.includes(pod)).toSorted((a, b) => distance(a, left) - distance(b, left) || bySize(a, b));
    if (best === undefined) break; // what is left others give
    chosen.push(best);
  }
  return chosen;
}

/** What is lacking still when these have gone. */
const without = (lacks: Amounts, pods: readonly Pod[]): Amounts =>
  lacks.map(({ name, amount }) => ({ name, amount: pods.reduce((left, pod) => left - has(pod, name), amount) })).filter(({ amount }) => amount > 0);

/** Of each resource how much would still be lacking, as a share, so that all count alike. */
const distance = (pod: Pod, lacks: Amounts): number => lacks.reduce((sum, { name, amount }) => sum + (Math.max(0, amount - has(pod, name)) / amount) ** 2, 0);

const has = (pod: Pod, name: string): number => (name === "pods" ? 1 : podAmount(pod, "requests", name));
const bySize = (a: Pod, b: Pod): number => has(a, "memory") - has(b, "memory") || has(a, "cpu") - has(b, "cpu");

/** For people: `[(res: cpu, q: 100), ]`, as upstream. */
export const printed = (amounts: Amounts): string => `[${amounts.map(({ name, amount }) => `(res: ${name}, q: ${amount}), `).join("")}]`;
/** What all of these together do not give. */
export const shortOf = (pod: Pod, others: readonly Pod[], lacks: Amounts): Amounts => without(lacks, others.filter((other) => isLesser(other, pod)));
