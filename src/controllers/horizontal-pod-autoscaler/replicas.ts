/** How many replicas a metric asks for. Pure. Upstream: pkg/controller/podautoscaler/replica_calculator.go, metrics/utilization.go */
import type { Pod } from "#api/gen/core-v1.ts";
import { isPodReady } from "#api/pod.ts";
import { groupPods, MetricError, podRequests, type Groups, type PodMetrics, type Warming } from "./pod-metrics.ts";

/** What is asked about: pods that are scaled, how many there are to be now, and how much may be off before anything is done. */
export interface Situation {
  readonly pods: readonly Pod[];
  /** As `spec.replicas` of the scale says. */
  readonly replicas: number;
  readonly tolerances: Tolerances;
  readonly now: number;
  readonly settings?: Warming;
}
export interface Tolerances { readonly up: number; readonly down: number }

/** `average` in thousandths, per pod. */
export interface Wanted { readonly replicas: number; readonly average: number }

/** So that pods use on average this share of what they ask for. Throws MetricError. Upstream: GetResourceReplicas */
export function byUtilization(metrics: PodMetrics, target: { readonly resource: string; readonly container?: string; readonly percent: number }, situation: Situation): Wanted & { readonly percent: number } {
  const { resource, container, percent: wanted } = target;
  const groups = grouped(metrics, resource, situation);
  const requests = podRequests(situation.pods, resource, container);
  const use = (values: Values): Use => useOf(values, requests, wanted);
  const { average, percent } = use(valuesOf(groups.measured));
  const replicas = rescaled(groups, situation, (values) => use(values).ratio, (name, ratio) => (ratio < 1 ? Math.trunc(((requests.get(name) ?? 0) * Math.max(100, wanted)) / 100) : ratio > 1 ? 0 : undefined));
  return { replicas, average, percent };
}

/** So that pods have on average this value. Throws MetricError. Upstream: calcPlainMetricReplicas */
export function byAverage(metrics: PodMetrics, target: { readonly resource?: string; readonly value: number }, situation: Situation): Wanted {
  const groups = grouped(metrics, target.resource, situation);
  const average = (values: Values): number => Math.trunc(sum(values.values()) / values.size);
  const replicas = rescaled(groups, situation, (values) => average(values) / target.value, (_name, ratio) => (ratio < 1 ? target.value : 0));
  return { replicas, average: average(valuesOf(groups.measured)) };
}

/** So that a value that all pods share comes to the wanted one. Upstream: getUsageRatioReplicaCount */
export function byRatio(ratio: number, { pods, replicas, tolerances }: Situation): number {
  if (replicas === 0) return Math.ceil(ratio);
  if (within(tolerances, ratio)) return replicas;
  if (pods.length === 0) throw new MetricError(`unable to calculate ready pods: ${noPods}`);
  return Math.ceil(ratio * pods.filter((pod) => pod.status.phase === "Running" && isPodReady(pod)).length);
}

/** So that each pod's part of a value comes to the wanted one. @param running as `status.replicas` of the scale says. Upstream: GetExternalPerPodMetricReplicas */
export function byShare(value: number, target: number, running: number, { tolerances }: Situation): Wanted {
  const replicas = within(tolerances, value / (target * running)) ? running : Math.ceil(value / target);
  return { replicas, average: running === 0 ? 0 : Math.ceil(value / running) };
}

type Values = ReadonlyMap<string, number>;
interface Use { readonly ratio: number; readonly percent: number; readonly average: number }

const noPods = "no pods returned by selector while calculating replica count";
const within = ({ up, down }: Tolerances, ratio: number): boolean => 1 - down <= ratio && ratio <= 1 + up;
const sum = (values: Iterable<number>): number => [...values].reduce((all, one) => all + one, 0);
const valuesOf = (metrics: PodMetrics): Values => new Map([...metrics].map(([name, { value }]) => [name, value]));

function grouped(metrics: PodMetrics, resource: string | undefined, { pods, now, settings }: Situation): Groups {
  if (pods.length === 0) throw new MetricError(noPods);
  const groups = groupPods(pods, metrics, resource, now, settings);
  if (groups.measured.size === 0) throw new MetricError("did not receive metrics for targeted pods (pods might be unready)");
  return groups;
}

/** Upstream: GetResourceUtilizationRatio, which counts whole percents */
function useOf(values: Values, requests: ReadonlyMap<string, number>, target: number): Use {
  const known = [...values].filter(([name]) => requests.has(name));
  const [used, asked] = [sum(known.map(([, value]) => value)), sum(known.map(([name]) => requests.get(name) ?? 0))];
  if (asked === 0) throw new MetricError("no metrics returned matched known pods");
  const percent = Math.trunc((used * 100) / asked);
  return { ratio: percent / target, percent, average: Math.trunc(used / known.length) };
}

/**
 * The replicas that bring the ratio to one. Of pods that tell nothing the worst is believed: that they idle when there
 * are to be more, that they do their full part when there are to be fewer; if that turns the direction round, nothing changes.
 */
function rescaled({ measured, ready, unready, missing }: Groups, { replicas, tolerances }: Situation, ratioOf: (values: Values) => number, assumed: (name: string, ratio: number) => number | undefined): number {
  const values = valuesOf(measured);
  const ratio = ratioOf(values);
  const warming = ratio > 1 ? unready : [];
  if (warming.length === 0 && missing.length === 0) return within(tolerances, ratio) ? replicas : Math.ceil(ratio * ready);
  const believed = missing.flatMap((name) => {
    const value = assumed(name, ratio);
    return value === undefined ? [] : [[name, value] as const];
  });
  const filled = new Map([...values, ...believed, ...warming.map((name) => [name, 0] as const)]);
  const next = ratioOf(filled);
  if (within(tolerances, next) || (ratio < 1 && next > 1) || (ratio > 1 && next < 1)) return replicas;
  const wanted = Math.ceil(next * filled.size);
  return (next < 1 && wanted > replicas) || (next > 1 && wanted < replicas) ? replicas : wanted;
}
