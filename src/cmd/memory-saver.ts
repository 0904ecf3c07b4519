import { flushCompileCache } from "node:module";
import { setFlagsFromString } from "node:v8";
import type { Clock } from "#base/clock.ts";
import { untilAborted, type Component } from "#base/component.ts";

/** A start is over by then. */
const startMs = 10_000;
/** V8 looks every 8 s for what it may give back, and does so twice. */
const savingMs = 25_000;

/** What is done to V8. */
export interface Engine { readonly setFlags: (flags: string) => void; readonly keepCompiled: () => void }
const thisEngine: Engine = { setFlags: setFlagsFromString, keepCompiled: flushCompileCache };

/**
 * Gives back what a start leaves behind: garbage, and pages kept in reserve. V8 does so itself, in small steps, once it sees that
 * little is allocated; of a process at rest it sees nothing and waits much longer. While it saves memory it does not wait. For good,
 * that costs a server throughput. Flags are part of what makes compiled code valid, Node's own too, so that they change only when all is
 * loaded and written to the cache, which then is held no longer.
 * @param forGood for a process that does not feel it
 */
export function memorySaver(clock: Clock, forGood: boolean, { setFlags, keepCompiled }: Engine = thisEngine): Component {
  return {
    name: "memory saver",
    async run(signal) {
      try {
        await clock.sleep(startMs, signal);
        keepCompiled();
        setFlags("--memory-saver-mode");
        if (!forGood) {
          await clock.sleep(savingMs, signal);
          setFlags("--no-memory-saver-mode");
        }
        await untilAborted(signal);
      } catch (err) {
        if (!signal.aborted) throw err;
      }
    },
  };
}
