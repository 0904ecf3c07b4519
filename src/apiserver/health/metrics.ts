import { Counter, Gauge, Registry } from "prom-client";
import { processMetrics } from "#base/process-metrics.ts";
import type { Audited } from "../filters/chain.ts";
import { isStream } from "../filters/streams.ts";
import { asLabels, targetLabelNames, targetLabels } from "../filters/target-labels.ts";
import type { FlowEvents } from "../flowcontrol/flow-control.ts";
import { RequestMetrics } from "./request-metrics.ts";

/** What `/metrics` shows, under upstream's names. Labels are bounded: only resources that are served appear. */
export interface Metrics {
  observe(event: Audited): void;
  readonly flow: FlowEvents;
  /** @param bytes of all these events together */
  watchEvents(group: string, version: string, resource: string, events: number, bytes: number): void;
  text(): Promise<string>;
  readonly contentType: string;
}

/** Read when the metrics are asked for. */
export interface MetricSources {
  /** Whether this is served; without a subresource, whether the resource is. */
  readonly known: (group: string, version: string, resource: string, subresource?: string) => boolean;
  readonly requests: () => { readonly mutating: number; readonly readOnly: number };
  readonly streams: () => Iterable<readonly [labels: string, count: number]>;
  readonly objects: () => Iterable<readonly [group: string, resource: string, count: number]>;
  readonly levels: () => Iterable<{ readonly name: string; readonly inUse: number; readonly waiting: number; readonly nominal: number }>;
}

const verbs: ReadonlySet<string> = new Set(["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"]);

/** Upstream: apiserver/pkg/endpoints/metrics, storage/etcd3/metrics, util/flowcontrol/metrics */
export function newMetrics(sources: MetricSources): Metrics {
  const registry = new Registry();
  const text = processMetrics(registry);
  const requests = new RequestMetrics();
  addGauges(sources, registry);
  return {
    observe({ info, request, status, begun, ended, bytes }) {
      const target = info?.target;
      if (info === undefined || target === undefined || !verbs.has(info.verb) || !sources.known(target.group, target.version, target.resource)) return;
      const served = sources.known(target.group, target.version, target.resource, target.subresource);
      const labels = targetLabels(!served ? { ...info, target: { ...target, subresource: "" } } : info);
      requests.observe(labels, request.url.includes("dryRun=All"), { code: status, seconds: isStream(info) ? undefined : (ended - begun) / 1000, bytes });
    },
    flow: flowMetrics(registry),
    watchEvents: eventMetrics(registry),
    text: async () => `${requests.text()}${await text()}`,
    contentType: registry.contentType,
  };
}

function addGauges({ requests, streams, objects, levels, known }: MetricSources, registry: Registry): void {
  const registers = [registry];
  new Gauge({ name: "apiserver_current_inflight_requests", help: "Requests under way by kind.", labelNames: ["request_kind"], registers, collect() { for (const [kind, count] of Object.entries(requests())) this.set({ request_kind: kind }, count); } });
  new Gauge({
    name: "apiserver_longrunning_requests", help: "Gauge of all active long-running apiserver requests.", labelNames: targetLabelNames, registers,
    collect() {
      this.reset();
      for (const [joined, count] of streams()) {
        const labels = asLabels(joined);
        if (known(labels.group, labels.version, labels.resource)) this.set(labels, count);
      }
    },
  });
  new Gauge({ name: "apiserver_resource_objects", help: "Number of stored objects at the time of last check split by kind.", labelNames: ["group", "resource"], registers, collect() { for (const [group, resource, count] of objects()) this.set({ group, resource }, count); } });
  new Gauge({ name: "apiserver_storage_objects", help: "[DEPRECATED, consider using apiserver_resource_objects instead] Number of stored objects.", labelNames: ["resource"], registers, collect() { for (const [group, resource, count] of objects()) this.set({ resource: group === "" ? resource : `${resource}.${group}` }, count); } });
  const perLevel = (name: string, help: string, value: "inUse" | "waiting" | "nominal"): Gauge =>
    new Gauge({ name, help, labelNames: ["priority_level"], registers, collect() { for (const level of levels()) this.set({ priority_level: level.name }, level[value]); } });
  perLevel("apiserver_flowcontrol_current_executing_seats", "Concurrency (number of seats) occupied by the currently executing requests.", "inUse");
  perLevel("apiserver_flowcontrol_current_inqueue_requests", "Number of requests currently pending in queues.", "waiting");
  perLevel("apiserver_flowcontrol_nominal_limit_seats", "Nominal number of execution seats configured for each priority level.", "nominal");
}

interface Tally { readonly labels: { readonly group: string; readonly version: string; readonly resource: string }; events: number; bytes: number }

function eventMetrics(registry: Registry): Metrics["watchEvents"] {
  const tallies = new Map<string, Tally>(); // each watcher's each event counts: put into labels only when somebody looks
  const counter = (name: string, help: string, value: "events" | "bytes"): Counter => new Counter({
    name, help, labelNames: ["group", "version", "resource"], registers: [registry],
    collect() {
      this.reset();
      for (const tally of tallies.values()) this.inc({ ...tally.labels }, tally[value]);
    },
  });
  counter("apiserver_watch_events_total", "Number of events sent in watch clients.", "events");
  counter("apiserver_watch_events_sizes_sum", "Bytes of the events sent in watch clients.", "bytes");
  return (group, version, resource, events, bytes) => {
    const key = `${group}/${version}/${resource}`;
    const tally = tallies.get(key) ?? { labels: { group, version, resource }, events: 0, bytes: 0 };
    tally.events += events;
    tally.bytes += bytes;
    tallies.set(key, tally);
  };
}

function flowMetrics(registry: Registry): FlowEvents {
  const registers = [registry];
  const labelNames = ["priority_level", "flow_schema"] as const;
  const counts = new Map<string, number>(); // on the way of every request: put into labels only when somebody looks
  new Counter({
    name: "apiserver_flowcontrol_dispatched_requests_total", help: "Number of requests executed by API Priority and Fairness.", labelNames, registers,
    collect() {
      this.reset();
      for (const [key, count] of counts) {
        const [flow_schema = "", priority_level = ""] = key.split("\n");
        this.inc({ flow_schema, priority_level }, count);
      }
    },
  });
  const rejected = new Counter({ name: "apiserver_flowcontrol_rejected_requests_total", help: "Number of requests rejected by API Priority and Fairness.", labelNames: [...labelNames, "reason"], registers });
  return {
    dispatched(flow_schema, priority_level) {
      const key = `${flow_schema}\n${priority_level}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    },
    rejected: (flow_schema, priority_level, reason) => rejected.inc({ flow_schema, priority_level, reason }),
  };
}
