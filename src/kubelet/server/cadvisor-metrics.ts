import { namespaceOf } from "../names.ts";
import type { InterfaceUsage } from "../stats/net-dev.ts";
import { resources, type Pressure, type Resource } from "../stats/pressure.ts";
import type { NodeSample, PodSample, Usage } from "../stats/sampler.ts";
import type { Family, Sample } from "./exposition.ts";

type Labels = Readonly<Record<string, string>>;
interface Measured { readonly labels: Labels; readonly usage: Usage }
interface Wired { readonly labels: Labels; readonly at: number; readonly interfaces: readonly InterfaceUsage[] }

/** The machine, as cAdvisor names it. */
export interface Machine { readonly cores: number; readonly memoryBytes: number }

/** `/metrics/cadvisor`: the families that dashboards use. Upstream: cadvisor metrics/prometheus.go, pkg/kubelet/server containerPrometheusLabelsFunc */
export function cadvisorMetrics(sample: NodeSample, machine: Machine): Family[] {
  const all = [...measured("/", sample.node), ...sample.pods.flatMap(measuredOf)];
  const wired = sample.pods.flatMap(({ pod, cgroup, interfaces = [] }) => (interfaces.length === 0 ? [] : [{ labels: labelsOf(cgroup, pod), at: sample.at, interfaces }]));
  const each = (read: (usage: Usage) => number): Sample[] => all.map(({ labels, usage }) => ({ labels, value: read(usage), at: usage.at }));
  return [
    ...cpuFamilies(all, each),
    ...memoryFamilies(all, each),
    ...pressureFamilies(all),
    ...networkFamilies([{ labels: labelsOf("/"), at: sample.at, interfaces: sample.interfaces }, ...wired]),
    gauge("container_processes", "Number of processes running inside the container.", each((u) => u.pids)),
    gauge("container_last_seen", "Last time a container was seen by the exporter", all.map(({ labels, usage }) => ({ labels, value: usage.at / 1_000, at: usage.at }))),
    gauge("container_start_time_seconds", "Start time of the container since unix epoch in seconds.",
      sample.pods.flatMap(({ pod, containers }) => containers.map(({ cgroup, instance, usage }) => ({ labels: labelsOf(cgroup, pod, instance), value: instance.startedAt / 1_000, at: usage.at })))),
    gauge("container_scrape_error", "1 if there was an error while getting container metrics, 0 otherwise", [{ value: sample.node === undefined ? 1 : 0 }]),
    gauge("machine_cpu_cores", "Number of logical CPU cores.", [{ value: machine.cores }]),
    gauge("machine_memory_bytes", "Amount of memory installed on the machine.", [{ value: machine.memoryBytes }]),
  ];
}

type Each = (read: (usage: Usage) => number) => Sample[];
const seconds = (nanoseconds: number): number => nanoseconds / 1e9;

function cpuFamilies(all: readonly Measured[], each: Each): Family[] {
  const limited = (read: (usage: Usage) => number): Sample[] => all.filter(({ usage }) => usage.periods > 0).map(({ labels, usage }) => ({ labels, value: read(usage), at: usage.at }));
  return [
    counter("container_cpu_usage_seconds_total", "Cumulative cpu time consumed in seconds.", each((u) => seconds(u.cpu)).map(({ labels, ...rest }) => ({ labels: { ...labels, cpu: "total" }, ...rest }))),
    counter("container_cpu_user_seconds_total", "Cumulative user cpu time consumed in seconds.", each((u) => seconds(u.userCpu))),
    counter("container_cpu_system_seconds_total", "Cumulative system cpu time consumed in seconds.", each((u) => seconds(u.systemCpu))),
    counter("container_cpu_cfs_periods_total", "Number of elapsed enforcement period intervals.", limited((u) => u.periods)),
    counter("container_cpu_cfs_throttled_periods_total", "Number of throttled period intervals.", limited((u) => u.throttledPeriods)),
    counter("container_cpu_cfs_throttled_seconds_total", "Total time duration the container has been throttled.", limited((u) => seconds(u.throttled))),
  ];
}

