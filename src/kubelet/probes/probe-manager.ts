import type { Pod } from "#api/gen/core-v1.ts";
import { containersOf, findContainer, statusesOf, type PodContainer } from "../containers/containers.ts";
import { uidOf } from "../names.ts";
import type { ProbeFacts } from "../pods/pod-actions.ts";
import { running, type PodRuntime } from "../runtime/pod-runtime.ts";
import { ProbeWorker, type ProbeDeps, type ProbeKind } from "./probe-worker.ts";

const kinds: readonly ProbeKind[] = ["startup", "liveness", "readiness"];

interface PodProbes {
  readonly workers: Map<string, ProbeWorker>;
  /** Verdicts by kind and container id. */
  readonly results: Map<string, boolean>;
  readonly stop: AbortController;
}

/** A worker per probe of every pod here, and what they found. Upstream: pkg/kubelet/prober/prober_manager.go */
export class ProbeManager implements ProbeFacts {
  readonly #deps: Omit<ProbeDeps, "result" | "decided">;
  readonly #changed: (uid: string) => void;
  readonly #pods = new Map<string, PodProbes>();
  readonly #signal: AbortSignal;

  /** @param changed called with the pod's uid when a verdict on one of its containers changes */
  constructor(deps: Omit<ProbeDeps, "result" | "decided">, changed: (uid: string) => void, signal: AbortSignal) {
    this.#deps = deps;
    this.#changed = changed;
    this.#signal = signal;
  }

  /** Tells the probes of a pod what the runtime has; begins those that are missing. Repeatable. */
  observe(pod: Pod, runtime: PodRuntime): void {
    const known = this.#pods.get(uidOf(pod));
    const probes = known ?? { workers: new Map(), results: adopted(pod, runtime), stop: new AbortController() };
    this.#pods.set(uidOf(pod), probes);
    for (const container of containersOf(pod)) for (const kind of kinds) this.#observeOne(probes, kind, pod, container, runtime);
  }

  /** Ends a pod's probes and forgets their verdicts. */
  remove(uid: string): void {
    this.#pods.get(uid)?.stop.abort();
    this.#pods.delete(uid);
  }

  livenessFailed(pod: Pod, id: string): boolean {
    return this.#result(pod, "liveness", id) === false;
  }

  startup(pod: Pod, container: string, id: string): boolean | undefined {
    return findContainer(pod, container)?.container.startupProbe === undefined ? true : this.#result(pod, "startup", id);
  }

  started(pod: Pod, container: string, id: string): boolean {
    return this.startup(pod, container, id) === true;
  }

  ready(pod: Pod, container: string, id: string): boolean {
    return findContainer(pod, container)?.container.readinessProbe === undefined || this.#result(pod, "readiness", id) === true;
  }

  #result(pod: Pod, kind: ProbeKind, id: string): boolean | undefined {
    return this.#pods.get(uidOf(pod))?.results.get(`${kind}:${id}`);
  }

  #decided(pod: Pod, probes: PodProbes, kind: ProbeKind, id: string, ok: boolean): void {
    const key = `${kind}:${id}`;
    if (probes.results.get(key) === ok) return;
    probes.results.set(key, ok);
    if (kind === "startup") for (const worker of probes.workers.values()) worker.poke();
    this.#changed(uidOf(pod));
  }

  #observeOne(probes: PodProbes, kind: ProbeKind, pod: Pod, container: PodContainer, runtime: PodRuntime): void {
    const probe = container.container[`${kind}Probe`];
    if (probe === undefined || container.kind === "init") return;
    const key = `${kind}:${container.container.name}`;
    const known = probes.workers.get(key);
    if (known !== undefined) return known.observe(pod, container, runtime);
    const deps: ProbeDeps = {
      ...this.#deps,
      result: (of, id) => probes.results.get(`${of}:${id}`),
      decided: (of, id, ok) => this.#decided(pod, probes, of, id, ok),
    };
    const worker = new ProbeWorker(deps, kind, probe, pod, container);
    probes.workers.set(key, worker);
    worker.observe(pod, container, runtime);
    void worker.run(AbortSignal.any([this.#signal, probes.stop.signal]));
  }
}

/** A kubelet that was started again believes what it said before about containers that still run. */
function adopted(pod: Pod, runtime: PodRuntime): Map<string, boolean> {
  const said = statusesOf(pod);
  const results = new Map<string, boolean>();
  for (const { id, name } of running(runtime)) {
    const status = said.get(name);
    if (status?.containerID?.endsWith(`//${id}`) !== true) continue;
    if (status.started === true) results.set(`startup:${id}`, true);
    if (status.ready) results.set(`readiness:${id}`, true);
  }
  return results;
}
