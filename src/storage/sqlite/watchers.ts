import { nextTurn } from "#base/clock.ts";
import { Lagging, type Change, type Revision, type Step } from "../store.ts";
import type { Reader } from "./reader.ts";

/** How far a consumer may fall behind before it is cut off. */
export interface LagBound { readonly changes: number; readonly bytes: number }
const defaultBound: LagBound = { changes: 10_000, bytes: 64 * 1024 * 1024 };
/** Revisions that one read of the past looks at, more with each read until it brings so many bytes; between two such reads others have their turn. */
const perRead = { first: 1, most: 1_000, bytes: 256 * 1024 };

/** All running watches. Each reads the past from the file until it has caught up, then lives on what is published. */
export class Watchers {
  readonly #reader: Reader;
  readonly #bound: LagBound;
  readonly #live = new Set<Subscription>();
  readonly #closed = new AbortController();
  #published: Revision;

  constructor(reader: Reader, bound: LagBound = defaultBound) {
    this.#reader = reader;
    this.#bound = bound;
    this.#published = reader.bounds().newest;
  }

  /** The newest revision that was handed on: at least that of every acknowledged write. */
  get published(): Revision {
    return this.#published;
  }

  /** Hands on committed changes; `newest` is the revision of the last. */
  publish(changes: readonly Change[], newest: Revision): void {
    this.#published = newest;
    for (const subscription of this.#live) subscription.offer(changes, newest);
  }

  /** As `Store.watch`. */
  async *watch(prefix: string, from: Revision, signal: AbortSignal): AsyncGenerator<Step, void> {
    const ended = AbortSignal.any([signal, this.#closed.signal]);
    let [position, revisions] = [from, perRead.first];
    for (let first = true; !ended.aborted && (first || position < this.#published); first = false) {
      const step = this.#reader.changes(prefix, position, revisions);
      position = step.upTo;
      const bytes = step.changes.reduce((sum, change) => sum + sizeOf(change), 0);
      revisions = bytes < perRead.bytes ? Math.min(perRead.most, revisions * 2) : Math.max(1, revisions >> 1);
      if (step.changes.length > 0) yield step;
      else await nextTurn();
    }
    const subscription = new Subscription(prefix, position, this.#bound);
    this.#live.add(subscription);
    try {
      yield* subscription.until(ended);
    } finally {
      this.#live.delete(subscription);
    }
  }

  close(): void {
    this.#closed.abort();
  }
}

/** One watch that has caught up: what was published and not yet taken. */
class Subscription {
  readonly #prefix: string;
  readonly #bound: LagBound;
  #position: Revision;
  #told: Revision;
  #queue: Change[] = [];
  #bytes = 0;
  #lagging = false;
  #wake: (() => void) | undefined;

  constructor(prefix: string, position: Revision, bound: LagBound) {
    this.#prefix = prefix;
    this.#position = position;
    this.#told = position;
    this.#bound = bound;
  }

  offer(changes: readonly Change[], upTo: Revision): void {
    if (this.#lagging || upTo <= this.#position) return;
    for (const change of changes) {
      if (revisionOf(change) <= this.#position || !keyOf(change).startsWith(this.#prefix)) continue;
      this.#queue.push(change);
      this.#bytes += sizeOf(change);
    }
    this.#position = upTo;
    if (this.#queue.length > this.#bound.changes || this.#bytes > this.#bound.bytes) {
      this.#lagging = true;
      this.#queue = [];
    }
    this.#wake?.();
  }

  async *until(signal: AbortSignal): AsyncGenerator<Step, void> {
    const stop = (): void => this.#wake?.();
    signal.addEventListener("abort", stop);
    try {
      while (!signal.aborted) {
        if (this.#lagging) throw new Lagging(`the watcher of ${this.#prefix} fell more than ${this.#bound.changes} changes or ${this.#bound.bytes} bytes behind`);
        const changes = this.#queue;
        this.#queue = [];
        this.#bytes = 0;
        if (this.#told < this.#position) yield { changes, upTo: (this.#told = this.#position) };
        else await new Promise<void>((resolve) => { this.#wake = resolve; });
      }
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }
}

const keyOf = (change: Change): string => (change.type === "put" ? change.entry.key : change.previous.key);
const revisionOf = (change: Change): Revision => (change.type === "put" ? change.entry.modified : change.revision);
const sizeOf = (change: Change): number => (change.type === "put" ? change.entry.value.length : 0) + (change.previous?.value.length ?? 0);
