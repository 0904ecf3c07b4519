import { namespaceOf } from "../names.ts";
import type { NodeSample, Usage } from "../stats/sampler.ts";
import type { Family, Sample } from "./exposition.ts";

const seconds = (nanoseconds: number): number => nanoseconds / 1e9;

/** `/metrics/resource`: what autoscalers and `kubectl top` are made of. Upstream: pkg/kubelet/metrics/collectors/resource_metrics.go */
export function resourceMetrics({ node, pods }: NodeSample): Family[] {
  const ofNode = node === undefined ? [] : [{ labels: {}, usage: node }];
  const ofPods = pods.flatMap(({ pod, usage }) => (usage === undefined ? [] : [{ labels: { namespace: namespaceOf(pod), pod: pod.metadata.name }, usage }]));
  const ofContainers = pods.flatMap(({ pod, containers }) =>
    containers.map(({ instance, usage }) => ({ labels: { container: instance.name, namespace: namespaceOf(pod), pod: pod.metadata.name }, usage, startedAt: instance.startedAt })));
  return [
    family("container_cpu_usage_seconds_total", "[STABLE] Cumulative cpu time consumed by the container in core-seconds", "counter", ofContainers.map(cpu)),
    family("container_memory_working_set_bytes", "[STABLE] Current working set of the container in bytes", "gauge", ofContainers.map(memory)),
    family("container_start_time_seconds", "[STABLE] Start time of the container since unix epoch in seconds", "gauge", ofContainers.map(({ labels, startedAt }) => ({ labels, value: startedAt / 1_000 }))),
    family("node_cpu_usage_seconds_total", "[STABLE] Cumulative cpu time consumed by the node in core-seconds", "counter", ofNode.map(cpu)),
    family("node_memory_working_set_bytes", "[STABLE] Current working set of the node in bytes", "gauge", ofNode.map(memory)),
    family("pod_cpu_usage_seconds_total", "[STABLE] Cumulative cpu time consumed by the pod in core-seconds", "counter", ofPods.map(cpu)),
    family("pod_memory_working_set_bytes", "[STABLE] Current working set of the pod in bytes", "gauge", ofPods.map(memory)),
    family("resource_scrape_error", "[STABLE] 1 if there was an error while getting container metrics, 0 otherwise", "gauge", [{ value: node === undefined ? 1 : 0 }]),
  ];
}

interface Measured { readonly labels: Readonly<Record<string, string>>; readonly usage: Usage }
const cpu = ({ labels, usage }: Measured): Sample => ({ labels, value: seconds(usage.cpu), at: usage.at });
const memory = ({ labels, usage }: Measured): Sample => ({ labels, value: usage.workingSet, at: usage.at });
const family = (name: string, help: string, type: Family["type"], samples: readonly Sample[]): Family => ({ name, help, type, samples });
