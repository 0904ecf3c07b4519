import type { Revision } from "../store.ts";
import type { Connection } from "./connection.ts";
import { isOutOfRange, readFault } from "./faults.ts";

/** Shared by all API servers on one etcd, upstream's among them: who succeeds in writing it does the compaction of this interval. */
const key = Buffer.from("compact_rev_key");

/** Upstream: apiserver/pkg/storage/etcd3/compact.go */
export class Compaction {
  readonly #connection: Connection;
  /** How often the key was written, as this server last saw it. */
  #seen = 0;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Writes down that it is done, if nobody has since this server last asked. @param newest written for people who look */
  async claim(newest: Revision): Promise<boolean> {
    const { succeeded = false, responses = [] } = await this.#connection.write("txn", {
      compare: [{ key, target: "VERSION", result: "EQUAL", version: this.#seen }],
      success: [{ requestPut: { key, value: Buffer.from(String(newest)) } }],
      failure: [{ requestRange: { key } }],
    });
    this.#seen = succeeded ? this.#seen + 1 : (responses[0]?.responseRange?.kvs?.[0]?.version ?? 0);
    return succeeded;
  }

  /** Repeatable: what is compacted already stays so. */
  async compact(before: Revision): Promise<void> {
    try {
      await this.#connection.read("compact", { revision: before });
    } catch (err) {
      if (!isOutOfRange(err)) throw readFault(err);
    }
  }
}
