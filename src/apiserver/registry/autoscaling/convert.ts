/**
 * One HorizontalPodAutoscaler in two versions. Version 2 is stored; version 1 knows no metric but the use of CPU
 * and carries the rest in annotations. Upstream: pkg/apis/autoscaling/v1/conversion.go
 */
import type * as v1 from "#api/gen/autoscaling-v1.ts";
import type * as v2 from "#api/gen/autoscaling-v2.ts";
import { given } from "../common/given.ts";
import { sourceFrom, sourceTo, statusFrom, statusTo } from "./metrics-v1.ts";

const carried = {
  metrics: "autoscaling.alpha.kubernetes.io/metrics", currentMetrics: "autoscaling.alpha.kubernetes.io/current-metrics",
  behavior: "autoscaling.alpha.kubernetes.io/behavior", conditions: "autoscaling.alpha.kubernetes.io/conditions",
} as const;

/** What a pod's CPU should be used for when nothing else is asked. */
const defaultCpuPercent = 80;
const cpuMetric = (averageUtilization: number): v2.MetricSpec => ({ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization } } });
export const defaultMetrics = (): v2.MetricSpec[] => [cpuMetric(defaultCpuPercent)];

const isCpuUse = ({ type, resource }: v2.MetricSpec): boolean => type === "Resource" && resource?.name === "cpu" && resource.target.averageUtilization !== undefined;

export function toV2(hpa: v1.HorizontalPodAutoscaler): v2.HorizontalPodAutoscaler {
  const { annotations, ...metadata } = hpa.metadata;
  const { scaleTargetRef, minReplicas, maxReplicas, targetCPUUtilizationPercentage: cpu } = hpa.spec;
  const read = <T>(key: keyof typeof carried): T | undefined => parsed<T>(annotations?.[carried[key]]);
  const metrics = [...(list(read<v1.MetricSpec[]>("metrics")).map(sourceTo)), ...(cpu === undefined ? [] : [cpuMetric(cpu)])];
  const kept = withoutCarried(annotations);
  return {
    kind: "HorizontalPodAutoscaler", apiVersion: "autoscaling/v2", metadata: { ...metadata, ...(kept && { annotations: kept }) },
    spec: given({ scaleTargetRef, minReplicas, maxReplicas, metrics: metrics.length === 0 ? defaultMetrics() : metrics, behavior: read<v2.HorizontalPodAutoscalerBehavior>("behavior") }) as v2.HorizontalPodAutoscalerSpec,
    status: statusToV2(hpa.status, list(read<v1.MetricStatus[]>("currentMetrics")), read<v2.HorizontalPodAutoscalerCondition[]>("conditions")),
  };
}

function statusToV2(status: v1.HorizontalPodAutoscalerStatus, current: readonly v1.MetricStatus[], conditions: v2.HorizontalPodAutoscalerCondition[] | undefined): v2.HorizontalPodAutoscalerStatus {
  const { currentCPUUtilizationPercentage: cpu, ...rest } = status;
  const ofCpu: v2.MetricStatus[] = cpu === undefined ? [] : [{ type: "Resource", resource: { name: "cpu", current: { averageUtilization: cpu } } }];
  return given({ ...rest, currentMetrics: current.length > 0 ? current.map(statusTo) : ofCpu.length > 0 ? ofCpu : undefined, conditions }) as v2.HorizontalPodAutoscalerStatus;
}

export function toV1(hpa: v2.HorizontalPodAutoscaler): v1.HorizontalPodAutoscaler {
  const { annotations, ...metadata } = hpa.metadata;
  const { scaleTargetRef, minReplicas, maxReplicas, metrics = [], behavior } = hpa.spec;
  const { currentMetrics, conditions, ...status } = hpa.status;
  const all = { ...withoutCarried(annotations), ...carry({ metrics: metrics.filter((m) => !isCpuUse(m)).map(sourceFrom), currentMetrics: currentMetrics?.map(statusFrom), behavior, conditions }) };
  const cpu = metrics.findLast(isCpuUse)?.resource?.target.averageUtilization;
  const usedCpu = currentMetrics?.findLast(({ type, resource }) => type === "Resource" && resource?.name === "cpu")?.resource?.current.averageUtilization;
  return {
    kind: "HorizontalPodAutoscaler", apiVersion: "autoscaling/v1", metadata: { ...metadata, ...(Object.keys(all).length > 0 && { annotations: all }) },
    spec: given({ scaleTargetRef, minReplicas, maxReplicas, targetCPUUtilizationPercentage: cpu }) as v1.HorizontalPodAutoscalerSpec,
    status: given({ ...status, currentReplicas: status.currentReplicas ?? 0, currentCPUUtilizationPercentage: usedCpu }) as v1.HorizontalPodAutoscalerStatus,
  };
}

function carry(values: { readonly [K in keyof typeof carried]: unknown }): Record<string, string> {
  const present = Object.entries(values).filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0));
  return Object.fromEntries(present.map(([key, value]) => [carried[key as keyof typeof carried], JSON.stringify(value)]));
}

function withoutCarried(annotations: Readonly<Record<string, string>> | undefined): Record<string, string> | undefined {
  const names: readonly string[] = Object.values(carried);
  const kept = Object.entries(annotations ?? {}).filter(([key]) => !names.includes(key));
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

/** What a user has spoilt counts as absent. */
function parsed<T>(text: string | undefined): T | undefined {
  try {
    const value: unknown = text === undefined ? undefined : JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as T) : undefined;
  } catch {
    return undefined;
  }
}
const list = <T>(value: readonly T[] | undefined): readonly T[] => (Array.isArray(value) ? value : []);
