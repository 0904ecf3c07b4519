import { randomUUID } from "node:crypto";
import type { Pod } from "#api/gen/core-v1.ts";
import { isScheduled } from "#api/pod.ts";
import { nextTurn } from "#base/clock.ts";
import type { Clock } from "#base/clock.ts";
import { loop, type Component } from "#base/component.ts";
import { messageOf } from "#base/error-message.ts";
import type { Logger } from "#base/log.ts";
import type { Client } from "#client/client.ts";
import type { EventRecorder } from "#client/events.ts";
import type { Informer, Informers } from "#client/lister.ts";
import { Binder } from "./binder.ts";
import { SchedulerCache } from "./cache.ts";
import { ClaimBinder } from "./claim-binder.ts";
import { SchedulingCycle, type Placement } from "./cycle.ts";
import { defaultSelectorFrom } from "./default-selector.ts";
import { DeviceFinder } from "./device-finder.ts";
import { AttemptFailed, type Plugin } from "./framework.ts";
import { PodInfo } from "./pod-info.ts";
import { Nominations } from "./nominations.ts";
import { defaultPlugins } from "./plugins/index.ts";
import { PodStatusWriter } from "./pod-status.ts";
import { Preemptor } from "./preemptor.ts";
import { SchedulingQueue, type Failure } from "./queue.ts";
import type { QueuedPod } from "./queued-pod.ts";
import { ResourceClaims } from "./resource-claims.ts";
import { sourcesFrom, type Sources } from "./sources.ts";
import { VolumeBinder } from "./volume-binder.ts";
import { watchCluster } from "./watch-cluster.ts";

export interface SchedulerDeps {
  readonly client: Client;
  readonly informers: Informers;
  /** Of the component `default-scheduler`. */
  readonly events: EventRecorder;
  readonly clock: Clock;
  /** Measures waits, whatever is done to `clock`. Default: `clock`, which then must not step. */
  readonly steady?: Clock;
  readonly log: Logger;
  /** Breaks ties between nodes: 0 ≤ x < 1. */
  readonly random?: () => number;
  /** Names parts of shared devices. */
  readonly newUid?: () => string;
}

/** Upstream: NoteLengthLimit of events */
const maxEventMessage = 1_024;

/** The scheduler of the pods that ask for `default-scheduler`. It runs once the informers are in sync, which others start. */
export function newScheduler(deps: SchedulerDeps): Component {
  return new Scheduler(deps);
}

class Scheduler implements Component {
  readonly name = "scheduler";
  readonly #deps: SchedulerDeps;
  readonly #sources: Sources;
  readonly #cache = new SchedulerCache();
  readonly #nominations = new Nominations();
  readonly #status: PodStatusWriter;
  readonly #queue: SchedulingQueue;
  readonly #cycle: SchedulingCycle;
  readonly #binder: Binder;
  /** Placements that are being carried out, and how to stop them. */
  readonly #binding = new Map<string, AbortController>();

