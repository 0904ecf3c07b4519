/** A pod's conditions, their reasons and words. Upstream: pkg/kubelet/status/generate.go */
import type { Container, ContainerStatus, Pod, PodCondition, PodStatus } from "#api/gen/core-v1.ts";
import { isRestartableInit } from "#api/pod.ts";
import type { ResizeRefusal } from "../pods/admission.ts";

interface Verdict {
  readonly status: "True" | "False";
  readonly reason?: string;
  readonly message?: string;
}
const yes: Verdict = { status: "True" };

/** Where a resize stands. */
export interface ResizeState {
  readonly pending: ResizeRefusal | undefined;
  readonly error: string | undefined;
  /** The generation of the spec whose resources are being put in force. */
  readonly underway: number | undefined;
}

/** They stand only while a resize does. */
export const resizeConditions: ReadonlySet<string> = new Set(["PodResizePending", "PodResizeInProgress"]);

/** The conditions that the kubelet writes. */
export const ownConditions: ReadonlySet<string> = new Set([...resizeConditions, "PodReadyToStartContainers", "AllContainersRestarting", "Initialized", "Ready", "ContainersReady", "PodScheduled"]);

/**
 * @param networkReady the sandbox stands and has its address
 * @param restarting all containers of the pod are being stopped to start anew; undefined for a pod that never does
 * @param now RFC3339
 */
export function conditionsOf(
  pod: Pod,
  statuses: ReadonlyMap<string, ContainerStatus>,
  phase: PodStatus["phase"],
  networkReady: boolean,
  restarting: boolean | undefined,
  old: readonly PodCondition[],
  now: string,
): PodCondition[] {
  const containersReady = readyContainers(pod, statuses, phase);
  const own: Record<string, Verdict> = {
    PodReadyToStartContainers: networkReady ? yes : { status: "False" },
    Initialized: initialized(pod, statuses, phase),
    Ready: ready(pod, containersReady, old),
    ContainersReady: containersReady,
    PodScheduled: yes,
    ...(restarting !== undefined && { AllContainersRestarting: restart(restarting, phase) }),
  };
  const made = Object.entries(own).map(([type, verdict]) =>
    conditionOf(
      type,
      verdict,
      old.find((c) => c.type === type),
      pod.metadata.generation,
      now,
    ),
  );
  return [...made, ...old.filter((c) => own[c.type] === undefined && !resizeConditions.has(c.type))];
}

/** The time of what is pending changes with its reason; what is in progress keeps the generation that it began with. Upstream: pkg/kubelet/status SetPodResizePendingCondition, SetPodResizeInProgressCondition */
export function conditionsOfResize(
  resize: ResizeState | undefined,
  old: readonly PodCondition[],
  generation: number | undefined,
  now: string,
): PodCondition[] {
  const { pending, error, underway } = resize ?? {};
  const before = (type: string): PodCondition | undefined => old.find((c) => c.type === type);
  const waited = before("PodResizePending");
  return [
    ...(pending === undefined ? [] : [conditionOf("PodResizePending", { status: "True", reason: pending.reason, message: pending.message }, waited?.reason === pending.reason ? waited : undefined, generation, now)]),
    ...(underway === undefined ? [] : [conditionOf("PodResizeInProgress", { status: "True", ...(error !== undefined && { reason: "Error", message: error }) }, before("PodResizeInProgress"), underway, now)]),
  ];
}

/** A condition whose time changes only with its status. */
export function conditionOf(
  type: string,
  verdict: Verdict,
  old: PodCondition | undefined,
  generation: number | undefined,
  now: string,
): PodCondition {
  return {
    type,
    status: verdict.status,
    lastTransitionTime: old?.status === verdict.status && old.lastTransitionTime !== undefined ? old.lastTransitionTime : now,
    ...(generation !== undefined && { observedGeneration: generation }),
    ...(verdict.reason !== undefined && { reason: verdict.reason }),
    ...(verdict.message !== undefined && { message: verdict.message }),
  };
}

function restart(restarting: boolean, phase: PodStatus["phase"]): Verdict {
  if (phase === "Succeeded" || phase === "Failed") return { status: "False", reason: phase === "Succeeded" ? "PodCompleted" : "PodFailed" };
  return restarting ? { status: "True", reason: "RestartAllContainersStarted", message: "container exited with restart policy rule" } : { status: "False" };
}

function readyContainers({ spec }: Pod, statuses: ReadonlyMap<string, ContainerStatus>, phase: PodStatus["phase"]): Verdict {
  const watched = [...(spec.initContainers ?? []).filter(isRestartableInit), ...spec.containers];
  const unknown = names(watched.filter((c) => !statuses.has(c.name)));
  if (phase === "Succeeded" && unknown.length === 0) return { status: "False", reason: "PodCompleted" };
  if (phase === "Failed" && unknown.length === 0) return { status: "False", reason: "PodFailed" };
  return verdict("ContainersNotReady", unknown, "unready", names(watched.filter((c) => statuses.get(c.name)?.ready === false)));
}

function initialized({ spec }: Pod, statuses: ReadonlyMap<string, ContainerStatus>, phase: PodStatus["phase"]): Verdict {
  const inits = spec.initContainers ?? [];
  if (phase === "Succeeded") return inits.length === 0 ? yes : { status: "True", reason: "PodCompleted" };
  const started = spec.containers.some((c) => {
    const s = statuses.get(c.name);
    return s?.state?.running !== undefined || s?.state?.terminated !== undefined || s?.lastState?.terminated !== undefined;
  });
  if (started) return yes;
  const unknown = names(inits.filter((c) => !statuses.has(c.name)));
  const incomplete = names(
    inits.filter((c) => {
      const s = statuses.get(c.name);
      return s !== undefined && (isRestartableInit(c) ? s.started !== true : !s.ready);
    }),
  );
  return verdict("ContainersNotInitialized", unknown, "incomplete", incomplete);
}

function ready({ spec }: Pod, containers: Verdict, old: readonly PodCondition[]): Verdict {
  if (containers.status !== "True") return containers;
  const failed = (spec.readinessGates ?? []).flatMap(({ conditionType }) => {
    const condition = old.find((c) => c.type === conditionType);
    if (condition === undefined) return [`corresponding condition of pod readiness gate "${conditionType}" does not exist.`];
    return condition.status === "True" ? [] : [`the status of pod readiness gate "${conditionType}" is not "True", but ${condition.status}`];
  });
  return failed.length === 0 ? yes : { status: "False", reason: "ReadinessGatesNotReady", message: failed.join(", ") };
}

function verdict(reason: string, unknown: readonly string[], word: string, bad: readonly string[]): Verdict {
  const parts = [
    ...(unknown.length > 0 ? [`containers with unknown status: [${unknown.join(" ")}]`] : []),
    ...(bad.length > 0 ? [`containers with ${word} status: [${bad.join(" ")}]`] : []),
  ];
  return parts.length === 0 ? yes : { status: "False", reason, message: parts.join(", ") };
}

const names = (containers: readonly Container[]): string[] => containers.map((c) => c.name);
