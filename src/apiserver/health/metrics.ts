import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";
import type { Audited } from "../filters/chain.ts";
import { isStream } from "../filters/streams.ts";

/** What `/metrics` shows, under upstream's names. Labels are bounded: only resources that are served appear. */
export interface Metrics {
  observe(event: Audited, known: (group: string, version: string, resource: string) => boolean): void;
  text(): Promise<string>;
  readonly contentType: string;
}

const seconds = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60];
const verbs: ReadonlySet<string> = new Set(["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"]);

/** @param gauges read when the metrics are asked for */
export function newMetrics(gauges: { readonly inFlight: () => number; readonly watchers: () => number; readonly objects: () => Iterable<readonly [resource: string, count: number]> }): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const labels = ["verb", "group", "version", "resource", "subresource", "scope"] as const;
  const requests = new Counter({ name: "apiserver_request_total", help: "Requests by verb, resource and code.", labelNames: [...labels, "code"], registers });
  const durations = new Histogram({ name: "apiserver_request_duration_seconds", help: "Time to answer, without streams.", labelNames: labels, buckets: seconds, registers });
  new Gauge({ name: "apiserver_current_inflight_requests", help: "Requests under way.", registers, collect() { this.set(gauges.inFlight()); } });
  new Gauge({ name: "apiserver_registered_watchers", help: "Open watches.", registers, collect() { this.set(gauges.watchers()); } });
  new Gauge({ name: "apiserver_storage_objects", help: "Stored objects by resource.", labelNames: ["resource"], registers, collect() { for (const [resource, count] of gauges.objects()) this.set({ resource }, count); } });
  return {
    observe({ info, status, ms }, known) {
      const target = info?.target;
      if (info === undefined || target === undefined || !verbs.has(info.verb) || !known(target.group, target.version, target.resource)) return;
      const { group, version, resource, subresource, namespace, name } = target;
      const scope = name !== "" ? "resource" : namespace !== "" ? "namespace" : "cluster";
      const values = { verb: info.verb.toUpperCase(), group, version, resource, subresource: status === 404 ? "" : subresource, scope };
      requests.inc({ ...values, code: status });
      if (!isStream(info)) durations.observe(values, ms / 1000);
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
