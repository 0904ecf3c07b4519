/** Who has to go so that a pod fits, and where it costs least. Upstream: pkg/scheduler/framework/preemption, defaultpreemption SelectVictimsOnNode */
import type { PodDisruptionBudget } from "#api/gen/policy-v1.ts";
import { labelSelectorOf } from "#apimachinery/selectors.ts";
import { rejectedForGood, type Rejection, type WhatIf } from "./framework.ts";
import type { PodInfo } from "./pod-info.ts";

export interface Victims {
  /** The most important first. */
  readonly victims: readonly PodInfo[];
  /** How many of them a PodDisruptionBudget would have kept. */
  readonly violations: number;
}
export interface Candidate extends Victims { readonly node: string }

const nobody = rejectedForGood("No preemption victims found for incoming pod");

/** The least set: all less important pods leave, then as many as possible come back, the most important first. */
export function findVictims(pod: PodInfo, whatIf: WhatIf, budgets: readonly PodDisruptionBudget[]): Victims | { readonly rejection: Rejection } {
  const lesser = [...whatIf.node.pods.values()].filter((other) => other.priority < pod.priority).sort(byImportance);
  if (lesser.length === 0) return { rejection: nobody };
  for (const other of lesser) whatIf.remove(other);
  const rejection = whatIf.verdict();
  if (rejection !== undefined) return { rejection };
  const { violating, others } = splitByBudgets(lesser, budgets);
  const comesBack = (other: PodInfo): boolean => {
    whatIf.add(other);
    if (whatIf.verdict() === undefined) return true;
    whatIf.remove(other);
    return false;
  };
  const violated = violating.filter((other) => !comesBack(other));
  const victims = [...violated, ...others.filter((other) => !comesBack(other))].sort(byImportance);
  return victims.length === 0 ? { rejection: nobody } : { victims, violations: violated.length };
}

/** Fewest broken budgets, then the least important victims, then the fewest, then those that started last. */
export function bestCandidate(candidates: readonly Candidate[]): Candidate | undefined {
  const costs: readonly ((c: Candidate) => number)[] = [
    (c) => c.violations,
    (c) => c.victims[0]?.priority ?? -Infinity,
    (c) => c.victims.reduce((sum, v) => sum + v.priority + 2 ** 31, 0),
    (c) => c.victims.length,
    (c) => -earliestStartOfHighest(c.victims),
  ];
  let left = candidates;
  for (const cost of costs) {
    const least = Math.min(...left.map(cost));
    left = left.filter((c) => cost(c) === least);
  }
  return left[0];
}

/** Higher priority first, then the longer running. Upstream: pkg/scheduler/util MoreImportantPod */
const byImportance = (a: PodInfo, b: PodInfo): number => b.priority - a.priority || startOf(a) - startOf(b);

/** A pod that has not started counts as started last. */
const startOf = ({ pod }: PodInfo): number => (pod.status.startTime === undefined ? Number.MAX_SAFE_INTEGER : Date.parse(pod.status.startTime));

function earliestStartOfHighest(victims: readonly PodInfo[]): number {
  const highest = victims.filter((v) => v.priority === victims[0]?.priority);
  return Math.min(...highest.map(startOf));
}

function splitByBudgets(pods: readonly PodInfo[], budgets: readonly PodDisruptionBudget[]): { readonly violating: readonly PodInfo[]; readonly others: readonly PodInfo[] } {
  const left = budgets.map((budget) => ({ budget, selector: labelSelectorOf(budget.spec?.selector), allowed: budget.status?.disruptionsAllowed ?? 0 }));
  const { violating = [], others = [] } = Object.groupBy(pods, (pod) => {
    const matching = left.filter(({ budget: { metadata, status }, selector }) =>
      metadata.namespace === pod.namespace && !selector.empty && selector.matches(pod.labels) && status?.disruptedPods?.[pod.pod.metadata.name] === undefined);
    for (const one of matching) one.allowed--;
    return matching.some((one) => one.allowed < 0) ? "violating" : "others";
  });
  return { violating, others };
}
