import type { Pod } from "#api/gen/core-v1.ts";
import type { Clock } from "#base/clock.ts";
import type { Logger } from "#base/log.ts";
import { graceOf } from "../containers/container-killer.ts";
import type { EvictionWords } from "../eviction/messages.ts";
import { formatPod, uidOf } from "../names.ts";
import { isCritical } from "../resources/resources.ts";
import { lacksOnly, type AdmissionFacts, type Refusal } from "./admission.ts";
import { printed, shortOf, victimsOf } from "./preemption.ts";

const pollMs = 100;
/** Upstream: pkg/kubelet/pod_workers.go killPodNow: half as long again as their grace, and this at least. */
const patienceMs = 10_000;

const words: EvictionWords = {
  reason: "Preempting", message: "Preempted in order to admit critical pod", annotations: {},
  condition: "Pod was preempted by Kubelet to accommodate a critical pod.",
};

export interface RoomDeps {
  readonly facts: (pod: Pod) => AdmissionFacts;
  readonly evict: (uid: string, words: EvictionWords, graceSeconds: number) => void;
  /** True while something of the pod may still run. */
  readonly mayRun: (uid: string) => boolean;
  /** Pods had to go since there was too little of this. */
  readonly preempted: (resource: string) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Ends lesser pods when a critical one would be refused for want of resources alone, and resolves when they have ended or their time is over.
 * Gives why there can be no room. Upstream: pkg/kubelet/preemption/preemption.go HandleAdmissionFailure
 */
export async function makeRoom(pod: Pod, deps: RoomDeps, signal: AbortSignal): Promise<Refusal | undefined> {
  if (!isCritical(pod)) return undefined;
  const facts = deps.facts(pod);
  const lacks = lacksOnly(pod, facts);
  const victims = victimsOf(pod, facts.others, lacks);
  if (victims === undefined) return { reason: "UnexpectedAdmissionError", message: noRoom(printed(shortOf(pod, facts.others, lacks))) };
  for (const victim of victims) {
    deps.log.warn({ pod: formatPod(victim), for: formatPod(pod) }, "pod preempted");
    deps.evict(uidOf(victim), words, graceOf(victim));
    deps.preempted(lacks[0]?.name ?? "");
  }
  const until = deps.clock.now() + Math.max(patienceMs, 1_500 * Math.max(0, ...victims.map(graceOf)));
  while (victims.some((victim) => deps.mayRun(uidOf(victim))) && deps.clock.now() < until) await deps.clock.sleep(pollMs, signal);
  return undefined;
}

const noRoom = (left: string): string =>
  `Unexpected error while attempting to recover from admission failure: preemption: error finding a set of pods to preempt: no set of running pods found to reclaim resources: ${left}`;
