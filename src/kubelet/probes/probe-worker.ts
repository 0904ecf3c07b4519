import type { Pod, Probe } from "#api/gen/core-v1.ts";
import type { Clock } from "#base/clock.ts";
import { loop } from "#base/component.ts";
import { messageOf } from "#base/error-message.ts";
import type { EventRecorder } from "#client/events.ts";
import type { Runtime } from "#cri/runtime.ts";
import { fieldPathOf, type PodContainer } from "../containers/containers.ts";
import type { KubeletMetrics, ProbeOutcome } from "../metrics.ts";
import { about } from "../names.ts";
import { instanceOf, readySandbox, type ContainerInstance, type PodRuntime } from "../runtime/pod-runtime.ts";
import { Signalled } from "../signalled.ts";
import { Ticks } from "./ticks.ts";
import { tryProbe, type ProbeResult } from "./probe.ts";

export type ProbeKind = "liveness" | "readiness" | "startup";
const titles: Record<ProbeKind, string> = { liveness: "Liveness", readiness: "Readiness", startup: "Startup" };

export interface ProbeDeps {
  readonly runtime: Runtime;
  readonly events: EventRecorder;
  readonly metrics: KubeletMetrics;
  readonly clock: Clock;
  readonly hostIp: string;
  /** What stands for an instance: true, false, or undefined while undecided. */
  result(kind: ProbeKind, id: string): boolean | undefined;
  /** The verdict on an instance; told also when it is the same as before. */
  decided(kind: ProbeKind, id: string, ok: boolean): void;
}

/** Probes the instances of one container in one way, one after another, as long as the pod is here. Upstream: pkg/kubelet/prober/worker.go */
export class ProbeWorker {
  readonly #deps: ProbeDeps;
  readonly #kind: ProbeKind;
  readonly #probe: Probe;
  readonly #changed = new Signalled();
  #pod: Pod;
  #container: PodContainer;
  #runtime: PodRuntime | undefined;
  #lastOk: boolean | undefined;
  #streak = 0;

  constructor(deps: ProbeDeps, kind: ProbeKind, probe: Probe, pod: Pod, container: PodContainer) {
    this.#deps = deps;
    this.#kind = kind;
    this.#probe = probe;
    this.#pod = pod;
    this.#container = container;
  }

  /** What the runtime has now. */
  observe(pod: Pod, container: PodContainer, runtime: PodRuntime): void {
    this.#pod = pod;
    this.#container = container;
    this.#runtime = runtime;
    this.#changed.set();
  }

  /** Something may have been decided that this worker waits for. */
  poke(): void {
    this.#changed.set();
  }

  /** Ends when `signal` aborts. */
  run = async (signal: AbortSignal): Promise<void> => {
    await loop(signal, async () => {
      const instance = this.#instance();
      if (instance === undefined || !this.#due(instance)) return this.#changed.wait(signal);
      this.#streak = 0;
      this.#lastOk = undefined;
      await this.#probeInstance(instance, signal);
    });
    this.#deps.metrics.forgetProbe(titles[this.#kind], this.#pod, this.#container.container.name);
  };

  async #probeInstance(instance: ContainerInstance, signal: AbortSignal): Promise<void> {
    const firstAt = instance.startedAt + (this.#probe.initialDelaySeconds ?? 0) * 1_000;
    await this.#deps.clock.sleep(Math.max(0, firstAt - this.#deps.clock.now()), signal);
    const grid = new Ticks(this.#deps.clock.now(), (this.#probe.periodSeconds ?? 10) * 1_000);
    while (this.#instance()?.id === instance.id && this.#due(instance)) {
      const ok = await this.#tryOnce(instance, signal);
      if (ok !== undefined) this.#count(instance.id, ok);
      if (!this.#due(instance)) return;
      await this.#deps.clock.sleep(grid.wait(this.#deps.clock.now()), signal);
    }
  }

  #instance(): ContainerInstance | undefined {
    const newest = this.#runtime === undefined ? undefined : instanceOf(this.#runtime, this.#container.container.name);
    return newest?.state === "running" ? newest : undefined;
  }

  /** False when there is nothing (more) to ask of this instance: not started up yet, or sentenced already. */
  #due({ id }: ContainerInstance): boolean {
    if (this.#kind !== "readiness" && this.#pod.metadata.deletionTimestamp !== undefined) return false;
    if (this.#kind === "startup") return this.#deps.result("startup", id) === undefined;
    if (this.#container.container.startupProbe !== undefined && this.#deps.result("startup", id) !== true) return false;
    return this.#kind === "readiness" || this.#deps.result("liveness", id) !== false;
  }

  /** Upstream: pkg/kubelet/prober/worker.go doProbe: a verdict falls when enough tries in a row agree. */
  #count(id: string, ok: boolean): void {
    this.#streak = this.#lastOk === ok ? this.#streak + 1 : 1;
    this.#lastOk = ok;
    const enough = ok ? (this.#probe.successThreshold ?? 1) : (this.#probe.failureThreshold ?? 3);
    if (this.#streak >= enough) this.#deps.decided(this.#kind, id, ok);
  }

  /** Undefined when the probe could not be tried: that says nothing about the container. */
  async #tryOnce(instance: ContainerInstance, signal: AbortSignal): Promise<boolean | undefined> {
    const { container } = this.#container;
    const podIp =
      this.#pod.spec.hostNetwork === true
        ? this.#deps.hostIp
        : ((this.#runtime === undefined ? undefined : readySandbox(this.#runtime))?.ips[0] ?? "");
    try {
      const result = await tryProbe(this.#deps.runtime, this.#probe, { container, containerId: instance.id, podIp }, signal);
      if (this.#instance()?.id === instance.id) this.#tell(result);
      this.#note(result.ok ? "successful" : "failed");
      return result.ok;
    } catch (err) {
      signal.throwIfAborted();
      this.#note("unknown");
      if (this.#instance()?.id === instance.id)
        this.#event("Unhealthy", `${titles[this.#kind]} probe errored and resulted in unknown state: ${messageOf(err)}`);
      return undefined;
    }
  }

  #note(outcome: ProbeOutcome): void {
    this.#deps.metrics.probed(titles[this.#kind], this.#pod, this.#container.container.name, outcome);
  }

  #tell({ ok, output, warning }: ProbeResult): void {
    if (!ok) this.#event("Unhealthy", `${titles[this.#kind]} probe failed: ${output}`);
    else if (warning === true) this.#event("ProbeWarning", `${titles[this.#kind]} probe warning: ${output}`);
  }

  #event(reason: string, message: string): void {
    this.#deps.events.event(about(this.#pod), "Warning", reason, message, { fieldPath: fieldPathOf(this.#container) });
  }
}
