/** Who holds more of the disk than its limit. Upstream: pkg/kubelet/eviction/eviction_manager.go localStorageEviction */
import { Quantity } from "#apimachinery/quantity.ts";
import type { Pod } from "#api/gen/core-v1.ts";
import { podLimits } from "#api/pod-resources.ts";
import { containersOf } from "../containers/containers.ts";
import { isCritical } from "../resources/resources.ts";

const storage = "ephemeral-storage";

/** Bytes. */
export interface LocalStorage {
  /** By name: what is in each emptyDir. */
  readonly volumes: ReadonlyMap<string, number>;
  /** By name: what each container has written over its image, and its logs. */
  readonly containers: ReadonlyMap<string, number>;
  /** In the pod's own files that are no volume: `/etc/hosts`, last words. */
  readonly files: number;
}

/** True for a pod that must be looked at: one with limits, unless the node must not do without it. Upstream: evictPod */
export const isLimited = (pod: Pod): boolean =>
  !isCritical(pod) &&
  (pod.spec.volumes?.some((v) => v.emptyDir?.sizeLimit !== undefined) === true ||
    containersOf(pod).some(({ container }) => container.resources?.limits?.[storage] !== undefined));

/** Why the pod must go; undefined while it keeps its limits. */
export function overLimit(pod: Pod, used: LocalStorage): string | undefined {
  return volumeOver(pod, used) ?? podOver(pod, used) ?? containerOver(pod, used);
}

function volumeOver({ spec }: Pod, { volumes }: LocalStorage): string | undefined {
  const over = spec.volumes?.find(({ name, emptyDir }) => exceeds(volumes.get(name), emptyDir?.sizeLimit));
  return over && `Usage of EmptyDir volume "${over.name}" exceeds the limit "${over.emptyDir?.sizeLimit ?? ""}". `;
}

function podOver(pod: Pod, { volumes, containers, files }: LocalStorage): string | undefined {
  const limit = podLimits(pod)[storage]?.toString();
  const total = [...volumes.values(), ...containers.values()].reduce((sum, bytes) => sum + bytes, files);
  return exceeds(total, limit) ? `Pod ephemeral local storage usage exceeds the total limit of containers ${limit ?? ""}. ` : undefined;
}

function containerOver(pod: Pod, { containers }: LocalStorage): string | undefined {
  const limitOf = ({ container }: ReturnType<typeof containersOf>[number]): string | undefined => container.resources?.limits?.[storage];
  const over = containersOf(pod).find((c) => exceeds(containers.get(c.container.name), limitOf(c)));
  return over && `Container ${over.container.name} exceeded its local ephemeral storage limit "${limitOf(over) ?? ""}". `;
}

function exceeds(bytes: number | undefined, limit: string | undefined): boolean {
  if (bytes === undefined || limit === undefined) return false;
  const most = Quantity.parse(limit).value;
  return most > 0 && bytes > most;
}
