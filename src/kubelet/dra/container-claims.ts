/** What a container has of what its pod's claims were given, decided purely. Upstream: pkg/kubelet/cm/dra/manager.go GetResources, GetContainerClaimInfos, UpdateAllocatedResourcesStatus */
import type { Container, Pod, ResourceStatus } from "#api/gen/core-v1.ts";
import { namespaceOf } from "../names.ts";
import { devicesFor, keyOfClaim, type ClaimInfo, type GivenDevice } from "./claim-infos.ts";
import { claimsOf, containerClaims, type ContainerClaim } from "./claims.ts";
import type { Told } from "./device-healths.ts";

/** A claim of a container, with all that its drivers gave for it. */
export interface ClaimFact { readonly namespace: string; readonly name: string; readonly devices: readonly GivenDevice[] }

interface Infos { get(key: string): ClaimInfo | undefined }

/** The names of a container's CDI devices. Throws when the pod's claims are not prepared. */
export function cdiDevicesOf(infos: Infos, pod: Pod, container: Container): string[] {
  for (const { name } of claimsOf(pod))
    if (infos.get(keyOfClaim(namespaceOf(pod), name)) === undefined) throw new Error(`internal error: unable to get claim info for ResourceClaim ${name} in namespace ${namespaceOf(pod)}`);
  return devicesOf(infos, pod, container).flatMap(({ devices }) => devices.flatMap(({ cdiDeviceIds = [] }) => cdiDeviceIds));
}

interface Given extends ContainerClaim { readonly devices: readonly GivenDevice[] }

const devicesOf = (infos: Infos, pod: Pod, container: Container): Given[] =>
  containerClaims(pod, container).map((asked) => {
    const info = infos.get(keyOfClaim(namespaceOf(pod), asked.claim));
    return { ...asked, devices: info === undefined ? [] : devicesFor(info, asked.request) };
  });

/** Each claim once, whichever of its requests are the container's. */
export function factsOf(infos: Infos, pod: Pod, container: Container): ClaimFact[] {
  const keys = new Set(containerClaims(pod, container).map(({ claim }) => keyOfClaim(namespaceOf(pod), claim)));
  return [...keys].flatMap((key) => {
    const info = infos.get(key);
    return info === undefined ? [] : [{ namespace: info.namespace, name: info.name, devices: devicesFor(info, "") }];
  });
}

/** Of what stands for extended resources nothing is told, as upstream. @param told how a device is */
export function healthOf(infos: Infos, pod: Pod, container: Container, told: (device: GivenDevice) => Told): ResourceStatus[] {
  return devicesOf(infos, pod, container).flatMap(({ label, devices }) => {
    const byId = new Map(devices.map((device) => [resourceIdOf(device), device]));
    return label === "" || byId.size === 0 ? [] : [{ name: label, resources: [...byId].map(([resourceID, device]) => ({ resourceID, ...told(device) })) }];
  });
}

/** Upstream: buildResourceHealth */
const resourceIdOf = ({ driver, poolName = "", deviceName = "", cdiDeviceIds = [] }: GivenDevice): string => cdiDeviceIds[0] ?? `${driver}/${poolName}/${deviceName}`;
