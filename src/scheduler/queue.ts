import type { Clock } from "#base/clock.ts";
import type { ClusterChange, ClusterEvent } from "./cluster-events.ts";
import type { Plugin } from "./framework.ts";
import { Heap } from "./heap.ts";
import type { PodInfo } from "./pod-info.ts";
import { prioritySort } from "./plugins/priority-sort.ts";
import { newQueuedPod, type Place, type QueuedPod } from "./queued-pod.ts";

const initialBackoffMs = 1_000;
const maxBackoffMs = 10_000;
/** A pod that nothing woke for so long is tried again. Upstream: DefaultPodMaxInUnschedulablePodsDuration */
const maxWaitMs = 300_000;
const flushMs = 30_000;

/** Why a try failed: nodes said no, or something broke that a new try may find mended. */
export type Failure = { readonly rejectedBy: ReadonlySet<string> } | "error";

/**
 * Pods that wait for a node. A pod is in one place; what moves it is a change in the cluster that one of the plugins
 * that rejected it waits for, a change of the pod itself, or time. Upstream: backend/queue/scheduling_queue.go
 */
export class SchedulingQueue {
  readonly #clock: Clock;
  readonly #gates: readonly Plugin[];
  readonly #wakers: ReadonlyMap<ClusterEvent, readonly Plugin[]>;
  readonly #pods = new Map<string, QueuedPod>();
  readonly #active = new Heap<QueuedPod>(prioritySort);
  readonly #backoff = new Heap<QueuedPod>((a, b) => a.backoffUntil < b.backoffUntil);
  readonly #waiting = new Set<QueuedPod>();
  /** By the plugin that does not let them enter. */
  readonly #gated = new Map<string, Set<QueuedPod>>();
  #arrival = new AbortController();

  constructor(plugins: readonly Plugin[], clock: Clock) {
    this.#clock = clock;
    this.#gates = plugins.filter((p) => p.preEnqueue !== undefined);
    this.#wakers = wakersOf(plugins);
  }

