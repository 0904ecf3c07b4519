import { fitErrorMessage } from "../fit-error.ts";
import { rejectedForGood, type DisruptionBudgets, type FilterFailure, type Plugin, type PostFilterAnswer, type Rejection } from "../framework.ts";
import type { NodeInfo } from "../node-info.ts";
import type { PodInfo } from "../pod-info.ts";
import type { Preemptor } from "../preemptor.ts";
import { bestCandidate, findVictims, type Candidate } from "../victims.ts";

export interface PreemptionDeps {
  readonly disruptionBudgets: DisruptionBudgets;
  readonly preemptor: Preemptor;
  readonly random: () => number;
}

/** How many nodes are tried. Upstream: DefaultPreemptionArgs */
const leastCandidates = 100;
const candidatesShare = 0.1;
const unhelpful = rejectedForGood("Preemption is not helpful for scheduling");

/** Makes room by removing less important pods. Upstream: pkg/scheduler/framework/plugins/defaultpreemption, framework/preemption */
export const defaultPreemption = (deps: PreemptionDeps): Plugin => ({
  name: "DefaultPreemption",
  postFilter(pod, failure) {
    const answer = preempt(pod, failure, deps);
    return answer.message === undefined ? answer : { ...answer, message: `preemption: ${answer.message}` };
  },
});

function preempt(pod: PodInfo, failure: FilterFailure, deps: PreemptionDeps): PostFilterAnswer {
  const reason = notEligible(pod, failure, deps.preemptor);
  if (reason !== undefined) return { message: reason };
  const statuses = new Map<string, Rejection>();
  const candidates = findCandidates(pod, failure, deps, statuses);
  const best = bestCandidate(candidates);
  if (best === undefined) return { nominated: "", message: fitErrorMessage({ nodes: failure.cluster.nodes.length, rejections: statuses, others: unhelpful }) };
  deps.preemptor.preempt(pod, best);
  return { nominated: best.node };
}

function notEligible({ pod, uid, priority }: PodInfo, { cluster, rejections, others }: FilterFailure, preemptor: Preemptor): string | undefined {
  if (pod.spec.preemptionPolicy === "Never") return "not eligible due to preemptionPolicy=Never.";
  if (preemptor.isBusyFor(uid)) return "waiting for the preemption for this pod to be finished";
  const nominated = pod.status.nominatedNodeName ?? "";
  if (nominated === "" || (rejections.get(nominated) ?? others)?.resolvable === false) return undefined;
  const waits = [...(cluster.node(nominated)?.pods.values() ?? [])].some((other) => other.priority < priority && isPreempted(other));
  return waits ? "not eligible due to a terminating pod on the nominated node." : undefined;
}

const isPreempted = ({ pod, isLeaving }: PodInfo): boolean =>
  isLeaving && pod.status.conditions?.some((c) => c.type === "DisruptionTarget" && c.status === "True" && c.reason === "PreemptionByScheduler") === true;

/** Tries nodes from a random one on, until there are enough candidates of which one breaks no budget. */
function findCandidates(pod: PodInfo, failure: FilterFailure, { disruptionBudgets, random }: PreemptionDeps, statuses: Map<string, Rejection>): readonly Candidate[] {
  const nodes = failure.cluster.nodes.filter((node) => (failure.rejections.get(node.name) ?? failure.others)?.resolvable === true);
  const enough = Math.min(nodes.length, Math.max(leastCandidates, Math.trunc(nodes.length * candidatesShare)));
  const offset = Math.trunc(random() * nodes.length);
  const budgets = disruptionBudgets();
  const candidates: Candidate[] = [];
  for (let i = 0; i < nodes.length && !isEnough(candidates, enough); i++) {
    const node = nodes[(offset + i) % nodes.length] as NodeInfo;
    const found = findVictims(pod, failure.whatIf(node), budgets);
    if ("rejection" in found) statuses.set(node.name, found.rejection);
    else candidates.push({ node: node.name, ...found });
  }
  return candidates;
}

const isEnough = (candidates: readonly Candidate[], enough: number): boolean => candidates.length >= enough && candidates.some((c) => c.violations === 0);
