/** Waiting for what a cache will show, and not without end. */
import type { KubeObject } from "#apimachinery/meta.ts";
import type { Clock } from "#base/clock.ts";
import type { Informer } from "#client/lister.ts";

export interface Patience { readonly clock: Clock; readonly ms: number; readonly signal: AbortSignal }

/** Resolves when `holds` does, looked at with each change; false when the time is over. Rejects when the signal aborts. */
export async function waitFor<T extends KubeObject>(informer: Informer<T>, holds: () => boolean, patience: Patience): Promise<boolean> {
  if (holds()) return true;
  const seen = Promise.withResolvers<void>();
  const stop = informer.onChange(() => { if (holds()) seen.resolve(); });
  try {
    return await inTime(seen.promise, patience);
  } finally {
    stop();
  }
}

/** Whether the first list is there, within the time: where nothing is to be listed it never comes. */
export const syncedInTime = <T extends KubeObject>(informer: Informer<T>, patience: Patience): Promise<boolean> => inTime(informer.synced(patience.signal), patience);

async function inTime(work: Promise<void>, { clock, ms, signal }: Patience): Promise<boolean> {
  const done = new AbortController();
  const late = clock.sleep(ms, AbortSignal.any([signal, done.signal])).then(() => false);
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    done.abort();
    late.catch(() => {}); // nobody waits for it any more
  }
}
