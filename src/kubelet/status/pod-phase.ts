import type { Container, ContainerStatus, Pod, PodStatus } from "#api/gen/core-v1.ts";
import { isRestartableInit, isTerminalPhase } from "#api/pod.ts";
import { couldRestartAll, ruleFor } from "#api/restart-rules.ts";

type Phase = NonNullable<PodStatus["phase"]>;

/**
 * The phase that follows from the containers' statuses.
 * @param over true when the kubelet will start nothing more in this pod. Upstream: pkg/kubelet/kubelet_pods.go getPhase
 */
export function phaseOf(pod: Pod, statuses: ReadonlyMap<string, ContainerStatus>, over: boolean): Phase {
  const phase = livePhase(pod, statuses);
  if (!over || isTerminalPhase(phase)) return phase;
  const { stopped, succeeded, waiting, unknown } = tally(pod.spec.containers, statuses);
  return stopped > 0 && stopped === succeeded && waiting + unknown === 0 ? "Succeeded" : "Failed";
}

function livePhase(pod: Pod, statuses: ReadonlyMap<string, ContainerStatus>): Phase {
  const policy = pod.spec.restartPolicy ?? "Always";
  const inits = pod.spec.initContainers ?? [];
  const count = tally(pod.spec.containers, statuses);
  const initialized = pod.spec.containers.some((c) => hasStarted(statuses.get(c.name)));
  if (inits.some((c) => !isRestartableInit(c) && failedForGood(c, policy, statuses.get(c.name)))) return "Failed";
  if (!initialized && inits.some((c) => (isRestartableInit(c) ? statuses.get(c.name)?.started !== true : pending(statuses.get(c.name))))) return "Pending";
  if (count.waiting > 0 || count.unknown > 0) return "Pending";
  if (count.running > 0) return "Running";
  const mayRun = pod.spec.containers.some((c) => comesAgain(c, policy, statuses.get(c.name)));
  if (mayRun || (couldRestartAll(pod.spec) && pod.spec.containers.some(({ name }) => statuses.get(name)?.state?.waiting !== undefined))) return "Running";
  return count.stopped === count.succeeded ? "Succeeded" : "Failed";
}

interface Tally {
  readonly running: number;
  readonly waiting: number;
  readonly stopped: number;
  readonly succeeded: number;
  readonly unknown: number;
}

function tally(containers: readonly Container[], statuses: ReadonlyMap<string, ContainerStatus>): Tally {
  let running = 0,
    waiting = 0,
    stopped = 0,
    succeeded = 0,
    unknown = 0;
  for (const { name } of containers) {
    const status = statuses.get(name);
    if (status?.state?.running !== undefined) running++;
    else if (status?.state?.terminated !== undefined) {
      stopped++;
      if (status.state.terminated.exitCode === 0) succeeded++;
    } else if (status?.state?.waiting !== undefined) {
      if (status.lastState?.terminated !== undefined) stopped++;
      else waiting++;
    } else unknown++;
  }
  return { running, waiting, stopped, succeeded, unknown };
}

const hasStarted = (status: ContainerStatus | undefined): boolean =>
  status?.state?.running !== undefined || status?.state?.terminated !== undefined || status?.lastState?.terminated !== undefined;

const pending = (status: ContainerStatus | undefined): boolean => status?.state?.terminated?.exitCode !== 0;

const failedForGood = (container: Container, policy: string, status: ContainerStatus | undefined): boolean => {
  const code = status?.state?.terminated?.exitCode;
  return code !== undefined && code !== 0 && (container.restartPolicy ?? policy) === "Never" && ruleFor(container, code) === undefined;
};

const comesAgain = (container: Container, podPolicy: string, status: ContainerStatus | undefined): boolean => {
  const code = status?.state?.terminated?.exitCode ?? status?.lastState?.terminated?.exitCode ?? 0;
  const policy = container.restartPolicy ?? podPolicy;
  return policy === "Always" || ruleFor(container, code) !== undefined || (policy === "OnFailure" && code !== 0);
};
