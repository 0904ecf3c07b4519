import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { Damaged, OpenFailed, WriteFailed, type Revision } from "../store.ts";
import type { Committer, OnCommit, Waiting } from "./committer.ts";
import { packOperations, unpackOutcomes, type Answer, type Request } from "./messages.ts";
import type { Operation, Outcome } from "./writer.ts";

/** More unanswered writes than this are refused: whoever calls has lost control of his callers. */
const mostUnanswered = 20_000;

/** Told once when nothing more may be promised: a sync failed, the file is damaged, or the writing thread died. */
export type OnFatal = (err: Error) => void;

interface Compaction { readonly before: Revision; readonly resolve: () => void; readonly reject: (err: unknown) => void }

/** Hands writes to the writing thread, all of one turn of the event loop in one message, and its answers back. */
export class ThreadCommitter implements Committer {
  readonly #worker: Worker;
  readonly #onCommit: OnCommit;
  readonly #onFatal: OnFatal;
  readonly #opened = Promise.withResolvers<void>();
  readonly #closed = Promise.withResolvers<void>();
  readonly #unanswered: Waiting[] = [];
  readonly #compactions: Compaction[] = [];
  #posted = 0;
  #refusal: string | undefined;

  private constructor(path: string, onCommit: OnCommit, onFatal: OnFatal) {
    this.#onCommit = onCommit;
    this.#onFatal = onFatal;
    this.#worker = new Worker(new URL(`./worker${extname(import.meta.filename)}`, import.meta.url), { workerData: path, name: "store-writer" });
    this.#worker.on("message", (answer: Answer) => this.#answered(answer));
    this.#worker.on("error", (err) => this.#fatal(err));
    this.#worker.on("exit", () => this.#gone());
  }

  /** Resolves when the file is open and sound. Throws `OpenFailed` or `Damaged`. */
  static async open(path: string, onCommit: OnCommit, onFatal: OnFatal): Promise<ThreadCommitter> {
    const committer = new ThreadCommitter(path, onCommit, onFatal);
    await committer.#opened.promise;
    return committer;
  }

  submit(operation: Operation): Promise<Outcome> {
    if (this.#refusal !== undefined) return Promise.reject(new WriteFailed(this.#refusal));
    if (this.#unanswered.length >= mostUnanswered) return Promise.reject(new WriteFailed("the store has too many writes waiting"));
    const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
    if (this.#unanswered.push({ operation, resolve, reject }) === this.#posted + 1) setImmediate(() => this.#flush());
    return promise;
  }

  compact(before: Revision): Promise<void> {
    if (this.#refusal !== undefined) return Promise.reject(new WriteFailed(this.#refusal));
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#compactions.push({ before, resolve, reject });
    this.#post({ type: "compact", before });
    return promise;
  }

  close(): Promise<void> {
    if (this.#refusal === undefined) {
      this.#flush();
      this.#refusal = "the store is closed";
      this.#post({ type: "close" });
    }
    return this.#closed.promise;
  }

  #flush(): void {
    if (this.#posted === this.#unanswered.length) return;
    const request = packOperations(this.#unanswered.slice(this.#posted).map((w) => w.operation));
    this.#posted = this.#unanswered.length;
    this.#post(request, [request.bytes]);
  }

  #post(request: Request, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(request, transfer);
  }

  #answered(answer: Answer): void {
    switch (answer.type) {
      case "open": return this.#opened.resolve();
      case "refused": return this.#refused(answer);
      case "written": return this.#written(answer);
      case "failed": return this.#take(answer.count).forEach((w) => w.reject(new WriteFailed(`the store cannot write: ${answer.message}`)));
      case "compacted": return this.#compacted(answer.problem);
      case "fatal": return this.#fatal(new Error(answer.message));
      case "closed": return this.#closed.resolve();
    }
  }

  #refused({ damaged, message }: Extract<Answer, { type: "refused" }>): void {
    this.#refusal = message;
    this.#opened.reject(damaged ? new Damaged(message) : new OpenFailed(message));
  }

  #written(answer: Extract<Answer, { type: "written" }>): void {
    const answered = this.#take(answer.outcomes.length);
    const operations = answered.map((w) => w.operation);
    const outcomes = unpackOutcomes(answer, operations);
    this.#onCommit(operations, outcomes);
    answered.forEach((w, i) => w.resolve(outcomes[i] as Outcome));
  }

  #compacted(problem: string | undefined): void {
    const compaction = this.#compactions.shift();
    if (problem === undefined) compaction?.resolve();
    else compaction?.reject(new WriteFailed(`the store cannot compact: ${problem}`));
  }

  #take(count: number): Waiting[] {
    this.#posted -= count;
    return this.#unanswered.splice(0, count);
  }

  #fatal(err: Error): void {
    this.#refusal = err.message;
    this.#rejectAll(err);
    this.#onFatal(err);
  }

  #gone(): void {
    if (this.#refusal === undefined) this.#fatal(new Error("the store's writing thread ended"));
    this.#rejectAll(new Error("the store is closed"));
    this.#closed.resolve();
  }

  #rejectAll(err: Error): void {
    this.#opened.reject(err);
    for (const { reject } of this.#unanswered.splice(0)) reject(new WriteFailed(err.message, { cause: err }));
    for (const { reject } of this.#compactions.splice(0)) reject(new WriteFailed(err.message, { cause: err }));
    this.#posted = 0;
  }
}
