import type { Entry, Revision } from "../store.ts";
import type { Operation, Outcome } from "./writer.ts";

/** From the store to its writing thread. Writes are answered in the order in which they were posted. */
export type Request =
  | { readonly type: "write"; readonly operations: readonly PackedOperation[]; readonly bytes: ArrayBuffer }
  | { readonly type: "compact"; readonly before: Revision }
  | { readonly type: "close" };

/** From the writing thread. `written` and `failed` answer as many of the oldest unanswered writes as they name. */
export type Answer =
  | { readonly type: "open" }
  | { readonly type: "refused"; readonly damaged: boolean; readonly message: string }
  | { readonly type: "written"; readonly outcomes: readonly PackedOutcome[]; readonly bytes: ArrayBuffer }
  | { readonly type: "failed"; readonly count: number; readonly message: string }
  | { readonly type: "compacted"; readonly before: Revision; readonly problem: string | undefined }
  | { readonly type: "fatal"; readonly message: string }
  | { readonly type: "closed" };

/** A stretch of the message's one buffer. Copying each value alone would cost a buffer, and a pooled `Buffer` its whole pool. */
interface Span { readonly start: number; readonly length: number }
interface PackedOperation { readonly key: string; readonly expected: Revision; readonly value: Span | undefined }
interface PackedEntry { readonly created: Revision; readonly modified: Revision; readonly value: Span }
type PackedOutcome = { readonly ok: true; readonly revision: Revision; readonly previous: PackedEntry | undefined } | { readonly ok: false; readonly current: PackedEntry | undefined };

/** Operations as one message: the values lie one behind the other in one buffer, which is handed over instead of copied. */
export function packOperations(operations: readonly Operation[]): Extract<Request, { type: "write" }> {
  const packer = new Packer();
  const packed = operations.map(({ key, expected, value }) => ({ key, expected, value: value && packer.add(value) }));
  return { type: "write", operations: packed, bytes: packer.bytes() };
}

/** What `packOperations` has packed; the values are views of the message's buffer. */
export function unpackOperations({ operations, bytes }: Extract<Request, { type: "write" }>): readonly Operation[] {
  return operations.map(({ key, expected, value }) => ({ key, expected, value: value && view(bytes, value) }));
}

/** Outcomes as one message, packed alike. */
export function packOutcomes(outcomes: readonly Outcome[]): Extract<Answer, { type: "written" }> {
  const packer = new Packer();
  const pack = (entry: Entry | undefined): PackedEntry | undefined => entry && { created: entry.created, modified: entry.modified, value: packer.add(entry.value) };
  const packed = outcomes.map((o): PackedOutcome => (o.ok ? { ok: true, revision: o.revision, previous: pack(o.previous) } : { ok: false, current: pack(o.current) }));
  return { type: "written", outcomes: packed, bytes: packer.bytes() };
}

/** `operations` are the ones that these outcomes answer: keys do not travel back. */
export function unpackOutcomes({ outcomes, bytes }: Extract<Answer, { type: "written" }>, operations: readonly Operation[]): readonly Outcome[] {
  return outcomes.map((o, i) => {
    const unpack = (e: PackedEntry | undefined): Entry | undefined => e && { key: operations[i]?.key ?? "", created: e.created, modified: e.modified, value: view(bytes, e.value) };
    return o.ok ? { ok: true, revision: o.revision, previous: unpack(o.previous) } : { ok: false, current: unpack(o.current) };
  });
}

class Packer {
  readonly #values: Uint8Array[] = [];
  #length = 0;

  add(value: Uint8Array): Span {
    const start = this.#length;
    this.#values.push(value);
    this.#length += value.length;
    return { start, length: value.length };
  }

  bytes(): ArrayBuffer {
    const all = new Uint8Array(this.#length);
    let at = 0;
    for (const value of this.#values) {
      all.set(value, at);
      at += value.length;
    }
    return all.buffer;
  }
}

const view = (bytes: ArrayBuffer, { start, length }: Span): Uint8Array => new Uint8Array(bytes, start, length);
