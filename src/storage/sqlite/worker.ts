/** The writing thread: it alone waits for the disk. Everything that arrives while one transaction syncs goes into the next. */
import { DatabaseSync } from "node:sqlite";
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { messageOf } from "#base/error-message.ts";
import { Checkpoints } from "./checkpoints.ts";
import { faultOf } from "./faults.ts";
import { packOutcomes, unpackOperations, type Answer, type Request } from "./messages.ts";
import { openFile } from "./open-file.ts";
import { Writer, type Operation } from "./writer.ts";

/** A transaction that is large enough: what waits behind it should not wait for more. */
const operationsPerTransaction = 2_000;

class Thread {
  readonly #db: DatabaseSync;
  readonly #writer: Writer;
  readonly #checkpoints: Checkpoints;
  #compactions: number[] = [];
  #broken = false;

  constructor(path: string) {
    this.#db = openFile(path);
    this.#writer = new Writer(this.#db);
    this.#checkpoints = new Checkpoints(this.#db);
  }

  /** Takes `first` and all that waits behind it. */
  take(first: Request): void {
    let operations: Operation[] = [];
    for (let request: Request | undefined = first; request !== undefined; request = next()) {
      if (request.type === "write") operations.push(...unpackOperations(request));
      else if (request.type === "compact") this.#compactions.push(request.before);
      else return this.#close(operations);
      if (operations.length < operationsPerTransaction) continue;
      this.#write(operations);
      operations = [];
    }
    this.#write(operations);
    this.#compactSoon();
  }

  #write(operations: readonly Operation[]): void {
    if (operations.length === 0 || this.#broken) return;
    try {
      const answer = packOutcomes(this.#writer.apply(operations));
      post(answer, [answer.bytes]);
    } catch (err) {
      this.#failed(err, { type: "failed", count: operations.length, message: messageOf(err) });
    }
    this.#checkpoints.afterWriting(operations);
  }

  #compactSoon(): void {
    if (this.#compactions.length > 0) setImmediate(() => this.#compactOneStep());
  }

  #compactOneStep(): void {
    const before = this.#compactions[0];
    if (before === undefined || this.#broken) return;
    try {
      if (this.#writer.compact(before)) this.#compacted(before, undefined);
    } catch (err) {
      this.#compacted(before, messageOf(err));
      this.#failed(err);
    }
    this.#compactSoon();
  }

  #compacted(before: number, problem: string | undefined): void {
    this.#compactions.shift();
    post({ type: "compacted", before, problem });
  }

  #failed(err: unknown, answer?: Answer): void {
    const fault = faultOf(err);
    if (fault === "full") {
      if (answer !== undefined) post(answer);
      return;
    }
    this.#broken = true;
    post({ type: "fatal", message: fault === "damaged" ? `the store's file is damaged: ${messageOf(err)}` : `the store could not sync its file: ${messageOf(err)}` });
  }

  #close(operations: readonly Operation[]): void {
    this.#write(operations);
    for (const before of this.#compactions) post({ type: "compacted", before, problem: "the store is closed" });
    this.#compactions = [];
    this.#db.close();
    post({ type: "closed" });
    parentPort?.close();
  }
}

const post = (answer: Answer, transfer: ArrayBuffer[] = []): void => parentPort?.postMessage(answer, transfer);
const next = (): Request | undefined => (parentPort === null ? undefined : (receiveMessageOnPort(parentPort)?.message as Request | undefined));

try {
  const thread = new Thread(String(workerData));
  parentPort?.on("message", (request: Request) => thread.take(request));
  post({ type: "open" });
} catch (err) {
  post({ type: "refused", damaged: err instanceof Error && err.name === "Damaged", message: messageOf(err) });
  parentPort?.close();
}
