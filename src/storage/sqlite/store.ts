import { DatabaseSync } from "node:sqlite";
import { WriteFailed, type Change, type Entry, type ListOptions, type Page, type Read, type Revision, type Step, type Store, type Write } from "../store.ts";
import type { Committer, OnCommit } from "./committer.ts";
import { InlineCommitter } from "./inline-committer.ts";
import { lockFile } from "./lock.ts";
import { openFile } from "./open-file.ts";
import { Reader } from "./reader.ts";
import { ThreadCommitter, type OnFatal } from "./thread-committer.ts";
import { Watchers, type LagBound } from "./watchers.ts";
import type { Operation, Outcome } from "./writer.ts";

export interface SqliteStoreOptions {
  /** A file, made if it is not there (its directory must be); `:memory:` for a store that ends with its process. */
  readonly path: string;
  /**
   * Called once when the store can promise nothing more: a sync failed or the file is damaged. The process should end,
   * and ends by default (an uncaught exception): what was acknowledged is found again at the next start.
   */
  readonly onFatal?: OnFatal;
  readonly lagBound?: LagBound;
}

/**
 * Opens the embedded store. Throws `OpenFailed` when another process has it, when the file is another program's or a
 * newer Seedpod's, or when it cannot be opened; `Damaged` when its content cannot be trusted.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  return options.path === ":memory:" ? openInMemory(options) : openOnDisk(options);
}

function openInMemory({ lagBound }: SqliteStoreOptions): Store {
  const db = openFile(":memory:");
  const reader = new Reader(db);
  const watchers = new Watchers(reader, lagBound);
  const committer = new InlineCommitter(db, publishTo(watchers));
  const opened = new AsyncDisposableStack();
  opened.defer(() => db.close());
  opened.defer(() => committer.close());
  return new SqliteStore(reader, committer, watchers, opened);
}

/** Writes go through a thread of their own, which waits for the disk; reads are answered here, from SQLite's page cache. */
async function openOnDisk({ path, lagBound, onFatal = endProcess }: SqliteStoreOptions): Promise<Store> {
  await using opened = new AsyncDisposableStack();
  const lock = lockFile(path);
  opened.defer(() => lock.release());
  let publish: OnCommit = () => {};
  const committer = await ThreadCommitter.open(path, (operations, outcomes) => publish(operations, outcomes), onFatal);
  opened.defer(() => committer.close());
  const db = new DatabaseSync(path, { readOnly: true });
  opened.defer(() => db.close()); // before the writer's connection, which tidies the log as the last one
  db.exec("PRAGMA cache_size = -8000; PRAGMA busy_timeout = 5000;");
  const reader = new Reader(db);
  const watchers = new Watchers(reader, lagBound);
  publish = publishTo(watchers);
  return new SqliteStore(reader, committer, watchers, opened.move());
}

class SqliteStore implements Store {
  readonly #reader: Reader;
  readonly #committer: Committer;
  readonly #watchers: Watchers;
  readonly #opened: AsyncDisposableStack;
  #closing: Promise<void> | undefined;

  /** @param opened what `close` gives back, in reverse */
  constructor(reader: Reader, committer: Committer, watchers: Watchers, opened: AsyncDisposableStack) {
    this.#reader = reader;
    this.#committer = committer;
    this.#watchers = watchers;
    this.#opened = opened;
  }

  get = async (key: string, at?: Revision): Promise<Read> => this.#reader.get(key, at);
  list = async (prefix: string, options?: ListOptions): Promise<Page> => this.#reader.list(prefix, options);
  count = async (prefix: string): Promise<number> => this.#reader.count(prefix);
  /** Asked before every read of the API server: nothing is read from the file for it, since nobody else writes there. */
  revision = async (): Promise<Revision> => this.#watchers.published;

  async put(key: string, value: Uint8Array, expected: Revision): Promise<Write> {
    if (key === "" || !key.isWellFormed()) throw new TypeError(`not a key: ${JSON.stringify(key)}`);
    return answerOf(await this.#committer.submit({ key, value, expected }));
  }

  async delete(key: string, expected: Revision): Promise<Write> {
    return answerOf(await this.#committer.submit({ key, value: undefined, expected }));
  }

  watch(prefix: string, from: Revision, signal: AbortSignal): AsyncIterable<Step> {
    return this.#watchers.watch(prefix, from, signal);
  }

  compact(before: Revision): Promise<void> {
    return this.#committer.compact(before);
  }

  /** One process has the file: it is always its turn. */
  claimCompaction = async (): Promise<boolean> => true;

  close(): Promise<void> {
    this.#watchers.close();
    this.#closing ??= this.#opened.disposeAsync();
    return this.#closing;
  }
}

const answerOf = (outcome: Outcome): Write => (outcome.ok ? { ok: true, revision: outcome.revision } : { ok: false, current: outcome.current });

const publishTo = (watchers: Watchers): OnCommit => (operations, outcomes) => {
  const changes = outcomes.flatMap((outcome, i) => (outcome.ok ? [changeOf(operations[i] as Operation, outcome)] : []));
  const last = changes.at(-1);
  if (last !== undefined) watchers.publish(changes, last.type === "put" ? last.entry.modified : last.revision);
};

function changeOf({ key, value }: Operation, { revision, previous }: Extract<Outcome, { ok: true }>): Change {
  if (value === undefined) return { type: "delete", previous: previous as Entry, revision };
  return { type: "put", entry: { key, value, created: previous?.created ?? revision, modified: revision }, previous };
}

function endProcess(err: Error): void {
  queueMicrotask(() => { throw new WriteFailed(`the store is broken and its process ends: ${err.message}`, { cause: err }); });
}
