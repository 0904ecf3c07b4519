/** What is in use, from two looks at a node. Pure. Upstream: metrics-server pkg/storage */
import type { ContainerPoint, NodePoints, Point } from "./points.ts";

/** A container that is younger than a round counts from its start, once it has lived as long as this. Upstream: freshContainerMinMetricsResolution */
const youngestMs = 10_000;
const oldestFreshMs = 60_000;

export interface Usage {
  /** Milliseconds since 1970: the end of the window. */
  readonly at: number;
  readonly windowMs: number;
  /** Billionths of a CPU. */
  readonly nanoCores: number;
  readonly memoryBytes: number;
}

export interface PodUsage {
  readonly at: number;
  readonly windowMs: number;
  readonly containers: readonly (Usage & { readonly name: string })[];
}

/** Two looks at one node: the newest, and the one before it. */
export interface Looks { readonly last: NodePoints; readonly before: NodePoints | undefined }

/** Undefined before there is anything to compare with. */
export function nodeUsage({ last, before }: Looks): Usage | undefined {
  return last.node && usageBetween(before?.node, last.node);
}

/** By `<namespace>/<name>`. A pod one of whose containers cannot be told yet is left out. */
export function podUsages({ last, before }: Looks): ReadonlyMap<string, PodUsage> {
  return new Map([...last.pods].flatMap(([pod, containers]) => {
    const usages = [...containers].map(([name, point]) => {
      const usage = usageBetween(basis(before?.pods.get(pod)?.get(name), point), point);
      return usage && { name, ...usage };
    });
    const known = usages.filter((usage) => usage !== undefined);
    if (known.length === 0 || known.length < usages.length) return [];
    const [oldest] = known.toSorted((a, b) => a.at - b.at);
    return [[pod, { at: oldest?.at ?? 0, windowMs: oldest?.windowMs ?? 0, containers: known.toSorted((a, b) => (a.name < b.name ? -1 : 1)) }]];
  }));
}

/** What a container is compared with: itself before, or the moment it started. Another instance is another container. */
function basis(before: ContainerPoint | undefined, { at, startedAt }: ContainerPoint): Point | undefined {
  if (before !== undefined && before.startedAt === startedAt) return before;
  const age = at - startedAt;
  return startedAt > 0 && age >= youngestMs && age < oldestFreshMs ? { at: startedAt, cpuSeconds: 0, memoryBytes: 0 } : undefined;
}

function usageBetween(before: Point | undefined, last: Point): Usage | undefined {
  if (before === undefined || last.at <= before.at || last.cpuSeconds < before.cpuSeconds) return undefined;
  const windowMs = last.at - before.at;
  return { at: last.at, windowMs, nanoCores: Math.round(((last.cpuSeconds - before.cpuSeconds) * 1e12) / windowMs), memoryBytes: last.memoryBytes };
}
