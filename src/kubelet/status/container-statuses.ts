/** Container states as the API shows them. Upstream: pkg/kubelet/kubelet_pods.go convertToAPIContainerStatuses, prober_manager.go UpdatePodStatus */
import type { ContainerState, ContainerStatus, Pod, ResourceRequirements, ResourceStatus } from "#api/gen/core-v1.ts";
import { isTerminalPhase } from "#api/pod.ts";
import { couldRestartAll } from "#api/restart-rules.ts";
import { timestamp } from "#apimachinery/time.ts";
import { containersOf, findContainer, statusesOf, type PodContainer } from "../containers/containers.ts";
import type { ContainerInstance, PodRuntime } from "../runtime/pod-runtime.ts";
import { mayRestart } from "../containers/restart.ts";

/** Why a container is not running although it should, from the last try to start it. */
export interface StartFailure {
  readonly reason: string;
  readonly message: string;
  /** Milliseconds since 1970 at which the next try is due. */
  readonly notBefore?: number;
  /** In a row. */
  readonly tries?: number;
}

export interface StatusFacts {
  readonly runtime: PodRuntime;
  readonly failures: ReadonlyMap<string, StartFailure>;
  /** What the probes say of a running instance. */
  readonly probes: { started(pod: Pod, container: string, id: string): boolean; ready(pod: Pod, container: string, id: string): boolean };
  /** How ids are printed: `containerd`. */
  readonly runtimeName: string;
  /** How a container's devices are. */
  readonly deviceHealth?: (container: string) => ResourceStatus[];
  /** The pod as its running containers are. */
  readonly resize?: { readonly actual: Pod };
  /** True when nothing of the pod will be started any more. */
  readonly over: boolean;
  /** Of the runtime: mounts can be read-only with all that is mounted beneath them. */
  readonly recursiveReadOnly: boolean;
}

/** The status of every container of the pod, by name. @param pod its `status` holds what was said last */
export function containerStatuses(pod: Pod, facts: StatusFacts): Map<string, ContainerStatus> {
  const old = statusesOf(pod);
  return new Map(containersOf(pod).map((c) => [c.container.name, withProbes(pod, c, facts, statusOf(pod, c, facts, old.get(c.container.name)))]));
}

function statusOf(pod: Pod, c: PodContainer, facts: StatusFacts, old: ContainerStatus | undefined): ContainerStatus {
  const { name } = c.container;
  const [newest, previous] = facts.runtime.containers.filter((i) => i.name === name && i.state !== "created"); // what was not started yet has no state
  const idle: ContainerState = { waiting: { reason: (pod.spec.initContainers ?? []).length > 0 ? "PodInitializing" : "ContainerCreating" } };
  const status =
    newest === undefined
      ? without(pod, c, old, idle, facts.over)
      : {
          ...basics(c, newest.restartCount),
          image: newest.image,
          imageID: newest.imageId,
          containerID: printed(facts, newest),
          state: stateOf(newest, facts),
          lastState:
            previous === undefined ? (old?.restartCount === newest.restartCount ? (old.lastState ?? {}) : lastOf(old)) : stateOf(previous, facts),
        };
  const failure = facts.failures.get(name);
  if (failure === undefined || newest?.state === "running" || !mayRestart(pod, c.container, newest, c.kind === "init" ? "init" : "app"))
    return status;
  return {
    ...status,
    state: { waiting: { reason: failure.reason, message: failure.message } },
    ...(status.state?.terminated !== undefined && { lastState: { terminated: status.state.terminated } }),
  };
}

/** The runtime has no such container: what was said last stands, except that what ran and vanished has ended. */
function without(pod: Pod, c: PodContainer, old: ContainerStatus | undefined, idle: ContainerState, over: boolean): ContainerStatus {
  const anew = comesAnew(pod, c, over);
  if (old?.state?.terminated !== undefined && !anew) return old;
  const status = { ...(anew && old), ...basics(c, old?.restartCount ?? 0), lastState: old?.lastState ?? {}, state: idle }; // what ran says how often it did
  if (old?.state?.terminated !== undefined) return { ...status, lastState: old.state };
  if (old?.state?.running === undefined) return status;
  const terminated = {
    exitCode: 137,
    reason: "ContainerStatusUnknown",
    message: "The container could not be located when the pod was deleted.  The container used to be Running",
  };
  return pod.metadata.deletionTimestamp === undefined
    ? { ...status, lastState: { terminated }, restartCount: old.restartCount + (anew ? 0 : 1) }
    : { ...status, state: { terminated }, restartCount: old.restartCount };
}

