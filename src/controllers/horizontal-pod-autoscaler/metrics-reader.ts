/** Reads what autoscalers go by, from the three metrics APIs. Upstream: pkg/controller/podautoscaler/metrics/client.go, k8s.io/metrics/pkg/client */
import { parseDuration } from "#apimachinery/go-duration.ts";
import type { ExternalMetricSource, MetricIdentifier, MetricSpec, ObjectMetricSource } from "#api/gen/autoscaling-v2.ts";
import type { PodMetrics as MeasuredPod } from "#api/gen/metrics-v1beta1.ts";
import { qualified } from "#apimachinery/meta.ts";
import { Quantity } from "#apimachinery/quantity.ts";
import { everything, labelSelectorOf, type LabelSelector } from "#apimachinery/selectors.ts";
import { isStatus } from "#apimachinery/status.ts";
import { messageOf } from "#base/error-message.ts";
import type { Client } from "#client/client.ts";
import { groupOf, type KindMap } from "./kind-map.ts";
import { MetricError, type PodMetric, type PodMetrics } from "./pod-metrics.ts";
import type { Reading } from "./proposal.ts";

interface MetricValue { readonly describedObject: { readonly name: string }; readonly timestamp: string; readonly windowSeconds?: number; readonly value: string }
interface Values<T> { readonly items: readonly T[] }
interface Whose { readonly namespace: string; readonly selector: LabelSelector }

/** Upstream: metricServerDefaultMetricWindow */
const defaultWindowMs = 60_000;

export class MetricsReader {
  readonly #client: Client;
  readonly #kinds: KindMap;

  constructor(client: Client, kinds: KindMap) {
    this.#client = client;
    this.#kinds = kinds;
  }

  /** What one metric is now; that it cannot be had is an answer. */
  async read(spec: MetricSpec, whose: Whose, signal: AbortSignal): Promise<Reading> {
    try {
      return await this.#read(spec, whose, signal);
    } catch (err) {
      if (signal.aborted) throw err;
      return { failure: messageOf(err) };
    }
  }

  async #read({ type, resource, containerResource, pods, object, external }: MetricSpec, whose: Whose, signal: AbortSignal): Promise<Reading> {
    if (type === "Resource" && resource) return { pods: await this.#ofResource(resource.name, undefined, whose, signal) };
    if (type === "ContainerResource" && containerResource) return { pods: await this.#ofResource(containerResource.name, containerResource.container, whose, signal) };
    if (type === "Pods" && pods) return { pods: await this.#ofPods(pods.metric, whose, signal) };
    if (type === "Object" && object) return { value: await this.#ofObject(object, whose, signal) };
    return external ? { value: await this.#ofExternal(external, whose, signal) } : { failure: "not a metric" };
  }

  async #ofResource(resource: string, container: string | undefined, { namespace, selector }: Whose, signal: AbortSignal): Promise<PodMetrics> {
    const path = `/apis/metrics.k8s.io/v1beta1/namespaces/${namespace}/pods${query({ labelSelector: selector.toString() })}`;
    const items = await this.#items<MeasuredPod>("resource", path, signal);
    return new Map(items.flatMap((pod) => {
      const value = usageOf(pod, resource, container);
      return value === undefined ? [] : [[pod.metadata.name, { value, at: Date.parse(pod.timestamp), windowMs: parseDuration(pod.window) ?? defaultWindowMs }]];
    }));
  }

  async #ofPods(metric: MetricIdentifier, { namespace, selector }: Whose, signal: AbortSignal): Promise<PodMetrics> {
    const path = `${await this.#custom(signal)}/namespaces/${namespace}/pods/*/${encodeURIComponent(metric.name)}${query({ labelSelector: selector.toString(), metricLabelSelector: textOf(metric) })}`;
    const items = await this.#items<MetricValue>("custom", path, signal);
    return new Map(items.map(({ describedObject, timestamp, windowSeconds, value }): [string, PodMetric] =>
      [describedObject.name, { value: Quantity.parse(value).milliValue, at: Date.parse(timestamp), windowMs: windowSeconds === undefined ? defaultWindowMs : windowSeconds * 1000 }]));
  }

  async #ofObject({ describedObject: { apiVersion = "", kind, name }, metric }: ObjectMetricSource, { namespace }: Whose, signal: AbortSignal): Promise<number> {
    const group = groupOf(apiVersion) ?? "";
    const base = await this.#custom(signal);
    const found = await this.#kinds.find(group, kind, signal);
    if (found === undefined) throw new MetricError(`unable to fetch metrics from custom metrics API: no matches for kind ${JSON.stringify(kind)} in group ${JSON.stringify(group)}`);
    const object = kind === "Namespace" && group === "" ? `/namespaces/${name}/metrics` : `${found.namespaced ? `/namespaces/${namespace}` : ""}/${qualified(found)}/${name}`;
    const [first] = await this.#items<MetricValue>("custom", `${base}${object}/${encodeURIComponent(metric.name)}${query({ metricLabelSelector: textOf(metric) })}`, signal);
    return Quantity.parse(first?.value ?? "0").milliValue;
  }

  async #ofExternal({ metric }: ExternalMetricSource, { namespace }: Whose, signal: AbortSignal): Promise<number> {
    const path = `/apis/external.metrics.k8s.io/v1beta1/namespaces/${namespace}/${encodeURIComponent(metric.name)}${query({ labelSelector: textOf(metric) })}`;
    const items = await this.#items<{ readonly value: string }>("external", path, signal, `${metric.name}.external.metrics.k8s.io`);
    return items.reduce((sum, { value }) => sum + Quantity.parse(value).milliValue, 0);
  }

