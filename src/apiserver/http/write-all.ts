import { once } from "node:events";
import type { Writable } from "node:stream";
import { left } from "./left.ts";

/**
 * Writes piece by piece, waiting where the reader is slow. Returns early when the reader is gone; releases the source in any case.
 * @param cut when it aborts, a reader who has not read is left by itself: throws its reason
 */
export async function writeAll(to: Writable, pieces: AsyncIterable<Uint8Array>, cut?: AbortSignal): Promise<void> {
  const gone = new AbortController();
  const leave = (): void => gone.abort(left);
  to.once("close", leave);
  cut?.addEventListener("abort", leave);
  try {
    for await (const piece of pieces) {
      if (gone.signal.aborted || to.destroyed) return;
      if (!to.write(piece)) await once(to, "drain", { signal: gone.signal }).catch(() => {});
      cut?.throwIfAborted();
    }
  } finally {
    to.off("close", leave);
    cut?.removeEventListener("abort", leave);
  }
}
