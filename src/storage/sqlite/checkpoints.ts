import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Operation } from "./writer.ts";

/** How much the log may grow before its pages move into the database. */
const bytesBetween = 4 * 1024 * 1024;
/** What one write costs in the log beside its value: the touched pages of two indexes, shared by a transaction's writes. */
const bytesPerWrite = 512;

/** Moves the log into the database after acknowledgements have gone out, never before them. */
export class Checkpoints {
  readonly #checkpoint: StatementSync;
  #bytes = 0;

  constructor(db: DatabaseSync) {
    this.#checkpoint = db.prepare("PRAGMA wal_checkpoint(PASSIVE)");
  }

  afterWriting(operations: readonly Operation[]): void {
    for (const { value } of operations) this.#bytes += bytesPerWrite + (value?.length ?? 0);
    if (this.#bytes < bytesBetween) return;
    this.#bytes = 0;
    try {
      this.#checkpoint.get();
    } catch {
      // The log keeps everything; the next round moves it. A disk that stays full shows in the writes.
    }
  }
}
