import type { Container, ContainerState, ContainerStatus, Pod } from "#api/gen/core-v1.ts";
import { isTerminalPhase } from "#api/pod.ts";
import { since } from "../common/columns.ts";

/** What `kubectl get pods` says of a pod. */
export interface PodSummary { readonly ready: string; readonly status: string; readonly restarts: string }

const isSidecar = (pod: Pod, name: string): boolean => pod.spec.initContainers?.find((c: Container) => c.name === name)?.restartPolicy === "Always";
const isTrue = (pod: Pod, type: string): boolean => pod.status.conditions?.some((c) => c.type === type && c.status === "True") ?? false;
const endText = ({ signal, exitCode }: { readonly signal?: number; readonly exitCode: number }): string => (signal ? `Signal:${signal}` : `ExitCode:${exitCode}`);

interface Restarts { count: number; last: string | undefined }

function countRestart(restarts: Restarts, { restartCount, lastState }: ContainerStatus): void {
  restarts.count += restartCount;
  const end = lastState?.terminated?.finishedAt;
  if (end !== undefined && (restarts.last === undefined || Date.parse(end) > Date.parse(restarts.last))) restarts.last = end;
}

/** What an init container that holds up the others is at; undefined when it has done its part. */
function initReason(pod: Pod, status: ContainerStatus, index: number): string | undefined {
  const { terminated, waiting }: ContainerState = status.state ?? {};
  if (terminated?.exitCode === 0) return undefined;
  if (isSidecar(pod, status.name) && status.started === true) return undefined;
  if (terminated !== undefined) return `Init:${terminated.reason || endText(terminated)}`;
  if (waiting?.reason && waiting.reason !== "PodInitializing") return `Init:${waiting.reason}`;
  return `Init:${index}/${pod.spec.initContainers?.length ?? 0}`;
}

interface InitPhase { readonly reason: string | undefined; readonly ready: number; readonly all: Restarts; readonly sidecars: Restarts }

function initPhase(pod: Pod): InitPhase {
  const all: Restarts = { count: 0, last: undefined };
  const sidecars: Restarts = { count: 0, last: undefined };
  let ready = 0;
  for (const [index, status] of (pod.status.initContainerStatuses ?? []).entries()) {
    const sidecar = isSidecar(pod, status.name);
    countRestart(all, status);
    if (sidecar) countRestart(sidecars, status);
    const reason = initReason(pod, status, index);
    if (reason !== undefined) return { reason, ready, all, sidecars };
    if (sidecar && status.state?.terminated === undefined && status.ready) ready++;
  }
  return { reason: undefined, ready, all, sidecars };
}

/** The last word of the app containers, the first of them last; `running`: how many are ready. */
function appPhase(pod: Pod, restarts: Restarts, before: string): { readonly reason: string; readonly ready: number } {
  let reason = before;
  let ready = 0;
  for (const status of [...(pod.status.containerStatuses ?? [])].reverse()) {
    countRestart(restarts, status);
    const { waiting, terminated, running } = status.state ?? {};
    if (waiting?.reason) reason = waiting.reason;
    else if (terminated !== undefined) reason = terminated.reason || endText(terminated);
    else if (status.ready && running !== undefined) ready++;
  }
  if (reason === "Completed" && ready > 0) reason = isTrue(pod, "Ready") ? "Running" : "NotReady";
  return { reason, ready };
}

/** @param now epoch milliseconds. Upstream: pkg/printers/internalversion printPod */
export function summarize(pod: Pod, now: number): PodSummary {
  const total = pod.spec.containers.length + (pod.spec.initContainers ?? []).filter((c) => c.restartPolicy === "Always").length;
  const init = initPhase(pod);
  let reason = init.reason ?? baseReason(pod);
  let ready = init.ready;
  let restarts = init.all;
  if (init.reason === undefined || isTrue(pod, "Initialized")) {
    restarts = init.sidecars;
    const app = appPhase(pod, restarts, reason);
    reason = app.reason;
    ready += app.ready;
  }
  if (pod.metadata.deletionTimestamp !== undefined) reason = leavingReason(pod, reason);
  const ago = restarts.count > 0 && restarts.last !== undefined ? ` (${since(restarts.last, now)} ago)` : "";
  return { ready: `${ready}/${total}`, status: reason, restarts: `${restarts.count}${ago}` };
}

function baseReason({ status }: Pod): string {
  if (status.conditions?.some((c) => c.type === "PodScheduled" && c.reason === "SchedulingGated") === true) return "SchedulingGated";
  return status.reason || (status.phase ?? "");
}

function leavingReason({ status }: Pod, reason: string): string {
  if (status.reason === "NodeLost") return "Unknown";
  return isTerminalPhase(status.phase) ? reason : "Terminating";
}
