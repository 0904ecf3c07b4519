import { collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { KubeletHost } from "../host.ts";

/** The kubelet's metrics in Prometheus' text format: the process, and how many pods and containers it runs. */
export function newMetrics(host: KubeletHost): { readonly contentType: string; text(): Promise<string> } {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  new Gauge({ name: "kubelet_running_pods", help: "Number of pods that have a running pod sandbox", registers: [registry], collect() { this.set(host.pods().filter((pod) => pod.status.phase === "Running").length); } });
  new Gauge({
    name: "kubelet_running_containers", help: "Number of containers currently running", labelNames: ["container_state"], registers: [registry],
    collect() { this.set({ container_state: "running" }, host.pods().flatMap((pod) => pod.status.containerStatuses ?? []).filter(({ state }) => state?.running !== undefined).length); },
  });
  return { contentType: registry.contentType, text: () => registry.metrics() };
}
