/** What one metric of an autoscaler asks for, and how it is told. Pure. Upstream: pkg/controller/podautoscaler/horizontal.go computeReplicasForMetric */
import type { ContainerResourceMetricSource, ExternalMetricSource, MetricSpec, MetricStatus, MetricTarget, MetricValueStatus, ObjectMetricSource, PodsMetricSource, ResourceMetricSource } from "#api/gen/autoscaling-v2.ts";
import { Quantity } from "#apimachinery/quantity.ts";
import { MetricError, type PodMetrics } from "./pod-metrics.ts";
import { byAverage, byRatio, byShare, byUtilization, type Situation } from "./replicas.ts";
import { selectorText } from "./selector-text.ts";

/** What was read for a metric: of each pod, or of something that they share (the sum of its values). `failure`: why nothing was. */
export type Reading = { readonly pods: PodMetrics } | { readonly value: number } | { readonly failure: string };

export type Proposal =
  | { readonly ok: true; readonly replicas: number; readonly metric: string; readonly status: MetricStatus }
  /** `failure` is what the condition and an event say, `told` what the whole round says. */
  | { readonly ok: false; readonly reason: string; readonly failure: string; readonly told: string };

export interface Asked extends Situation {
  readonly namespace: string;
  /** As `status.replicas` of the scale says. */
  readonly running: number;
}

/** Never throws: a metric that cannot be had is an answer. */
export function propose(spec: MetricSpec, reading: Reading, asked: Asked): Proposal {
  const { resource, containerResource, pods, object, external } = spec;
  if (spec.type === "Resource" && resource) return attempt("FailedGetResourceMetric", `failed to get ${resource.name} resource metric value: `, () => ofResource(spec, resource, reading, asked));
  if (spec.type === "ContainerResource" && containerResource) return attempt("FailedGetContainerResourceMetric", `failed to get ${containerResource.container} container metric value: `, () => ofResource(spec, containerResource, reading, asked));
  if (spec.type === "Pods" && pods) return attempt("FailedGetPodsMetric", "failed to get pods metric value: ", () => ofPods(pods, reading, asked));
  if (spec.type === "Object" && object) return attempt("FailedGetObjectMetric", "failed to get object metric value: ", () => ofObject(object, reading, asked));
  if (spec.type === "External" && external) return attempt("FailedGetExternalMetric", `failed to get ${external.metric.name} external metric value: `, () => ofExternal(external, reading, asked));
  const failure = `unknown metric source type ${JSON.stringify(spec.type)}`;
  return { ok: false, reason: "InvalidMetricSourceType", failure, told: failure };
}

type Found = Omit<Extract<Proposal, { ok: true }>, "ok">;

function attempt(reason: string, prefix: string, find: () => Found): Proposal {
  try {
    return { ok: true, ...find() };
  } catch (err) {
    if (!(err instanceof MetricError)) throw err;
    return { ok: false, reason, failure: err.message, told: `${prefix}${err.message}` };
  }
}

/** Runs `find` with words put before what it fails with. */
function within<T>(words: string, find: () => T): T {
  try {
    return find();
  } catch (err) {
    throw err instanceof MetricError ? new MetricError(`${words}${err.message}`, { cause: err }) : err;
  }
}

function ofResource({ type }: MetricSpec, source: ResourceMetricSource | ContainerResourceMetricSource, reading: Reading, asked: Asked): Found {
  const { name, target } = source;
  const container = "container" in source ? source.container : undefined;
  const status = (current: MetricValueStatus): MetricStatus => (container === undefined ? { type, resource: { name, current } } : { type, containerResource: { name, container, current } });
  const read = (): PodMetrics => podsOf(reading, `unable to get metrics for resource ${name}: `);
  if (target.averageValue !== undefined) {
    const { replicas, average } = within(`failed to get ${name} usage: `, () => byAverage(read(), { resource: name, value: milli(target.averageValue) }, asked));
    return { replicas, metric: `${name} resource`, status: status({ averageValue: amount(average) }) };
  }
  const percent = target.averageUtilization;
  if (percent === undefined) throw new MetricError("invalid resource metric source: neither an average utilization target nor an average value (usage) target was set");
  const found = within(`failed to get ${name} utilization: `, () => byUtilization(read(), { resource: name, percent, ...(container !== undefined && { container }) }, asked));
  return { replicas: found.replicas, metric: `${name} ${container === undefined ? "" : "container "}resource utilization (percentage of request)`, status: status({ averageUtilization: found.percent, averageValue: amount(found.average) }) };
}

function ofPods({ metric, target }: PodsMetricSource, reading: Reading, asked: Asked): Found {
  const { replicas, average } = byAverage(podsOf(reading, `unable to get metric ${metric.name}: `), { value: milli(target.averageValue) }, asked);
  return { replicas, metric: `pods metric ${metric.name}`, status: { type: "Pods", pods: { metric, current: { averageValue: amount(average) } } } };
}

function ofObject({ describedObject, metric, target }: ObjectMetricSource, reading: Reading, asked: Asked): Found {
  const value = (): number => valueOf(reading, `unable to get metric ${metric.name}: ${describedObject.kind} on ${asked.namespace} ${describedObject.name}/`);
  const status = (current: MetricValueStatus): MetricStatus => ({ type: "Object", object: { describedObject, metric, current } });
  if (target.type === "Value") {
    const found = value();
    return { replicas: byRatio(found / milli(target.value), asked), metric: `${describedObject.kind} metric ${metric.name}`, status: status({ value: amount(found) }) };
  }
  if (target.type !== "AverageValue") throw new MetricError("invalid object metric source: neither a value target nor an average value target was set");
  const { replicas, average } = within(`failed to get ${metric.name} object metric: `, () => byShare(value(), milli(target.averageValue), asked.running, asked));
  return { replicas, metric: sharedName(metric), status: status({ averageValue: amount(average) }) };
}

function ofExternal({ metric, target }: ExternalMetricSource, reading: Reading, asked: Asked): Found {
  const value = (): number => valueOf(reading, `unable to get external metric ${asked.namespace}/${metric.name}/${selectorText(metric.selector)}: `);
  const status = (current: MetricValueStatus): MetricStatus => ({ type: "External", external: { metric, current } });
  if (target.averageValue !== undefined) {
    const { replicas, average } = within(`failed to get ${metric.name} external metric: `, () => byShare(value(), milli(target.averageValue), asked.running, asked));
    return { replicas, metric: sharedName(metric), status: status({ averageValue: amount(average) }) };
  }
  if (target.value === undefined) throw new MetricError("invalid external metric source: neither a value target nor an average value target was set");
  const found = within(`failed to get external metric ${metric.name}: `, value);
  return { replicas: byRatio(found / milli(target.value), asked), metric: sharedName(metric), status: status({ value: amount(found) }) };
}

const sharedName = ({ name, selector }: ExternalMetricSource["metric"]): string => `external metric ${name}(${selectorText(selector)})`;
const milli = (text: MetricTarget["value"]): number => Quantity.parse(text ?? "0").milliValue;
const amount = (thousandths: number): string => Quantity.ofMilli(Math.trunc(thousandths)).toString();

function podsOf(reading: Reading, words: string): PodMetrics {
  if ("pods" in reading) return reading.pods;
  throw new MetricError(`${words}${"failure" in reading ? reading.failure : "not a metric of pods"}`);
}
function valueOf(reading: Reading, words: string): number {
  if ("value" in reading) return reading.value;
  throw new MetricError(`${words}${"failure" in reading ? reading.failure : "not a single value"}`);
}
