/** Which pod goes first. Upstream: pkg/kubelet/eviction/helpers.go rankMemoryPressure, rankDiskPressureFunc, rankPIDPressure */
import type { Pod } from "#api/gen/core-v1.ts";
import { podRequests } from "#api/pod-resources.ts";
import { uidOf } from "../names.ts";
import type { TreeSize } from "../stats/disk.ts";
import { meanings, type Signal } from "./signals.ts";

export interface ContainerUse {
  readonly memory: number;
  /** Written over its image. */
  readonly written: TreeSize;
  readonly logs: TreeSize;
}

/** What a pod holds. */
export interface PodUse {
  readonly memory: number;
  readonly processes: number;
  readonly containers: ReadonlyMap<string, ContainerUse>;
  /** Its local volumes. */
  readonly volumes: TreeSize;
}

export type Uses = ReadonlyMap<string, PodUse>;

/** Negative when `a` goes before `b`. */
type Order = (a: Pod, b: Pod) => number;

/** The pods in the order in which they are to go. @param imagesApart true when images have a file system of their own */
export function ranked(pods: readonly Pod[], signal: Signal, uses: Uses, imagesApart: boolean): Pod[] {
  const { resource } = meanings[signal];
  const priority: Order = (a, b) => (a.spec.priority ?? 0) - (b.spec.priority ?? 0);
  const use = useOf(signal, uses, imagesApart);
  if (resource === "pids") return sorted(pods, [priority, (a, b) => (use(b) ?? 0) - (use(a) ?? 0)]);
  const request = (pod: Pod): number => podRequests(pod)[resource]?.value ?? 0;
  const over = (pod: Pod): number => (use(pod) ?? 0) - request(pod);
  const isUnknown = (pod: Pod): number => Number(use(pod) === undefined);
  return sorted(pods, [(a, b) => isUnknown(b) - isUnknown(a), (a, b) => Number(over(b) > 0) - Number(over(a) > 0), priority, (a, b) => over(b) - over(a)]);
}

/** What a pod holds of what is scarce; undefined when nobody has measured it. */
function useOf(signal: Signal, uses: Uses, imagesApart: boolean): (pod: Pod) => number | undefined {
  const { resource } = meanings[signal];
  return (pod) => {
    const use = uses.get(uidOf(pod));
    if (use === undefined) return undefined;
    if (resource === "memory") return use.memory;
    if (resource === "pids") return use.processes;
    const count = (sizes: readonly TreeSize[]): number => sizes.reduce((sum, size) => sum + (resource === "inodes" ? size.inodes : size.bytes), 0);
    const containers = [...use.containers.values()];
    const [written, rest] = [containers.map((c) => c.written), [...containers.map((c) => c.logs), use.volumes]];
    if (!imagesApart) return count([...written, ...rest]);
    return count(signal.startsWith("imagefs") ? written : rest);
  };
}

/** The first order that tells two pods apart decides. */
const sorted = (pods: readonly Pod[], orders: readonly Order[]): Pod[] =>
  [...pods].sort((a, b) => {
    for (const order of orders) {
      const difference = order(a, b);
      if (difference !== 0) return difference;
    }
    return 0;
  });
