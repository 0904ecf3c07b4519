import type { DatabaseSync } from "node:sqlite";
import { WriteFailed, type Revision } from "../store.ts";
import type { Committer, OnCommit, Waiting } from "./committer.ts";
import { Writer, type Operation, type Outcome } from "./writer.ts";

/** Writes on the caller's thread, for a store in memory: there is no disk to wait for. */
export class InlineCommitter implements Committer {
  readonly #writer: Writer;
  readonly #onCommit: OnCommit;
  #waiting: Waiting[] = [];
  #closed = false;

  constructor(db: DatabaseSync, onCommit: OnCommit) {
    this.#writer = new Writer(db);
    this.#onCommit = onCommit;
  }

  submit(operation: Operation): Promise<Outcome> {
    if (this.#closed) return Promise.reject(new WriteFailed("the store is closed"));
    const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
    if (this.#waiting.push({ operation, resolve, reject }) === 1) queueMicrotask(() => this.#flush());
    return promise;
  }

  async compact(before: Revision): Promise<void> {
    this.#flush();
    while (!this.#writer.compact(before));
  }

  async close(): Promise<void> {
    this.#flush();
    this.#closed = true;
  }

  #flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    if (waiting.length === 0) return;
    const operations = waiting.map((w) => w.operation);
    try {
      const outcomes = this.#writer.apply(operations);
      this.#onCommit(operations, outcomes);
      waiting.forEach((w, i) => w.resolve(outcomes[i] as Outcome));
    } catch (err) {
      for (const { reject } of waiting) reject(new WriteFailed("the store cannot write", { cause: err }));
    }
  }
}
