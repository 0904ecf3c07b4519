import type { Revision } from "../store.ts";
import type { Operation, Outcome } from "./writer.ts";

/**
 * Makes writes durable, in the order in which they were submitted. `submit` rejects with `WriteFailed` when the write
 * has not happened and never will.
 */
export interface Committer {
  submit(operation: Operation): Promise<Outcome>;
  compact(before: Revision): Promise<void>;
  /** Finishes what was submitted. Later submits reject. */
  close(): Promise<void>;
}

/** Told of every committed group before its writers are, in revision order. */
export type OnCommit = (operations: readonly Operation[], outcomes: readonly Outcome[]) => void;

/** One unanswered write. */
export interface Waiting { readonly operation: Operation; readonly resolve: (outcome: Outcome) => void; readonly reject: (err: unknown) => void }
