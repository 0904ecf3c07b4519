import { Counter, exponentialBuckets, Gauge, Histogram, Registry } from "prom-client";
import type { Pod } from "#api/gen/core-v1.ts";
import type { Clock } from "#base/clock.ts";
import { processMetrics } from "#base/process-metrics.ts";
import { namespaceOf, uidOf } from "./names.ts";

const durations = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const startDurations = [0.5, 1, 2, 3, 4, 5, 6, 8, 10, 20, 30, 45, 60, 120, 180, 240, 300, 360, 480, 600, 900, 1_200, 1_800, 2_700, 3_600];
const storageDurations = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 25, 50, 120, 300, 600];
const probeLabels = ["probe_type", "container", "pod", "namespace", "pod_uid"] as const;

/** What a probe said: `unknown` when it could not be tried. */
export type ProbeOutcome = "successful" | "failed" | "unknown";

/** The kubelet's own metrics under upstream's names. Upstream: pkg/kubelet/metrics/metrics.go, pkg/kubelet/prober/prober_manager.go */
export class KubeletMetrics {
  /** `/metrics` */
  readonly registry: Registry = new Registry();
  readonly text: () => Promise<string> = processMetrics(this.registry);
  /** `/metrics/probes` */
  readonly probes: Registry = new Registry();
  readonly #clock: Clock;
  readonly #calls: Counter<"operation_type">;
  readonly #callErrors: Counter<"operation_type">;
  readonly #callSeconds: Histogram<"operation_type">;
  readonly #stepSeconds: Histogram<"operation_type">;
  readonly #startSeconds: Histogram;
  readonly #relistSeconds: Histogram;
  readonly #volumeSeconds: Histogram<"volume_plugin" | "operation_name" | "status" | "migrated">;
  readonly #statusSeconds: Histogram;
  readonly #evictions: Counter<"eviction_signal">;
  readonly #preemptions: Counter<"preemption_signal">;
  readonly #imagesRemoved: Counter<"reason">;
  readonly #probed: Counter<(typeof probeLabels)[number] | "result">;

  constructor(nodeName: string, pods: () => readonly Pod[], clock: Clock) {
    this.#clock = clock;
    const registers = [this.registry];
    const ofCalls = { labelNames: ["operation_type"] as const, registers };
    this.#calls = new Counter({ name: "kubelet_runtime_operations_total", help: "Cumulative number of runtime operations by operation type.", ...ofCalls });
    this.#callErrors = new Counter({ name: "kubelet_runtime_operations_errors_total", help: "Cumulative number of runtime operation errors by operation type.", ...ofCalls });
    this.#callSeconds = new Histogram({ name: "kubelet_runtime_operations_duration_seconds", help: "Duration in seconds of runtime operations. Broken down by operation type.", buckets: exponentialBuckets(0.005, 2.5, 14), ...ofCalls });
    this.#stepSeconds = new Histogram({ name: "kubelet_pod_worker_duration_seconds", help: "Duration in seconds to sync a single pod. Broken down by operation type: create, update, or sync", buckets: durations, ...ofCalls });
    this.#startSeconds = new Histogram({ name: "kubelet_pod_start_duration_seconds", help: "Duration in seconds from kubelet seeing a pod for the first time to the pod starting to run", buckets: startDurations, registers });
    this.#relistSeconds = new Histogram({ name: "kubelet_pleg_relist_duration_seconds", help: "Duration in seconds for relisting pods in PLEG.", buckets: durations, registers });
    this.#volumeSeconds = new Histogram({ name: "storage_operation_duration_seconds", help: "Storage operation duration", buckets: storageDurations, labelNames: ["volume_plugin", "operation_name", "status", "migrated"], registers });
    this.#statusSeconds = new Histogram({ name: "kubelet_pod_status_sync_duration_seconds", help: "Duration in seconds to sync a pod status update. Measures time from detection of a change to pod status until the API is successfully updated for that pod, even if multiple intevening changes to pod status occur.", buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 20, 30, 45, 60], registers });
    this.#evictions = new Counter({ name: "kubelet_evictions", help: "Cumulative number of pod evictions by eviction signal", labelNames: ["eviction_signal"], registers });
    this.#preemptions = new Counter({ name: "kubelet_preemptions", help: "Cumulative number of pod preemptions by preemption resource", labelNames: ["preemption_signal"], registers });
    this.#imagesRemoved = new Counter({ name: "kubelet_image_garbage_collected_total", help: "Total number of images garbage collected by the kubelet, whether through disk usage or image age.", labelNames: ["reason"], registers });
    this.#probed = new Counter({ name: "prober_probe_total", help: "Cumulative number of a liveness, readiness or startup probe for a container by result.", labelNames: [...probeLabels, "result"], registers: [this.probes] });
    new Gauge({ name: "kubelet_node_name", help: "The node's name. The count is always 1.", labelNames: ["node"], registers }).set({ node: nodeName }, 1);
    new Gauge({ name: "kubelet_running_pods", help: "Number of pods that have a running pod sandbox", registers, collect() { this.set(pods().filter((pod) => pod.status.phase === "Running").length); } });
    new Gauge({ name: "kubelet_running_containers", help: "Number of containers currently running", labelNames: ["container_state"], registers, collect() { this.set({ container_state: "running" }, runningContainers(pods())); } });
  }

