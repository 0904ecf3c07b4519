import { Counter, type Registry } from "prom-client";

export type Call = "list" | "get" | "get_allocatable";

type Requests = Counter<"server_api_version">;
const version = { server_api_version: "v1" };

/** How often it is asked which pods have what. Upstream: pkg/kubelet/metrics/metrics.go PodResourcesEndpoint* */
export class PodResourcesMetrics {
  readonly #all: Requests;
  readonly #asked: Readonly<Record<Call, Requests>>;
  readonly #failed: Readonly<Record<Call, Requests>>;

  constructor(registry: Registry) {
    const counter = (name: string, help: string): Requests =>
      new Counter({ name: `kubelet_pod_resources_endpoint_${name}`, help: `${help} Broken down by server api version.`, labelNames: ["server_api_version"], registers: [registry] });
    const each = (what: string, suffix: string): Readonly<Record<Call, Requests>> => ({
      list: counter(`${what}_list`, `Number of requests to the PodResource List endpoint${suffix}.`),
      get: counter(`${what}_get`, `Number of requests to the PodResource Get endpoint${suffix}.`),
      get_allocatable: counter(`${what}_get_allocatable`, `Number of requests to the PodResource GetAllocatableResources endpoint${suffix}.`),
    });
    this.#all = counter("requests_total", "Cumulative number of requests to the PodResource endpoint.");
    this.#asked = each("requests", "");
    this.#failed = each("errors", " which returned error");
  }

  /** Counts a request; one whose answer throws as failed. */
  count<T>(call: Call, answer: () => T): T {
    this.#all.inc(version);
    this.#asked[call].inc(version);
    try {
      return answer();
    } catch (err) {
      this.#failed[call].inc(version);
      throw err;
    }
  }
}
