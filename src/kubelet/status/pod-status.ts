import type { ContainerStatus, Pod, PodStatus } from "#api/gen/core-v1.ts";
import { podRequests } from "#api/pod-resources.ts";
import { isTerminalPhase } from "#api/pod.ts";
import { couldRestartAll } from "#api/restart-rules.ts";
import { timestamp } from "#apimachinery/time.ts";
import { containerStatuses, type StatusFacts } from "./container-statuses.ts";
import { conditionOf, conditionsOf, conditionsOfResize, ownConditions, type ResizeState } from "./pod-conditions.ts";
import { phaseOf } from "./pod-phase.ts";
import { restartOfAll } from "../pods/restart-all.ts";
import { readySandbox, running } from "../runtime/pod-runtime.ts";

/** Told of a pod that does not end by its own doing. Upstream: core/v1 DisruptionTarget */
const disruption = "DisruptionTarget";
/** Reasons of a pod that ends by the kubelet's doing, for the node's sake. */
const byKubelet: ReadonlySet<string> = new Set(["Evicted", "Preempting", "Terminated"]);

export interface PodStatusFacts extends StatusFacts {
  readonly resize?: { readonly actual: Pod; readonly given: Pod } & ResizeState;
  /** Drivers have not taken back yet what they prepared for the pod. */
  readonly holdsClaims?: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly hostIps: readonly string[];
  /** Set when the kubelet has given the pod up: rejected, past its deadline, disrupted. */
  readonly failed?: { readonly reason: string; readonly message: string; readonly condition?: string };
}

/** The status of a pod as the API should show it. @param pod its `status` holds what was said last. Upstream: pkg/kubelet/kubelet_pods.go generateAPIPodStatus */
export function podStatus(pod: Pod, facts: PodStatusFacts): PodStatus {
  const old = pod.status;
  const now = timestamp(facts.now);
  const statuses = containerStatuses(pod, facts);
  const alive = running(facts.runtime).length > 0 || facts.holdsClaims === true;
  const failed = alive ? undefined : facts.failed;
  const restarting = couldRestartAll(pod.spec) ? !facts.over && restartOfAll(pod, facts.runtime) !== undefined : undefined;
  const next = failed !== undefined ? "Failed" : isTerminalPhase(old.phase) || restarting === true ? old.phase : phaseOf(pod, statuses, facts.over);
  const phase = alive && isTerminalPhase(next) ? old.phase : next; // a pod has not ended while one of its containers runs, or its claims are not given back
  const ips = pod.spec.hostNetwork === true ? facts.hostIps : (readySandbox(facts.runtime)?.ips ?? (old.podIPs ?? []).map((p) => p.ip));
  const why =
    failed ??
    (phase === old.phase
      ? { ...(old.reason !== undefined && { reason: old.reason }), ...(old.message !== undefined && { message: old.message }) }
      : {});
  const neverBegan = isTerminalPhase(phase) && old.containerStatuses === undefined && facts.runtime.containers.length === 0; // it was not let in
  const disrupted = byKubelet.has(facts.failed?.reason ?? "") && !neverBegan;
  const sandbox = readySandbox(facts.runtime);
  const networkReady = sandbox !== undefined && (pod.spec.hostNetwork === true || sandbox.ips.length > 0);
  return {
    ...(pod.metadata.generation !== undefined && { observedGeneration: pod.metadata.generation }),
    ...(phase !== undefined && { phase }),
    ...why,
    conditions: neverBegan ? (old.conditions ?? []).filter(({ type }) => !ownConditions.has(type)) : [
      ...conditionsOf(pod, statuses, phase, networkReady, restarting, old.conditions ?? [], now).filter(({ type }) => !disrupted || type !== disruption),
      ...(disrupted
        ? [conditionOf(disruption, { status: "True", reason: "TerminationByKubelet", message: facts.failed?.condition ?? facts.failed?.message ?? "" }, old.conditions?.find((c) => c.type === disruption), pod.metadata.generation, now)]
        : []),
      ...conditionsOfResize(facts.resize, old.conditions ?? [], pod.metadata.generation, now),
    ],
    ...(facts.hostIps[0] !== undefined && { hostIP: facts.hostIps[0], hostIPs: facts.hostIps.map((ip) => ({ ip })) }),
    ...(ips[0] !== undefined && { podIP: ips[0], podIPs: ips.map((ip) => ({ ip })) }),
    startTime: old.startTime ?? now,
    ...(old.qosClass !== undefined && { qosClass: old.qosClass }),
    ...(!neverBegan && lists(pod, statuses)),
    ...(!neverBegan && facts.resize !== undefined && podResources(facts.resize)),
  };
}

/** What a pod has that states resources for itself, and what it was given. Upstream: pkg/kubelet/kubelet_pods.go convertToAPIPodLevelResourcesStatus */
function podResources({ actual, given }: { readonly actual: Pod; readonly given: Pod }): Pick<PodStatus, "resources" | "allocatedResources"> {
  const { resources } = actual.spec;
  if (resources === undefined || Object.keys({ ...resources.requests, ...resources.limits }).length === 0) return {};
  const requests = Object.entries(podRequests(given, { excludeOverhead: true })).filter(([name]) => name === "cpu" || name === "memory");
  return { resources, allocatedResources: Object.fromEntries(requests.map(([name, amount]) => [name, amount.toString()])) };
}

function lists({ spec }: Pod, statuses: ReadonlyMap<string, ContainerStatus>): Partial<PodStatus> {
  const of = (containers: readonly { readonly name: string }[] | undefined): ContainerStatus[] =>
    (containers ?? []).map((c) => statuses.get(c.name)).filter((s) => s !== undefined);
  const ephemeral = of(spec.ephemeralContainers);
  const inits = of(spec.initContainers);
  return {
    ...(inits.length > 0 && { initContainerStatuses: inits }),
    containerStatuses: of(spec.containers),
    ...(ephemeral.length > 0 && { ephemeralContainerStatuses: ephemeral }),
  };
}