/** All containers of the pod start again, this one with them. */
const comesAnew = (pod: Pod, { kind }: PodContainer, over: boolean): boolean =>
  !over && kind !== "ephemeral" && couldRestartAll(pod.spec) && pod.metadata.deletionTimestamp === undefined && !isTerminalPhase(pod.status.phase);

const lastOf = (old: ContainerStatus | undefined): ContainerState =>
  old?.state?.terminated === undefined ? (old?.lastState ?? {}) : { terminated: old.state.terminated };

function basics({ container }: PodContainer, restartCount: number): ContainerStatus {
  return { name: container.name, ready: false, restartCount, image: container.image ?? "", imageID: "", started: false };
}

function stateOf(i: ContainerInstance, facts: StatusFacts): ContainerState {
  if (i.state === "running") return { running: { startedAt: timestamp(i.startedAt) } };
  const ended = { startedAt: timestamp(i.startedAt), finishedAt: timestamp(i.finishedAt), containerID: printed(facts, i) };
  if (i.state === "unknown")
    return {
      terminated: {
        exitCode: 137,
        reason: "ContainerStatusUnknown",
        message: "The container could not be located when the pod was terminated",
        ...ended,
      },
    };
  return {
    terminated: {
      exitCode: i.exitCode,
      reason: i.reason || (i.exitCode === 0 ? "Completed" : "Error"),
      ...(i.message !== "" && { message: i.message }),
      ...ended,
    },
  };
}

function withProbes(pod: Pod, c: PodContainer, facts: StatusFacts, status: ContainerStatus): ContainerStatus {
  const id = facts.runtime.containers.find((i) => i.name === c.container.name)?.id ?? "";
  const mounts = c.container.volumeMounts?.map((m) => ({
    name: m.name,
    mountPath: m.mountPath,
    ...(m.readOnly === true && { readOnly: true, recursiveReadOnly: m.recursiveReadOnly !== undefined && m.recursiveReadOnly !== "Disabled" && facts.recursiveReadOnly ? "Enabled" : "Disabled" }),
  }));
  const { user: { linux: user } = {}, stopSignal } = facts.runtime.containers.find((i) => i.id === id) ?? {};
  const devices = facts.deviceHealth?.(c.container.name) ?? [];
  const rest = {
    ...status,
    ...(devices.length > 0 && { allocatedResourcesStatus: devices }),
    ...(mounts !== undefined && mounts.length > 0 && { volumeMounts: mounts }),
    ...(status.state?.running !== undefined && { resources: actualOf(facts, c) }),
    ...(status.state?.running !== undefined &&
      c.container.resources?.requests !== undefined && { allocatedResources: c.container.resources.requests }),
    ...(stopSignal !== undefined && { stopSignal }),
    ...(user !== undefined && {
      user: { linux: { uid: Number(user.uid ?? 0), gid: Number(user.gid ?? 0), supplementalGroups: (user.supplementalGroups ?? []).map(Number) } },
    }),
  };
  if (c.kind === "init") return { ...rest, ready: status.state?.terminated?.exitCode === 0, started: status.state?.running !== undefined };
  const started = status.state?.running !== undefined && facts.probes.started(pod, c.container.name, id);
  if (c.kind === "ephemeral") return { ...rest, ready: false, started };
  return { ...rest, started, ready: started && facts.probes.ready(pod, c.container.name, id) };
}

const actualOf = ({ resize }: StatusFacts, { container }: PodContainer): ResourceRequirements =>
  (resize === undefined ? undefined : findContainer(resize.actual, container.name)?.container.resources) ?? container.resources ?? {};

const printed = (facts: StatusFacts, i: ContainerInstance): string => `${facts.runtimeName}://${i.id}`;
