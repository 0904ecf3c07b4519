import { relative } from "node:path";
import type { Clock } from "#base/clock.ts";
import type { ContainerStatus, Pod } from "#api/gen/core-v1.ts";
import { RuntimeError } from "#cri/runtime.ts";
import { containerState } from "#cri/states.ts";
import { findContainer, statusesOf } from "../containers/containers.ts";
import type { KubeletHost } from "../host.ts";
import { HttpError } from "./http-error.ts";
import { parseLogQuery } from "./logs/log-query.ts";
import { readLogs } from "./logs/read-logs.ts";
import type { PodName } from "./pod-lookup.ts";

/** A container's log as bytes, first checked as far as it can be without reading. Throws `HttpError` with upstream's words. */
export async function containerLogs(host: KubeletHost, clock: Clock, target: PodName & { readonly container: string }, query: URLSearchParams, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
  const pod = host.pod(target.namespace, target.pod);
  if (pod === undefined) throw new HttpError(404, `pod "${target.pod}" does not exist\n`);
  if (findContainer(pod, target.container) === undefined) throw new HttpError(404, `container "${target.container}" not found in pod "${target.pod}"\n`);
  const options = parseLogQuery(query, clock.now());
  const id = logContainerId(pod, target.container, options.previous);
  const logPath = await logPathOf(host, id);
  const ended = async (): Promise<boolean> => !(await isRunning(host, bareId(id)));
  return await readLogs({ root: host.podLogsDir, path: relative(host.podLogsDir, logPath), ended }, options, clock, signal);
}

const isRunning = async (host: KubeletHost, id: string): Promise<boolean> => {
  try {
    const { status } = await host.runtime.containerStatus({ containerId: id });
    return status !== undefined && ["CONTAINER_RUNNING", "CONTAINER_CREATED"].includes(containerState(status));
  } catch (err) {
    if (err instanceof RuntimeError && err.code === "NotFound") return false;
    throw err;
  }
};

async function logPathOf(host: KubeletHost, id: string): Promise<string> {
  try {
    const { status } = await host.runtime.containerStatus({ containerId: bareId(id) });
    if (status?.logPath !== undefined && status.logPath !== "") return status.logPath;
  } catch (cause) {
    throw new HttpError(400, `unable to retrieve container logs for ${id}`, { cause });
  }
  throw new HttpError(400, `unable to retrieve container logs for ${id}`);
}

/** The instance of a container whose log is meant, by the pod's status, as `containerd://…`. Upstream: pkg/kubelet/kubelet_pods.go validateContainerLogStatus */
function logContainerId(pod: Pod, container: string, previous: boolean): string {
  const status = statusesOf(pod).get(container);
  const about = `container "${container}" in pod "${pod.metadata.name}"`;
  if (status === undefined) throw new HttpError(400, `${about} is not available`);
  const last = status.lastState?.terminated?.containerID ?? "";
  if (previous) {
    if (last === "") throw new HttpError(400, `previous terminated ${about} not found`);
    return last;
  }
  const { running, terminated, waiting } = status.state ?? {};
  if (running !== undefined) return status.containerID ?? "";
  if (terminated !== undefined || status.lastState?.terminated !== undefined) {
    const id = (terminated?.containerID ?? "") || last;
    if (id === "") throw new HttpError(400, `${about} is terminated`);
    return id;
  }
  throw new HttpError(400, waiting === undefined ? `${about} is waiting to start - no logs yet` : `${about} is waiting to start: ${waitingWords(waiting)}`);
}

function waitingWords({ reason }: NonNullable<NonNullable<ContainerStatus["state"]>["waiting"]>): string {
  if (reason === "ErrImagePull") return "image can't be pulled";
  if (reason === "ImagePullBackOff") return "trying and failing to pull image";
  return reason ?? "";
}

/** The runtime's id without the `containerd://` of the API. */
const bareId = (id: string): string => id.replace(/^[^:]*:\/\//, "");