  constructor(deps: SchedulerDeps) {
    this.#deps = deps;
    this.#sources = sourcesFrom(deps.informers);
    this.#status = new PodStatusWriter(deps.client, deps.clock, deps.log);
    const plugins = this.#plugins();
    this.#queue = new SchedulingQueue(plugins, deps.steady ?? deps.clock);
    this.#cycle = new SchedulingCycle(plugins, this.#cache, this.#nominations, deps.random ?? Math.random);
    this.#binder = new Binder(deps.client);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { informers } = this.#deps;
    await loop(signal, async () => {
      await informers.synced(signal);
      const stop = watchCluster(this.#sources, { cache: this.#cache, queue: this.#queue, nominations: this.#nominations, gone: (key) => this.#binding.get(key)?.abort(new Error("the pod is gone")) });
      try {
        await loop(signal, () => this.#next(signal));
      } finally {
        stop();
        for (const controller of this.#binding.values()) controller.abort(signal.reason);
      }
    });
  }

  #plugins(): readonly Plugin[] {
    const { client, clock, events, log, random = Math.random, newUid = randomUUID } = this.#deps;
    const { namespaces, services, replicaSets, budgets, resourceSlices, deviceClasses } = this.#sources;
    const claims = new ResourceClaims(this.#sources.resourceClaims);
    const preemptor = new Preemptor({ client, events, clock, log, cache: this.#cache, nominations: this.#nominations, status: this.#status, retry: (key) => this.#queue.activate(key) });
    return defaultPlugins({
      volumes: new VolumeBinder(this.#sources, client, clock),
      volumeLimits: this.#sources,
      devices: { claims, devices: new DeviceFinder(resourceSlices, deviceClasses, newUid), binder: new ClaimBinder({ client, claims, clock, events, log }), now: () => clock.now() },
      namespaceLabels: (name) => namespaces.get(name)?.metadata.labels,
      defaultSelector: defaultSelectorFrom(services, replicaSets),
      disruptionBudgets: () => budgets.list(), preemptor, random,
    });
  }

  async #next(signal: AbortSignal): Promise<void> {
    const queued = await this.#queue.next(signal);
    this.#scheduleOne(queued, signal);
    await nextTurn(); // everybody else has a turn between two pods
  }

  #scheduleOne(queued: QueuedPod, signal: AbortSignal): void {
    const { info } = queued;
    if (info.isLeaving || this.#cache.isAssumed(info.key)) return;
    try {
      const result = this.#cycle.schedule(info);
      if ("placed" in result) void this.#bind(queued, result.placed, signal);
      else this.#fail(queued, "Unschedulable", result.message, { rejectedBy: result.rejectedBy }, result.nominated);
    } catch (err) {
      if (err instanceof AttemptFailed) this.#deps.log.warn({ message: err.message, pod: info.key }, "scheduling failed");
      else this.#deps.log.error({ err, pod: info.key }, "scheduling failed");
      this.#fail(queued, "SchedulerError", messageOf(err), "error", "");
    }
  }

  async #bind(queued: QueuedPod, placement: Placement, signal: AbortSignal): Promise<void> {
    const { pod } = placement;
    const controller = new AbortController();
    this.#binding.set(pod.key, controller);
    try {
      const rejection = await this.#binder.bind(placement, AbortSignal.any([signal, controller.signal]));
      if (rejection === undefined) this.#bound(placement);
      else this.#bindingFailed(queued, placement, "Unschedulable", rejection.reasons.join(", "));
    } catch (err) {
      if (!signal.aborted) this.#bindingFailed(queued, placement, "SchedulerError", messageOf(err));
    } finally {
      if (this.#binding.get(pod.key) === controller) this.#binding.delete(pod.key);
    }
  }

  #bound({ pod, node }: Placement): void {
    this.#deps.events.event(pod.pod, "Normal", "Scheduled", `Successfully assigned ${pod.key} to ${node}`);
    this.#deps.log.info({ pod: pod.key, node }, "pod bound");
  }

  #bindingFailed(queued: QueuedPod, placement: Placement, reason: "Unschedulable" | "SchedulerError", message: string): void {
    this.#deps.log.warn({ pod: placement.pod.key, node: placement.node, message }, "pod was not bound");
    this.#cycle.release(placement);
    for (const event of ["pod/gone", "pod/released"] as const) this.#queue.wake({ event, old: undefined, object: placement.pod.pod });
    this.#fail(queued, reason, message, "error", "");
  }

  /** Says why, and puts the pod back, unless it has been bound, replaced or deleted meanwhile. */
  #fail(queued: QueuedPod, reason: "Unschedulable" | "SchedulerError", message: string, failure: Failure, nominated: string | undefined): void {
    const current = this.#current(queued);
    if (current === undefined) return;
    queued.info = current;
    this.#queue.putBack(queued, failure);
    if (nominated !== undefined) this.#nominations.set(current, nominated);
    const note = message.length > maxEventMessage ? `${message.slice(0, maxEventMessage - 4)} ...` : message;
    this.#deps.events.event(current.pod, "Warning", "FailedScheduling", note);
    this.#status.write(current.pod, { unscheduled: { reason, message }, nominated });
  }

  #current({ info }: QueuedPod): QueuedPod["info"] | undefined {
    const pods: Informer<Pod> = this.#sources.pods;
    const pod = pods.get(info.key);
    if (pod === undefined || pod.metadata.uid !== info.pod.metadata.uid || isScheduled(pod)) return undefined;
    return pod === info.pod ? info : new PodInfo(pod);
  }
}
