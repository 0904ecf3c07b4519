/** What of the node pods have, decided purely. Upstream: pkg/kubelet/apis/podresources/server_v1.go */
import type { Pod } from "#api/gen/core-v1.ts";
import { containersOf } from "../containers.ts";
import type { DeviceFact, PodDevices } from "../devices/device-manager.ts";
import { namespaceOf, uidOf } from "../names.ts";
import type { ContainerDevices, PodResources } from "./gen/pod-resources-v1.ts";

/** Containers that run as long as the pod, each with its devices. No CPUs and no memory: nobody has any for itself. */
export function podResources(pod: Pod, devices: Pick<PodDevices, "of">): PodResources {
  const running = containersOf(pod).filter(({ kind }) => kind === "sidecar" || kind === "app");
  const containers = running.map(({ container: { name } }) => ({ name, devices: containerDevices(devices.of(uidOf(pod), name)) }));
  return { name: pod.metadata.name, namespace: namespaceOf(pod), containers };
}

/** An entry for each device, or for each NUMA node that it is near. */
export const containerDevices = (facts: readonly DeviceFact[]): ContainerDevices[] =>
  facts.flatMap(({ resource: resourceName, id, near }) => {
    const device = { resourceName, deviceIds: [id] };
    return near === undefined ? [device] : near.map((ID) => ({ ...device, topology: { nodes: [{ ID }] } }));
  });
