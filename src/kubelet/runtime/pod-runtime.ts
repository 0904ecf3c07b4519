/** What the runtime has of one pod, in the kubelet's terms. */
import { containerState, millisOf, sandboxState } from "#cri/states.ts";
import type { ContainerStatus, ContainerUser, PodSandboxStatus } from "#cri/gen/cri-v1.ts";
import { annotationNames, labelNames } from "../names.ts";

export interface PodRuntime {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  /** Newest first. */
  readonly sandboxes: readonly Sandbox[];
  /** All instances of all containers, newest first. */
  readonly containers: readonly ContainerInstance[];
}

export interface Sandbox {
  readonly id: string;
  readonly attempt: number;
  readonly ready: boolean;
  /** Empty in the host's network. */
  readonly ips: readonly string[];
  readonly hostNetwork: boolean;
}

export interface ContainerInstance {
  readonly id: string;
  readonly name: string;
  readonly sandboxId: string;
  readonly state: "created" | "running" | "exited" | "unknown";
  readonly restartCount: number;
  /** Times are milliseconds since 1970; 0 when it has not come yet. */
  readonly createdAt: number;
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly exitCode: number;
  readonly reason: string;
  /** The termination message. */
  readonly message: string;
  readonly image: string;
  readonly imageId: string;
  readonly hash: string;
  readonly logPath: string;
  readonly user?: ContainerUser;
  readonly stopSignal?: string;
  /** Why it must be replaced, whatever its state. */
  readonly outdated?: string;
}

/** The newest instance of a container. */
export const instanceOf = (runtime: PodRuntime, name: string): ContainerInstance | undefined => runtime.containers.find((c) => c.name === name);
export const readySandbox = (runtime: PodRuntime): Sandbox | undefined => runtime.sandboxes.find((s) => s.ready);
export const running = (runtime: PodRuntime): ContainerInstance[] => runtime.containers.filter((c) => c.state === "running" || c.state === "unknown");

export function sandboxOf(status: PodSandboxStatus): Sandbox {
  const ips = [status.network?.ip ?? "", ...(status.network?.additionalIps ?? []).map((a) => a.ip ?? "")].filter((ip) => ip !== "");
  return {
    id: status.id ?? "",
    attempt: status.metadata?.attempt ?? 0,
    ready: sandboxState(status) === "SANDBOX_READY",
    ips,
    hostNetwork: status.linux?.namespaces?.options?.network === "NODE",
  };
}

const states = { CONTAINER_CREATED: "created", CONTAINER_RUNNING: "running", CONTAINER_EXITED: "exited", CONTAINER_UNKNOWN: "unknown" } as const;

/** @param message the termination message, read already */
export function containerOf(status: ContainerStatus, sandboxId: string, message: string): ContainerInstance {
  return {
    id: status.id ?? "",
    sandboxId,
    state: states[containerState(status)],
    name: status.labels?.[labelNames.container] ?? status.metadata?.name ?? "",
    restartCount: Number(status.annotations?.[annotationNames.restartCount] ?? status.metadata?.attempt ?? 0),
    createdAt: millisOf(status.createdAt),
    startedAt: millisOf(status.startedAt),
    finishedAt: millisOf(status.finishedAt),
    exitCode: status.exitCode ?? 0,
    reason: status.reason ?? "",
    message,
    image: status.image?.userSpecifiedImage || (status.image?.image ?? ""),
    imageId: status.imageRef ?? "",
    hash: status.annotations?.[annotationNames.hash] ?? "",
    logPath: status.logPath ?? "",
    ...(status.user !== undefined && { user: status.user }),
    ...(status.stopSignal !== undefined && status.stopSignal !== "RUNTIME_DEFAULT" && { stopSignal: status.stopSignal }),
  };
}
