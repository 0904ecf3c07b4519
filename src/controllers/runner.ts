import type { KubeObject } from "#apimachinery/meta.ts";
import { isStatus } from "#apimachinery/status.ts";
import type { ResourceRef } from "#api/resources.ts";
import type { Clock } from "#base/clock.ts";
import type { Component } from "#base/component.ts";
import { messageOf } from "#base/error-message.ts";
import type { Logger } from "#base/log.ts";
import type { Client } from "#client/client.ts";
import type { EventRecorder } from "#client/events.ts";
import type { Informer, Informers } from "#client/lister.ts";
import { WorkQueue } from "#client/work-queue.ts";
import { OwnWrites } from "./own-writes.ts";
import type { Reconciler } from "./reconciler.ts";

/** What every controller is given. */
export interface ControllerDeps {
  readonly client: Client;
  readonly informers: Informers;
  readonly clock: Clock;
  /** Measures how long something takes, whatever is done to `clock`. Default: `clock`, which then must not step. */
  readonly steady?: Clock;
  readonly log: Logger;
  /** A recorder that names this component as the Events' source. */
  readonly events: (component: string) => EventRecorder;
}

/** A cache whose changes are work: for which keys. */
export interface Source {
  readonly ref: ResourceRef;
  readonly informer: Informer<KubeObject>;
  readonly keys: (obj: KubeObject) => readonly string[];
  /** Whether a change of an object is work at all; every one is unless this says no. */
  readonly matters?: (old: KubeObject, object: KubeObject) => boolean;
}

/** Each change of an object is work for the keys of its old and its new form. */
export function source<T extends KubeObject>(ref: ResourceRef<T>, informer: Informer<T>, keys: (obj: T) => readonly string[]): Source {
  return { ref, informer: informer as unknown as Informer<KubeObject>, keys: keys as (obj: KubeObject) => readonly string[] };
}

export interface Parts {
  readonly reconciler: Reconciler;
  readonly sources: readonly Source[];
  /** Keys worked on at the same time. Default 5. */
  readonly workers?: number;
  /** Keys to work on at start, whatever the caches hold. */
  readonly start?: readonly string[];
  /** Called once with the way to add a key, for work that comes from elsewhere than the sources. */
  attach?(add: (key: string) => void): void;
}

/** How long a key waits for its own writes to appear before it is worked on all the same. Upstream: ExpectationsTimeout */
const patienceMs = 300_000;
const recheckMs = 500;

/**
 * Runs a reconciler: its caches first, then key by key, never the same key twice at once. A failure is tried
 * again with growing waits; a key is not worked on while its caches do not show its own last writes.
 * @param build is given a client whose writes are followed
 */
export function newController(deps: ControllerDeps, build: (client: Client) => Parts): Component {
  const writes = new OwnWrites();
  return new Runner(deps, writes, build(writes.track(deps.client)));
}

class Runner implements Component {
  readonly name: string;
  readonly #parts: Parts;
  readonly #writes: OwnWrites;
  readonly #steady: Clock;
  readonly #log: Logger;
  readonly #queue: WorkQueue;
  /** Keys that wait for their caches, since when. */
  readonly #waiting = new Map<string, number>();
  readonly #stops: readonly (() => void)[];

  constructor({ clock, steady = clock, log }: ControllerDeps, writes: OwnWrites, parts: Parts) {
    this.name = parts.reconciler.name;
    this.#parts = parts;
    this.#writes = writes;
    this.#steady = steady;
    this.#log = log.child({ controller: this.name });
    this.#queue = new WorkQueue(steady);
    for (const { ref, informer } of parts.sources) writes.follow(ref, informer);
    this.#stops = parts.sources.map(({ informer, keys, matters }) =>
      informer.onChange(({ old, object }) => this.#changed(old === undefined || object === undefined || matters?.(old, object) !== false ? keys : () => [], old, object)));
    for (const key of parts.start ?? []) this.#queue.add(key);
    parts.attach?.((key) => this.#queue.add(key));
  }

  async run(signal: AbortSignal): Promise<void> {
    try {
      await Promise.all(this.#parts.sources.map(({ informer }) => informer.synced(signal)));
      await this.#queue.run(signal, this.#parts.workers ?? 5, (key) => this.#work(key, signal));
    } catch (err) {
      if (!signal.aborted) throw err;
    } finally {
      for (const stop of this.#stops) stop(); // the caches may live on
    }
  }

  #changed(keys: Source["keys"], old: KubeObject | undefined, object: KubeObject | undefined): void {
    if (old !== undefined) for (const key of keys(old)) this.#queue.add(key);
    if (object !== undefined) for (const key of keys(object)) this.#queue.add(key);
    for (const key of this.#waiting.keys()) if (!this.#writes.pending(key)) this.#queue.add(key);
  }

  async #work(key: string, signal: AbortSignal): Promise<void> {
    if (this.#mustWait(key)) return this.#queue.addAfter(key, recheckMs);
    try {
      const again = await this.#writes.during(key, () => this.#parts.reconciler.reconcile(key, signal));
      this.#queue.forget(key);
      if (again) this.#queue.addAfter(key, Math.max(1, again.afterMs)); // never at once: a reconciler that asks for no pause would leave no room for anything else
    } catch (err) {
      if (signal.aborted) return;
      const expected = isStatus(err, "Conflict", "NotFound", "AlreadyExists"); // a cache was behind: the next try sees more
      this.#log[expected ? "debug" : "warn"]({ key, err: messageOf(err), failures: this.#queue.failures(key) }, "reconcile failed");
      this.#queue.addRateLimited(key);
    }
  }

  #mustWait(key: string): boolean {
    if (!this.#writes.pending(key)) {
      this.#waiting.delete(key);
      return false;
    }
    const since = this.#waiting.get(key) ?? this.#steady.now();
    this.#waiting.set(key, since);
    if (this.#steady.now() - since < patienceMs) return true;
    this.#log.warn({ key }, "own writes did not appear in the cache");
    this.#writes.forget(key);
    this.#waiting.delete(key);
    return false;
  }
}