  /** Counts a call of the runtime and times it. */
  async call<T>(operation_type: string, call: () => Promise<T>): Promise<T> {
    const began = this.#clock.now();
    this.#calls.inc({ operation_type });
    try {
      return await call();
    } catch (err) {
      this.#callErrors.inc({ operation_type });
      throw err;
    } finally {
      this.#callSeconds.observe({ operation_type }, this.#since(began));
    }
  }

  /** A pod's worker took one step. */
  async step<T>(operation_type: "create" | "sync" | "kill", step: () => Promise<T>): Promise<T> {
    const began = this.#clock.now();
    try {
      return await step();
    } finally {
      this.#stepSeconds.observe({ operation_type }, this.#since(began));
    }
  }

  /** A pod runs that was first seen at `seenAt`. */
  podStarted(seenAt: number): void {
    this.#startSeconds.observe(this.#since(seenAt));
  }

  /** A volume is made to stand, or brought up to date. */
  async mounting<T>(plugin: string, mount: () => Promise<T>): Promise<T> {
    const began = this.#clock.now();
    const done = (status: "success" | "fail-unknown"): void =>
      this.#volumeSeconds.observe({ volume_plugin: plugin, operation_name: "volume_mount", status, migrated: "false" }, this.#since(began));
    try {
      const mounted = await mount();
      done("success");
      return mounted;
    } catch (err) {
      done("fail-unknown");
      throw err;
    }
  }

  /** The API server has a pod's status that had changed at `changedAt`. */
  statusSaid(changedAt: number): void {
    this.#statusSeconds.observe(this.#since(changedAt));
  }

  async relist<T>(relist: () => Promise<T>): Promise<T> {
    const began = this.#clock.now();
    try {
      return await relist();
    } finally {
      this.#relistSeconds.observe(this.#since(began));
    }
  }

  /** A pod had to go for a critical one that lacked this. */
  preempted(preemption_signal: string): void {
    this.#preemptions.inc({ preemption_signal });
  }

  /** A pod was evicted because of this signal. */
  evicted(eviction_signal: string): void {
    this.#evictions.inc({ eviction_signal });
  }

  /** An image was removed, because of its age or to make room. */
  imageRemoved(reason: "age" | "space"): void {
    this.#imagesRemoved.inc({ reason });
  }

  probed(kind: string, pod: Pod, container: string, result: ProbeOutcome): void {
    this.#probed.inc({ ...probeLabelsOf(kind, pod, container), result });
  }

  /** Forgets what the probes of a container said: its pod goes. */
  forgetProbe(kind: string, pod: Pod, container: string): void {
    for (const result of ["successful", "failed", "unknown"]) this.#probed.remove({ ...probeLabelsOf(kind, pod, container), result });
  }

  #since(began: number): number {
    return Math.max(0, this.#clock.now() - began) / 1_000;
  }
}

const probeLabelsOf = (kind: string, pod: Pod, container: string): Record<(typeof probeLabels)[number], string> =>
  ({ probe_type: kind, container, pod: pod.metadata.name, namespace: namespaceOf(pod), pod_uid: uidOf(pod) });

const runningContainers = (pods: readonly Pod[]): number =>
  pods.flatMap(({ status }) => [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? []), ...(status.ephemeralContainerStatuses ?? [])]).filter(({ state }) => state?.running !== undefined).length;
