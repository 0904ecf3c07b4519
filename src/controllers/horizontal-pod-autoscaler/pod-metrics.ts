/** Which pods count when usage is looked at, and what they ask for. Pure. Upstream: pkg/controller/podautoscaler/replica_calculator.go groupPods */
import type { Pod } from "#api/gen/core-v1.ts";
import { isRestartableInit } from "#api/pod-resources.ts";
import { getCondition } from "#api/pod.ts";
import { Quantity } from "#apimachinery/quantity.ts";
import { millis } from "../time.ts";
import { defaultAutoscaling, type AutoscalerSettings } from "./settings.ts";

/** What one pod uses, in thousandths. */
export interface PodMetric {
  readonly value: number;
  /** When it was measured, and over what time; ms. */
  readonly at: number;
  readonly windowMs: number;
}
/** By the pod's name. */
export type PodMetrics = ReadonlyMap<string, PodMetric>;

/** The number of replicas cannot be reckoned; the message is upstream's. */
export class MetricError extends Error {
  override readonly name = "MetricError";
}

export type Warming = Pick<AutoscalerSettings, "cpuInitializationMs" | "initialReadinessMs">;

export interface Groups {
  /** What counts as it was measured. */
  readonly measured: PodMetrics;
  readonly ready: number;
  /** Not yet to be judged by what they use. */
  readonly unready: readonly string[];
  /** Of which nothing is known. */
  readonly missing: readonly string[];
}

/** @param resource the name of a resource; absent for metrics of other kinds */
export function groupPods(pods: readonly Pod[], metrics: PodMetrics, resource: string | undefined, now: number, warming: Warming = defaultAutoscaling): Groups {
  const live = pods.filter(({ metadata, status }) => metadata.deletionTimestamp === undefined && status.phase !== "Failed");
  const isUnready = (pod: Pod, metric: PodMetric): boolean => resource === "cpu" && stillWarming(pod, metric, now, warming);
  const found = live.map((pod): readonly [keyof Groups, string] => {
    const metric = metrics.get(pod.metadata.name);
    if (pod.status.phase === "Pending") return ["unready", pod.metadata.name];
    return [metric === undefined ? "missing" : isUnready(pod, metric) ? "unready" : "ready", pod.metadata.name];
  });
  const names = (group: keyof Groups): string[] => found.flatMap(([of, name]) => (of === group ? [name] : []));
  const apart = new Set([...pods.filter((pod) => !live.includes(pod)).map(({ metadata }) => metadata.name), ...names("unready")]);
  return { measured: new Map([...metrics].filter(([name]) => !apart.has(name))), ready: names("ready").length, unready: names("unready"), missing: names("missing") };
}

/** The CPU that a pod burns while it starts says nothing of its load. */
function stillWarming(pod: Pod, metric: PodMetric, now: number, { cpuInitializationMs, initialReadinessMs }: Warming): boolean {
  const ready = getCondition(pod.status.conditions, "Ready");
  if (ready === undefined || pod.status.startTime === undefined) return true;
  const [started, since, isFalse] = [millis(pod.status.startTime), millis(ready.lastTransitionTime), ready.status === "False"];
  if (started + cpuInitializationMs > now) return isFalse || metric.at < since + metric.windowMs;
  return isFalse && started + initialReadinessMs > since; // it has never been ready
}

/** What each pod asks for of a resource, in thousandths. Throws MetricError where one does not say. @param container only this one of each pod */
export const podRequests = (pods: readonly Pod[], resource: string, container?: string): ReadonlyMap<string, number> =>
  new Map(pods.map((pod) => [pod.metadata.name, requestOf(pod, resource, container)]));

function requestOf({ metadata, spec }: Pod, resource: string, container: string | undefined): number {
  const stated = container === undefined ? spec.resources?.requests?.[resource] : undefined;
  if (stated !== undefined) return Quantity.parse(stated).milliValue;
  const running = [...spec.containers, ...(spec.initContainers ?? []).filter(isRestartableInit)].filter(({ name }) => container === undefined || container === name);
  return running.reduce((sum, { name, resources }) => {
    const request = resources?.requests?.[resource];
    if (request === undefined) throw new MetricError(`missing request for ${resource} in container ${name} of Pod ${metadata.name}`);
    return sum + Quantity.parse(request).milliValue;
  }, 0);
}