  /** Where custom metrics are served, in the newest version. */
  async #custom(signal: AbortSignal): Promise<string> {
    try {
      const { versions } = await this.#client.request<{ readonly versions: readonly { readonly groupVersion: string }[] }>({ method: "GET", path: "/apis/custom.metrics.k8s.io", signal });
      const served = versions.map(({ groupVersion }) => groupVersion);
      return `/apis/${served.find((version) => version.endsWith("/v1beta2")) ?? "custom.metrics.k8s.io/v1beta1"}`;
    } catch (err) {
      throw isStatus(err, "NotFound") ? new MetricError("unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered") : err;
    }
  }

  async #items<T>(api: "resource" | "custom" | "external", path: string, signal: AbortSignal, asked?: string): Promise<readonly T[]> {
    const { items } = await this.#client.request<Values<T>>({ method: "GET", path, signal }).catch((err: unknown) => {
      const missing = asked !== undefined && isStatus(err, "NotFound") ? `the server could not find the requested resource (get ${asked})` : undefined;
      throw new MetricError(`unable to fetch metrics from ${api} metrics API: ${missing ?? messageOf(err)}`, { cause: err });
    });
    if (items.length === 0) throw new MetricError(`no metrics returned from ${api} metrics API`);
    return items;
  }
}

/** What the pod or its container uses, in thousandths; undefined where that is not known of each of its containers. */
function usageOf({ metadata, containers }: MeasuredPod, resource: string, container: string | undefined): number | undefined {
  if (container !== undefined) {
    const found = containers.find(({ name }) => name === container);
    if (found === undefined) throw new MetricError(`failed to get container metrics: container ${container} not present in metrics for pod ${metadata.namespace ?? ""}/${metadata.name}`);
    return milli(found.usage[resource]);
  }
  const values = containers.map(({ usage }) => milli(usage[resource]));
  return values.length === 0 || values.includes(undefined) ? undefined : values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
}

const milli = (text: string | undefined): number | undefined => (text === undefined ? undefined : Quantity.parse(text).milliValue);
const textOf = ({ selector }: MetricIdentifier): string => (selector === undefined ? everything : labelSelectorOf(selector)).toString();

function query(parameters: Readonly<Record<string, string>>): string {
  const set = Object.entries(parameters).filter(([, value]) => value !== "");
  return set.length === 0 ? "" : `?${new URLSearchParams(set).toString()}`;
}