function memoryFamilies(all: readonly Measured[], each: Each): Family[] {
  const failures = (type: string, read: (usage: Usage) => number): Sample[] => each(read).map(({ labels, ...rest }) => ({ labels: { ...labels, failure_type: type, scope: "hierarchy" }, ...rest }));
  return [
    gauge("container_memory_usage_bytes", "Current memory usage in bytes, including all memory regardless of when it was accessed", each((u) => u.memory)),
    gauge("container_memory_working_set_bytes", "Current working set in bytes.", each((u) => u.workingSet)),
    gauge("container_memory_rss", "Size of RSS in bytes.", each((u) => u.rss)),
    gauge("container_memory_cache", "Number of bytes of page cache memory.", each((u) => u.cache)),
    gauge("container_memory_mapped_file", "Size of memory mapped files in bytes.", each((u) => u.mappedFile)),
    gauge("container_memory_swap", "Container swap usage in bytes.", each((u) => u.swap)),
    gauge("container_spec_memory_limit_bytes", "Memory limit for the container.", all.map(({ labels, usage }) => ({ labels, value: usage.memoryLimit ?? 0, at: usage.at }))),
    counter("container_memory_failures_total", "Cumulative count of memory allocation failures.", [...failures("pgfault", (u) => u.pageFaults), ...failures("pgmajfault", (u) => u.majorPageFaults)]),
  ];
}

function pressureFamilies(all: readonly Measured[]): Family[] {
  const family = (name: string, help: string, resource: Resource, side: keyof Pressure): Family =>
    counter(name, help, all.flatMap(({ labels, usage }) => {
      const told = usage.pressure[resource]?.[side];
      return told === undefined ? [] : [{ labels, value: told.total / 1e6, at: usage.at }];
    }));
  return resources.flatMap((resource) => {
    const word = resource === "memory" ? resource : resource.toUpperCase();
    return [
      family(`container_pressure_${resource}_stalled_seconds_total`, `Total time duration no tasks in the container could make progress due to ${word} congestion.`, resource, "full"),
      family(`container_pressure_${resource}_waiting_seconds_total`, `Total time duration tasks in the container have waited due to ${word} congestion.`, resource, "some"),
    ];
  });
}

function networkFamilies(all: readonly Wired[]): Family[] {
  const sides = [["receive", "rx", "received", "receiving"], ["transmit", "tx", "transmitted", "transmitting"]] as const;
  const family = (name: string, help: string, read: (usage: InterfaceUsage) => number): Family =>
    counter(name, help, all.flatMap(({ labels, at, interfaces }) => interfaces.map((i) => ({ labels: { ...labels, interface: i.name }, value: read(i), at }))));
  return sides.flatMap(([word, side, done, doing]) => [
    family(`container_network_${word}_bytes_total`, `Cumulative count of bytes ${done}`, (i) => i[`${side}Bytes`]),
    family(`container_network_${word}_packets_total`, `Cumulative count of packets ${done}`, (i) => i[`${side}Packets`]),
    family(`container_network_${word}_errors_total`, `Cumulative count of errors encountered while ${doing}`, (i) => i[`${side}Errors`]),
    family(`container_network_${word}_packets_dropped_total`, `Cumulative count of packets dropped while ${doing}`, (i) => i[`${side}Dropped`]),
  ]);
}

const measuredOf = ({ pod, cgroup, usage, containers }: PodSample): Measured[] => [
  ...measured(cgroup, usage, pod),
  ...containers.map(({ cgroup: path, instance, usage: own }) => ({ labels: labelsOf(path, pod, instance), usage: own })),
];
const measured = (cgroup: string, usage: Usage | undefined, pod?: PodSample["pod"]): Measured[] => (usage === undefined ? [] : [{ labels: labelsOf(cgroup, pod), usage }]);

const labelsOf = (id: string, pod?: PodSample["pod"], instance?: { readonly id: string; readonly name: string; readonly image: string }): Labels => ({
  container: instance?.name ?? "", id, image: instance?.image ?? "", name: instance?.id ?? "", namespace: pod === undefined ? "" : namespaceOf(pod), pod: pod?.metadata.name ?? "",
});
const counter = (name: string, help: string, samples: readonly Sample[]): Family => ({ name, help, type: "counter", samples });
const gauge = (name: string, help: string, samples: readonly Sample[]): Family => ({ name, help, type: "gauge", samples });
