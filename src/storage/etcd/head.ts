import type { Revision } from "../store.ts";
import type { Connection } from "./connection.ts";

/**
 * The newest revision, asked of etcd's leader (a linearizable read), so that it covers every write that any server has
 * acknowledged before the question. Questions that come while one is under way share the next one; where that one
 * gets no answer at all, neither would they.
 */
export class Head {
  readonly #connection: Connection;
  readonly #key: Uint8Array;
  #running: Promise<Revision> | undefined;
  #next: Promise<Revision> | undefined;

  /** @param key any one: nothing of it is read */
  constructor(connection: Connection, key: Uint8Array) {
    this.#connection = connection;
    this.#key = key;
  }

  read(): Promise<Revision> {
    if (this.#running === undefined) return this.#start();
    this.#next ??= this.#running.finally(() => { this.#next = undefined; }).then(() => this.#start());
    return this.#next;
  }

  #start(): Promise<Revision> {
    const running = this.#ask().finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    this.#running = running;
    return running;
  }

  async #ask(): Promise<Revision> {
    const { header } = await this.#connection.read("range", { key: this.#key, countOnly: true });
    return header?.revision ?? 0;
  }
}