  /** How many pods are in each place. */
  get sizes(): Readonly<Record<Place, number>> {
    return { active: this.#active.size, backoff: this.#backoff.size, waiting: this.#waiting.size, gated: [...this.#gated.values()].reduce((sum, { size }) => sum + size, 0) };
  }

  get(key: string): QueuedPod | undefined {
    return this.#pods.get(key);
  }

  /** A new pod, or a new version of one that is here: a change of it may make it fit. */
  set(info: PodInfo, changed: boolean): void {
    const known = this.#pods.get(info.key);
    if (known === undefined) return this.#enter(newQueuedPod(info, this.#clock.now()));
    const { place } = known;
    if (place === "active" || place === "backoff") {
      this.#leave(known);
      known.info = info;
      return this.#put(known, place);
    }
    known.info = info;
    if (place === "gated") this.#enter(known);
    else if (changed) this.#wakeOne(known);
  }

  delete(key: string): void {
    const known = this.#pods.get(key);
    if (known === undefined) return;
    this.#leave(known);
    this.#pods.delete(key);
  }

  /** The next pod to try, taken out of the queue; waits for one. Rejects when the signal aborts. */
  async next(signal: AbortSignal): Promise<QueuedPod> {
    for (;;) {
      signal.throwIfAborted();
      this.#flush();
      const pod = this.#pop();
      if (pod !== undefined) return pod;
      await this.#sleep(signal);
    }
  }

  /** Puts back a pod that was tried in vain. */
  putBack(pod: QueuedPod, failure: Failure): void {
    if (failure === "error") pod.errors++;
    else {
      pod.unschedulable++;
      pod.errors = 0;
    }
    pod.rejectedBy = failure === "error" ? new Set() : failure.rejectedBy;
    pod.backoffUntil = this.#clock.now() + backoffMs(failure === "error" ? pod.errors : pod.unschedulable);
    this.#pods.set(pod.info.key, pod);
    this.#put(pod, failure === "error" ? "backoff" : "waiting");
  }

  /** Moves the pods that this change may help. */
  wake(change: ClusterChange): void {
    const wakers = this.#wakers.get(change.event);
    for (const waker of wakers ?? []) for (const pod of [...(this.#gated.get(waker.name) ?? [])]) if (waker.hint?.(pod.info, change) !== false) this.#enter(pod);
    if (this.#waiting.size === 0) return;
    for (const pod of [...this.#waiting]) {
      const helped = pod.rejectedBy.size === 0 || wakers?.some((p) => pod.rejectedBy.has(p.name) && p.hint?.(pod.info, change) !== false) === true;
      if (helped) this.#wakeOne(pod);
    }
  }

  /** Tries this pod again at once, if it is here. */
  activate(key: string): void {
    const pod = this.#pods.get(key);
    if (pod === undefined || pod.place === "gated") return;
    this.#leave(pod);
    this.#put(pod, "active");
  }

  #enter(pod: QueuedPod): void {
    this.#leave(pod);
    this.#pods.set(pod.info.key, pod);
    pod.gatedBy = this.#gates.find((p) => p.preEnqueue?.(pod.info) !== undefined)?.name;
    this.#put(pod, pod.gatedBy === undefined ? "active" : "gated");
  }

  #wakeOne(pod: QueuedPod): void {
    this.#leave(pod);
    this.#put(pod, pod.backoffUntil > this.#clock.now() ? "backoff" : "active");
  }

  #put(pod: QueuedPod, place: Place): void {
    pod.place = place;
    if (place === "waiting") {
      pod.enqueuedAt = this.#clock.now();
      this.#waiting.add(pod);
    } else if (place === "gated") this.#gated.set(pod.gatedBy ?? "", (this.#gated.get(pod.gatedBy ?? "") ?? new Set()).add(pod));
    else if (place === "backoff") this.#backoff.push(pod);
    else if (place === "active") this.#active.push(pod);
    if (place === "active" || place === "backoff") this.#arrival.abort();
  }

  #leave(pod: QueuedPod): void {
    this.#active.remove(pod);
    this.#backoff.remove(pod);
    this.#waiting.delete(pod);
    this.#gated.get(pod.gatedBy ?? "")?.delete(pod);
  }

  /** With nothing else to do, a pod in back-off need not wait; one that met an error must, to spare the server. */
  #pop(): QueuedPod | undefined {
    const early = this.#backoff.peek();
    const pod = this.#active.peek() ?? (early?.errors === 0 ? early : undefined);
    if (pod === undefined) return undefined;
    this.#leave(pod);
    this.#pods.delete(pod.info.key);
    return pod;
  }

  #flush(): void {
    const now = this.#clock.now();
    for (let pod = this.#backoff.peek(); pod !== undefined && pod.backoffUntil <= now; pod = this.#backoff.peek()) {
      this.#leave(pod);
      this.#put(pod, "active");
    }
    for (const pod of this.#waiting) { // the longest waiting first
      if (pod.enqueuedAt + maxWaitMs > now) break;
      this.#wakeOne(pod);
    }
  }

  async #sleep(signal: AbortSignal): Promise<void> {
    this.#arrival = new AbortController();
    const due = this.#backoff.peek()?.backoffUntil ?? Infinity;
    const ms = Math.max(1, Math.min(flushMs, due - this.#clock.now()));
    await this.#clock.sleep(ms, AbortSignal.any([signal, this.#arrival.signal])).catch(() => {});
  }
}

/** 1 s, 2 s, 4 s, … 10 s. */
const backoffMs = (times: number): number => Math.min(maxBackoffMs, initialBackoffMs * 2 ** Math.min(times - 1, 10));

function wakersOf(plugins: readonly Plugin[]): ReadonlyMap<ClusterEvent, readonly Plugin[]> {
  const wakers = new Map<ClusterEvent, Plugin[]>();
  for (const plugin of plugins) for (const event of plugin.wakesOn ?? []) wakers.set(event, [...(wakers.get(event) ?? []), plugin]);
  return wakers;
}
