/**
 * The storage seam: keys, bytes and revisions. It does not know what a Pod is.
 *
 * One revision counter orders every write of the whole store: a later write has a greater one, and nothing else may be
 * read out of it, because others may write to the same backend. A write is acknowledged (its promise resolves) only
 * after it is durable. Keys begin with `/`. All implementations run `store.contract.ts`.
 */
export interface Store {
  /** The newest entry, or the one that stood at revision `at`. Throws `Compacted` when that history is gone, `FutureRevision` when it is not written yet. */
  get(key: string, at?: Revision): Promise<Read>;
  /** Entries whose key starts with `prefix`, in key order, all of one revision. Throws as `get`. */
  list(prefix: string, options?: ListOptions): Promise<Page>;
  /** How many keys start with `prefix` now. */
  count(prefix: string): Promise<number>;
  /**
   * Writes if the key still stands at `expected`; 0 means it must not exist. A lost race is an answer. Throws
   * `WriteFailed` when it was not written, and when nobody can say (`outcome`): then read before trying again.
   */
  put(key: string, value: Uint8Array, expected: Revision): Promise<Write>;
  /** Deletes if the key still stands at `expected`. */
  delete(key: string, expected: Revision): Promise<Write>;
  /**
   * Every change of keys under `prefix` after revision `from`, in order, once, without a gap. Ends when `signal` aborts.
   * Throws `Compacted` at once or later, when the history after `from` is gone, and `FutureRevision` when `from` is not
   * written yet. A consumer that falls behind makes the store wait for it where the backend keeps the history, and gets
   * `Lagging` where it does not: never unbounded memory.
   */
  watch(prefix: string, from: Revision, signal: AbortSignal): AsyncIterable<Step>;
  /**
   * The newest revision, at least that of every write acknowledged before the call, by whatever server. A watch of
   * all keys comes to it soon, without a write.
   */
  revision(): Promise<Revision>;
  /** Forgets history before `before`; what stood at `before` stays readable. Never above the newest revision. */
  compact(before: Revision): Promise<void>;
  /** Whether it falls to this server to compact now: of several on one backend that ask at the same pace, one is told yes. */
  claimCompaction(): Promise<boolean>;
  /** Ends watches, finishes acknowledged work, releases files. */
  close(): Promise<void>;
}

export type Revision = number;
/** `created`: the revision that made the key. `modified`: the one that wrote this value. */
export interface Entry { readonly key: string; readonly value: Uint8Array; readonly created: Revision; readonly modified: Revision }
export interface Read { readonly entry: Entry | undefined; readonly revision: Revision }
/** `remaining`: how many more keys there are behind this page. */
export interface Page { readonly entries: readonly Entry[]; readonly revision: Revision; readonly more: boolean; readonly remaining: number }
/** `after`: only keys greater than this one. */
export interface ListOptions { readonly at?: Revision; readonly after?: string; readonly limit?: number }

/** A lost race is an answer, not an exception. `revision` of a delete is that of the tombstone. */
export type Write = { readonly ok: true; readonly revision: Revision } | { readonly ok: false; readonly current: Entry | undefined };
/** `previous` of a put is what it replaced, if anything: watchers with selectors need it. */
export type Change =
  | { readonly type: "put"; readonly entry: Entry; readonly previous: Entry | undefined }
  | { readonly type: "delete"; readonly previous: Entry; readonly revision: Revision };

/** What a watch tells at once: with `changes`, everything up to and with revision `upTo` is told. Without changes, only time has passed. */
export interface Step { readonly changes: readonly Change[]; readonly upTo: Revision }

/** The asked-for history is gone; `oldest` is the oldest revision that can still be read. */
export class Compacted extends Error {
  override readonly name = "Compacted";
  readonly oldest: Revision;

  constructor(oldest: Revision) {
    super(`revision is compacted; the oldest is ${oldest}`);
    this.oldest = oldest;
  }
}

/** The asked-for revision is not written yet. */
export class FutureRevision extends Error {
  override readonly name = "FutureRevision";
  readonly newest: Revision;

  constructor(newest: Revision) {
    super(`revision is in the future; the newest is ${newest}`);
    this.newest = newest;
  }
}

/** The watcher did not keep up and was cut off. */
export class Lagging extends Error {
  override readonly name = "Lagging";
}

/** The store cannot write (disk full, I/O error); reads go on. With `outcome` unknown, the write may have been made or may still be. */
export class WriteFailed extends Error {
  override readonly name = "WriteFailed";
  readonly outcome: "not written" | "unknown";

  constructor(message: string, options?: ErrorOptions & { readonly outcome?: "not written" | "unknown" }) {
    super(message, options);
    this.outcome = options?.outcome ?? "not written";
  }
}

/** The backend does not answer, or refuses to; the same call may succeed later. */
export class Unavailable extends Error {
  override readonly name = "Unavailable";
}

/** What is stored cannot be trusted: the file was refused at opening, or an entry does not match its checksum. Never half read. */
export class Damaged extends Error {
  override readonly name = "Damaged";
}

/** The store cannot be opened for a reason the operator can act on: the message says which. */
export class OpenFailed extends Error {
  override readonly name = "OpenFailed";
}
