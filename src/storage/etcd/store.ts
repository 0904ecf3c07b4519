import { systemClock, type Clock } from "#base/clock.ts";
import { silent, type Logger } from "#base/log.ts";
import { OpenFailed, WriteFailed, type ListOptions, type Page, type Read, type Revision, type Step, type Store, type Write } from "../store.ts";
import { Compaction } from "./compaction.ts";
import { Connection, defaultTimeouts, type Timeouts, type Tls } from "./connection.ts";
import { entryOf } from "./entries.ts";
import { isServiceError } from "./faults.ts";
import type { RequestOp } from "./gen/etcd-v3.ts";
import { Head } from "./head.ts";
import { Keyspace } from "./keyspace.ts";
import { answersProgress, Progress, type Follower } from "./progress.ts";
import { Reads } from "./reads.ts";
import { watch } from "./watch.ts";

export interface EtcdStoreOptions {
  /** `http://host:port` or `https://host:port`: servers of one cluster. */
  readonly servers: readonly string[];
  readonly tls?: Tls;
  /** What our keys begin with, and what they begin with in etcd instead. */
  readonly root?: string;
  readonly prefix?: string;
  readonly clock?: Clock;
  readonly log?: Logger;
  readonly timeouts?: Timeouts;
}

const defaultRoot = "/registry";
/** More unanswered writes than this are refused: etcd is slower than its clients. */
const maxPending = 20_000;

/** Opens a store on an etcd cluster (v3.4 or later), which other servers may use at the same time. Throws `OpenFailed` when it does not answer or does not let us in. */
export async function openEtcdStore(options: EtcdStoreOptions): Promise<Store> {
  const { servers, tls = {}, root = defaultRoot, prefix = root, clock = systemClock, timeouts = defaultTimeouts } = options;
  const connection = new Connection(servers, tls, clock, timeouts);
  const keyspace = new Keyspace(root, prefix);
  const head = new Head(connection, keyspace.marker);
  try {
    await head.read();
    const versions = await connection.versions();
    return new EtcdStore({ connection, keyspace, head, clock, log: options.log ?? silent }, versions.every(answersProgress));
  } catch (err) {
    connection.close();
    const why = isServiceError(err) ? err.details : (err as Error).message;
    throw new OpenFailed(`etcd at ${servers.join(", ")} cannot be used: ${why}`, { cause: err });
  }
}

interface Parts { readonly connection: Connection; readonly keyspace: Keyspace; readonly head: Head; readonly clock: Clock; readonly log: Logger }

class EtcdStore implements Store {
  readonly #parts: Parts;
  readonly #reads: Reads;
  readonly #progress: Progress;
  readonly #compaction: Compaction;
  readonly #pending = new Set<Promise<unknown>>();
  readonly #closed = new AbortController();

  /** @param reportsProgress whether all servers answer a request for progress, and rightly */
  constructor(parts: Parts, reportsProgress: boolean) {
    const { connection, keyspace, head, clock } = parts;
    this.#parts = parts;
    this.#reads = new Reads(connection, keyspace, head);
    this.#progress = new Progress(clock, reportsProgress ? requestProgress : () => this.#writeMarker());
    this.#compaction = new Compaction(connection);
  }

  get = (key: string, at?: Revision): Promise<Read> => this.#reads.get(key, at);
  list = (prefix: string, options?: ListOptions): Promise<Page> => this.#reads.list(prefix, options);
  count = (prefix: string): Promise<number> => this.#reads.count(prefix);

  async revision(): Promise<Revision> {
    const revision = await this.#parts.head.read();
    this.#progress.expect(revision);
    return revision;
  }

  async put(key: string, value: Uint8Array, expected: Revision): Promise<Write> {
    const raw = this.#parts.keyspace.toEtcd(key);
    return this.#swap(raw, expected, { requestPut: { key: raw, value } });
  }

  async delete(key: string, expected: Revision): Promise<Write> {
    if (expected === 0) return { ok: false, current: (await this.get(key)).entry };
    const raw = this.#parts.keyspace.toEtcd(key);
    return this.#swap(raw, expected, { requestDeleteRange: { key: raw } });
  }

  watch(prefix: string, from: Revision, signal: AbortSignal): AsyncIterable<Step> {
    return watch({ ...this.#parts, progress: this.#progress }, prefix, from, AbortSignal.any([signal, this.#closed.signal]));
  }

  async compact(before: Revision): Promise<void> {
    await this.#compaction.compact(Math.min(before, await this.#parts.head.read()));
  }

  async claimCompaction(): Promise<boolean> {
    const claimed = await this.#compaction.claim(await this.#parts.head.read());
    await this.revision(); // watches learn of it, so that no place of theirs is older than the history that is left
    return claimed;
  }

  async close(): Promise<void> {
    this.#closed.abort();
    this.#progress.close();
    await Promise.allSettled(this.#pending);
    this.#parts.connection.close();
  }

  /** `change` if the key still stands at `expected`, else what stands. */
  async #swap(key: Uint8Array, expected: Revision, change: RequestOp): Promise<Write> {
    if (this.#closed.signal.aborted) throw new WriteFailed("the store is closed");
    if (this.#pending.size >= maxPending) throw new WriteFailed(`${maxPending} writes wait for etcd`);
    const call = this.#parts.connection.write("txn", {
      compare: [{ key, target: "MOD", result: "EQUAL", modRevision: expected }],
      success: [change],
      failure: [{ requestRange: { key } }],
    });
    this.#pending.add(call);
    const { succeeded, header, responses = [] } = await call.finally(() => this.#pending.delete(call));
    if (succeeded === true) return { ok: true, revision: header?.revision ?? 0 };
    const current = responses[0]?.responseRange?.kvs?.[0];
    return { ok: false, current: current && entryOf(this.#parts.keyspace, current) };
  }

  async #writeMarker(): Promise<void> {
    await this.#parts.connection.read("put", { key: this.#parts.keyspace.marker });
  }
}

async function requestProgress(followers: Iterable<Follower>): Promise<void> {
  for (const { request } of followers) request();
}
