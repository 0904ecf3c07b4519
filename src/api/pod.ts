/** Questions that many parts ask of a pod. Upstream: pkg/api/v1/pod/util.go, component-helpers */
import { getCondition, isTrue } from "./conditions.ts";
import type { Container, EphemeralContainer, Pod, PodSpec, PodStatus } from "./gen/core-v1.ts";
import { isRestartableInit } from "./pod-resources.ts";

export { getCondition, setCondition } from "./conditions.ts";
export { isRestartableInit, podLimits, podRequests, qosClass } from "./pod-resources.ts";

export type ContainerKind = "init" | "app" | "ephemeral";
export interface VisitedContainer {
  readonly container: Container | EphemeralContainer;
  readonly kind: ContainerKind;
  /** `spec.initContainers[0]`, for messages. */
  readonly path: string;
}

/** Every container of a pod, of whatever kind, so that no check is skipped for one of them. */
export function visitContainers(spec: PodSpec, path = "spec"): VisitedContainer[] {
  const list = (containers: readonly (Container | EphemeralContainer)[] | undefined, kind: ContainerKind, field: string): VisitedContainer[] =>
    (containers ?? []).map((container, i) => ({ container, kind, path: `${path}.${field}[${i}]` }));
  return [...list(spec.initContainers, "init", "initContainers"), ...list(spec.containers, "app", "containers"), ...list(spec.ephemeralContainers, "ephemeral", "ephemeralContainers")];
}

/** Serves: its Ready condition is true. */
export const isPodReady = (pod: { readonly status?: PodStatus }): boolean => isTrue(pod.status?.conditions, "Ready");
/** A phase that none follows. */
export const isTerminalPhase = (phase: string | undefined): boolean => phase === "Succeeded" || phase === "Failed";
/** Will not run again: Succeeded or Failed. */
export const isTerminal = (pod: { readonly status?: PodStatus }): boolean => isTerminalPhase(pod.status?.phase);
/** Asked to go, whether or not its containers still run. */
export const isLeaving = ({ metadata }: Pick<Pod, "metadata">): boolean => metadata.deletionTimestamp !== undefined;
/** Counts for its controller: neither ended nor leaving. Upstream: pkg/controller IsPodActive */
export const isActive = (pod: Pick<Pod, "metadata" | "status">): boolean => !isTerminal(pod) && !isLeaving(pod);
/** On its way out, its containers perhaps still running. Upstream: pkg/controller IsPodTerminating */
export const isTerminating = (pod: Pick<Pod, "metadata" | "status">): boolean => !isTerminal(pod) && isLeaving(pod);
export const isScheduled = (pod: Pick<Pod, "spec">): boolean => pod.spec.nodeName !== undefined && pod.spec.nodeName !== "";
/** On the shadow of a pod that a node has from a file. Upstream: api/core/v1 MirrorPodAnnotationKey */
export const mirrorAnnotation = "kubernetes.io/config.mirror";
export const isMirrorPod = (pod: Pick<Pod, "metadata">): boolean => pod.metadata.annotations?.[mirrorAnnotation] !== undefined;

/**
 * Milliseconds until a ready pod counts as available: 0 when it does, undefined when it is not ready.
 * @param now milliseconds since 1970
 */
export function availableInMs(pod: Pick<Pod, "status">, minReadySeconds: number, now: number): number | undefined {
  const ready = getCondition(pod.status.conditions, "Ready");
  if (ready?.status !== "True") return undefined;
  if (minReadySeconds === 0) return 0;
  return ready.lastTransitionTime === undefined ? undefined : Math.max(0, Date.parse(ready.lastTransitionTime) + minReadySeconds * 1000 - now);
}

/** Ready for at least so long. Upstream: pkg/api/v1/pod IsPodAvailable */
export const isPodAvailable = (pod: Pick<Pod, "status">, minReadySeconds: number, now: number): boolean => availableInMs(pod, minReadySeconds, now) === 0;

/** The number of a port that a probe or a Service names; undefined when no container declares it. Upstream: FindPort */
export function findPort(spec: PodSpec, port: number | string, protocol = "TCP"): number | undefined {
  if (typeof port === "number") return port;
  const containers = [...spec.containers, ...(spec.initContainers ?? []).filter(isRestartableInit)];
  return containers.flatMap((c) => c.ports ?? []).find((p) => p.name === port && (p.protocol ?? "TCP") === protocol)?.containerPort;
}
