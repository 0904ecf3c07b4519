import { setFlagsFromString } from "node:v8";
import type { Clock } from "#base/clock.ts";
import { untilAborted, type Component } from "#base/component.ts";
import { keepCompiled as keepAllCompiled } from "./compiled.ts";

/** A start is over by then. */
const startMs = 10_000;
/** V8 looks every 8 s for what it may give back, and does so twice. */
const savingMs = 25_000;
const lookMs = 10_000;
/** Of one core. A server that does more would feel the longer pauses. */
const calmShare = 0.15;
/** What must have been added since memory was last given back. */
const worthBytes = 32 * 2 ** 20;

/** What a process has used: processor time since it began, memory now. */
export interface Use {
  readonly cpuMs: number;
  readonly residentBytes: number;
}

/** What is asked of the process and done to V8. */
export interface Engine {
  readonly use: () => Use;
  readonly setFlags: (flags: string) => void;
  readonly keepCompiled: () => void;
}
const thisEngine: Engine = { use: currentUse, setFlags: setFlagsFromString, keepCompiled: keepAllCompiled };

/**
 * Gives back what a start leaves behind, and what a busy time does: garbage, and pages kept in reserve (V8's younger generation alone
 * grows to 128 MiB). V8 does so itself, in small steps, once it sees that little is allocated; of a process at rest it sees nothing and
 * waits much longer. While it saves memory it does not wait. For good, that costs a server throughput, so a server saves when it has
 * become calm and only if it has grown. Flags are part of what makes compiled code valid, Node's own too, so that they change only when
 * all is loaded and written to the cache, which then is held no longer.
 * @param forGood for a process that does not feel it
 */
export function memorySaver(clock: Clock, forGood: boolean, engine: Engine = thisEngine): Component {
  return {
    name: "memory saver",
    async run(signal) {
      try {
        await clock.sleep(startMs, signal);
        engine.keepCompiled();
        engine.setFlags("--memory-saver-mode");
        if (!forGood) for (;;) await saveAgain(clock, engine, signal);
        await untilAborted(signal);
      } catch (err) {
        if (!signal.aborted) throw err;
      }
    },
  };
}

/** Ends a saving that has begun; resolves when the next one has begun. */
async function saveAgain(clock: Clock, { use, setFlags }: Engine, signal: AbortSignal): Promise<void> {
  await clock.sleep(savingMs, signal);
  setFlags("--no-memory-saver-mode");
  const rested = use();
  for (let before = rested, now; ; before = now) {
    await clock.sleep(lookMs, signal);
    now = use();
    if (isCalm(before, now) && now.residentBytes - rested.residentBytes >= worthBytes) break;
  }
  setFlags("--memory-saver-mode");
}

const isCalm = (before: Use, now: Use): boolean => now.cpuMs - before.cpuMs <= calmShare * lookMs;

function currentUse(): Use {
  const { user, system } = process.cpuUsage();
  return { cpuMs: (user + system) / 1_000, residentBytes: process.memoryUsage.rss() };
}
