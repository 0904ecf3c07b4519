import { Compacted, FutureRevision, Unavailable, type Entry, type ListOptions, type Page, type Read, type Revision } from "../store.ts";
import type { Connection } from "./connection.ts";
import { entryOf } from "./entries.ts";
import { isOutOfRange, readFault } from "./faults.ts";
import type { RangeRequest, RangeResponse } from "./gen/etcd-v3.ts";
import type { Head } from "./head.ts";
import { after as behind, type Keyspace } from "./keyspace.ts";

/** How many entries one call asks for: a list of everything neither fills a message nor holds up etcd. */
const pageSize = 1_000;
/** etcd refuses a watch on history that is gone within a tenth of a second. */
const probeMs = 2_000;

/** Reads, all of them linearizable: they see every write that any server has acknowledged before. */
export class Reads {
  readonly #connection: Connection;
  readonly #keyspace: Keyspace;
  readonly #head: Head;

  constructor(connection: Connection, keyspace: Keyspace, head: Head) {
    this.#connection = connection;
    this.#keyspace = keyspace;
    this.#head = head;
  }

  async get(key: string, at?: Revision): Promise<Read> {
    const { header, kvs: [kv] = [] } = await this.#range({ key: this.#keyspace.toEtcd(key) }, at);
    return { entry: kv && entryOf(this.#keyspace, kv), revision: at ?? header?.revision ?? 0 };
  }

  async list(prefix: string, { at, after, limit = Infinity }: ListOptions = {}): Promise<Page> {
    const { key, rangeEnd } = this.#keyspace.range(prefix);
    const entries: Entry[] = [];
    let revision = at;
    for (let from = startOf(key, after === undefined ? undefined : this.#keyspace.toEtcd(after)); ;) {
      const { header, kvs = [], count = 0 } = await this.#range({ key: from, rangeEnd, limit: Math.min(limit - entries.length, pageSize) }, revision);
      revision ??= header?.revision ?? 0;
      for (const kv of kvs) entries.push(entryOf(this.#keyspace, kv));
      const remaining = count - kvs.length;
      if (remaining === 0 || entries.length >= limit) return { entries, revision, more: remaining > 0, remaining };
      from = behind(kvs.at(-1)?.key ?? from);
    }
  }

  async count(prefix: string): Promise<number> {
    return (await this.#range({ ...this.#keyspace.range(prefix), countOnly: true }, undefined)).count ?? 0;
  }

  async #range(request: RangeRequest, at: Revision | undefined): Promise<RangeResponse> {
    try {
      return await this.#connection.read("range", at === undefined ? request : { ...request, revision: Math.max(at, 1) }); // 0 would mean the newest; an empty etcd is at 1
    } catch (err) {
      throw at === undefined || !isOutOfRange(err) ? readFault(err) : await this.#outOfRange(at, err);
    }
  }

  async #outOfRange(at: Revision, err: unknown): Promise<Error> {
    const newest = await this.#head.read();
    if (at > newest) return new FutureRevision(newest);
    const oldest = await this.#oldest(at);
    return oldest === undefined ? readFault(err) : new Compacted(oldest);
  }

  /** The oldest revision that can be read, which etcd tells only to watches from before it. */
  async #oldest(before: Revision): Promise<Revision | undefined> {
    const stream = this.#connection.openWatch();
    const late = AbortSignal.timeout(probeMs);
    late.addEventListener("abort", () => stream.cancel());
    try {
      stream.write({ createRequest: { key: this.#keyspace.marker, startRevision: Math.max(before, 1) } });
      for await (const { compactRevision } of stream as AsyncIterable<{ readonly compactRevision?: number }>) if (compactRevision) return compactRevision;
      return undefined;
    } catch (err) {
      if (late.aborted) return undefined;
      throw err instanceof Unavailable ? err : readFault(err);
    } finally {
      stream.on("error", () => {});
      stream.cancel();
    }
  }
}

const startOf = (key: Uint8Array, after: Uint8Array | undefined): Uint8Array => (after !== undefined && Buffer.compare(after, key) >= 0 ? behind(after) : key);
