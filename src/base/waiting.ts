/** How tests and benches wait for what happens elsewhere: with patience, and without asking too often. */
import { steadyClock, systemClock } from "./clock.ts";

/** Long enough for a machine that does thirty things at once. */
const patienceMs = 30_000;
const longestPauseMs = 200;
const never = new AbortController().signal;

/** Repeats `check` until it does not throw, and gives what it gives. Throws its last error when there is no more patience. */
export async function eventually<T>(check: () => T | Promise<T>, timeoutMs: number = patienceMs): Promise<T> {
  const deadline = steadyClock.now() + timeoutMs;
  for (let pauseMs = 2; ; pauseMs = longer(pauseMs)) {
    try {
      return await check();
    } catch (err) {
      if (steadyClock.now() > deadline) throw err;
    }
    await pause(pauseMs);
  }
}

/** Waits until `read` gives something that is not false, and gives that. Throws when there is no more patience, naming what has not come, and at once what `read` throws. */
export async function until<T>(what: string, read: () => T | undefined | false | Promise<T | undefined | false>, timeoutMs: number = patienceMs): Promise<T> {
  const deadline = steadyClock.now() + timeoutMs;
  for (let pauseMs = 2; ; pauseMs = longer(pauseMs)) {
    const found = await read();
    if (found !== undefined && found !== false) return found;
    if (steadyClock.now() > deadline) throw new Error(`${what}: not within ${timeoutMs / 1000} s`);
    await pause(pauseMs);
  }
}

/** Nothing is waited for much longer than it takes. */
const longer = (pauseMs: number): number => Math.min(longestPauseMs, pauseMs * 1.25);

/** For what has no sign by which one could tell that it is over. */
export const pause = (ms: number): Promise<void> => systemClock.sleep(ms, never);
