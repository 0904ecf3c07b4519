/** One visitor over all kinds of containers, so that no rule is skipped for one of them. */
import type { Container, ContainerStatus, Pod } from "#api/gen/core-v1.ts";
import { isRestartableInit } from "#api/pod.ts";

export type ContainerKind = "init" | "sidecar" | "app" | "ephemeral";

export interface PodContainer {
  readonly kind: ContainerKind;
  readonly container: Container;
  /** An ephemeral container may join another one's process namespace. */
  readonly target?: string;
}

/** All containers of a pod: init containers (among them sidecars) in order, then app, then ephemeral ones. */
export function containersOf({ spec }: Pod): PodContainer[] {
  return [
    ...(spec.initContainers ?? []).map((container): PodContainer => ({ kind: isRestartableInit(container) ? "sidecar" : "init", container })),
    ...spec.containers.map((container): PodContainer => ({ kind: "app", container })),
    ...(spec.ephemeralContainers ?? []).map((container): PodContainer => ({
      kind: "ephemeral",
      container,
      ...(container.targetContainerName !== undefined && { target: container.targetContainerName }),
    })),
  ];
}

/** The container of this name, of whatever kind. */
export const findContainer = (pod: Pod, name: string): PodContainer | undefined => containersOf(pod).find((c) => c.container.name === name);

/** The path of a container in its pod, as events name it. Upstream: pkg/kubelet/container GenerateContainerRef */
export function fieldPathOf({ kind, container }: PodContainer): string {
  const list = kind === "app" ? "containers" : kind === "ephemeral" ? "ephemeralContainers" : "initContainers";
  return `spec.${list}{${container.name}}`;
}

/** The statuses of all kinds of containers in a pod's status, by name. */
export const statusesOf = ({ status }: Pod): Map<string, ContainerStatus> =>
  new Map(
    [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? []), ...(status.ephemeralContainerStatuses ?? [])].map((s) => [
      s.name,
      s,
    ]),
  );
