/** What the driver and the server's process say to each other. */
import type { Bug } from "./bugs.ts";

/** The write at which the process kills itself, counted from now: before it is durable, or when it is and nobody has been told. */
export interface Death { readonly atWrite: number; readonly moment: "before" | "after"; /** Only writes of this resource count. */ readonly of?: string }

export type Order =
  | { readonly order: "open"; readonly dataDir: string; readonly now: number; readonly bug?: Bug }
  /** Moves time and answers with `calm` when everybody has done what that gave to do. */
  | { readonly order: "time"; readonly now: number }
  | { readonly order: "die"; readonly death: Death };

export type Answer =
  | { readonly answer: "open"; readonly revision: number }
  /** `nextMs`: until the next sleeper is due. `asked`: requests so far. */
  | { readonly answer: "calm"; readonly nextMs: number; readonly asked: number; readonly heapBytes: number; readonly rssBytes: number };
