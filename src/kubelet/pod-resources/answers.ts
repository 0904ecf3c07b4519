/** What of the node pods have, decided purely. Upstream: pkg/kubelet/apis/podresources/server_v1.go */
import type { Pod } from "#api/gen/core-v1.ts";
import { containersOf } from "../containers/containers.ts";
import type { DeviceFact, PodDevices } from "../devices/device-manager.ts";
import { namespaceOf, uidOf } from "../names.ts";
import type { ClaimFact } from "../dra/container-claims.ts";
import type { PodClaims } from "../dra/dra-manager.ts";
import type { ContainerDevices, DynamicResource, PodResources } from "./gen/pod-resources-v1.ts";

/** Containers that run as long as the pod, each with its devices and claims. No CPUs and no memory: nobody has any for itself. */
export function podResources(pod: Pod, devices: Pick<PodDevices, "of">, claims: Pick<PodClaims, "of">): PodResources {
  const running = containersOf(pod).filter(({ kind }) => kind === "sidecar" || kind === "app");
  const containers = running.map(({ container }) => ({ name: container.name, devices: containerDevices(devices.of(uidOf(pod), container.name)), dynamicResources: claims.of(pod, container).map(dynamicResource) }));
  return { name: pod.metadata.name, namespace: namespaceOf(pod), containers };
}

/** An entry for each device, or for each NUMA node that it is near. */
export const containerDevices = (facts: readonly DeviceFact[]): ContainerDevices[] =>
  facts.flatMap(({ resource: resourceName, id, near }) => {
    const device = { resourceName, deviceIds: [id] };
    return near === undefined ? [device] : near.map((ID) => ({ ...device, topology: { nodes: [{ ID }] } }));
  });

/** A claim with all that its drivers gave for it, also to other containers. Upstream: pkg/kubelet/cm/container_manager_linux.go GetDynamicResources */
const dynamicResource = ({ name: claimName, namespace: claimNamespace, devices }: ClaimFact): DynamicResource => ({
  claimName, claimNamespace,
  claimResources: devices.map(({ driver: driverName, poolName = "", deviceName = "", cdiDeviceIds = [], shareId }) => ({ cdiDevices: cdiDeviceIds.map((name) => ({ name })), driverName, poolName, deviceName, ...(shareId !== undefined && { shareId }) })),
});
