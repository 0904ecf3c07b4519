/**
 * What nobody knows any more of the containers. A containerd that is killed leaves its work half done, and the next one
 * does not end it all (seen with 1.6): a shim that had no task yet is forgotten, and lives on; a bundle whose task had not been
 * made stays, since the shim's own `delete` fails without what the task would have written; a network namespace made for
 * a sandbox that was never recorded has no owner.
 */
import type { Clock } from "#base/clock.ts";
import { loop, type Component } from "#base/component.ts";
import { readPidFile } from "#base/daemon.ts";
import type { Logger } from "#base/log.ts";
import type { InstancePaths } from "./instance.ts";
import { orphansOf, ripe, sighted, type Found, type Orphan, type Sightings } from "./orphan-rule.ts";
import { findTraces, readRecords, removeOrphan } from "./orphan-traces.ts";

const lookMs = 5_000;
/** How many looks follow the start of a containerd, or of this process. */
const looks = 24;
/** Afterwards one in so many: a bundle may be forgotten as late as its pod ends. */
const seldom = 12;

/** Takes them away. */
export function orphans(paths: InstancePaths, clock: Clock, log: Logger): Component {
  let [started, nth, sightings]: [string | undefined, number, Sightings] = [undefined, 0, new Map()];
  let empty: readonly string[] = [];
  const run = (signal: AbortSignal): Promise<void> => loop(signal, async () => {
    await clock.sleep(lookMs, signal);
    const now = JSON.stringify(readPidFile(paths.containerdPid));
    if (now !== started) [started, nth, sightings] = [now, 0, new Map()];
    if (nth++ >= looks && nth % seldom !== 0 && sightings.size === 0 && empty.length === 0) return;
    const traces = findTraces(paths);
    const found = await orphansNow(paths, { ...traces, emptyNetns: traces.emptyNetns.filter((path) => empty.includes(path)) });
    empty = traces.emptyNetns;
    sightings = sighted(sightings, found);
    for (const orphan of ripe(sightings, found)) await remove(paths, orphan, log);
  });
  return { name: "orphans", run };
}

/** To ask whose a network namespace is takes a process for each container: one that was empty before, too, is worth it. */
async function orphansNow(paths: InstancePaths, traces: Found): Promise<readonly Orphan[]> {
  if (Object.values(traces).every((list: readonly unknown[]) => list.length === 0)) return [];
  const records = await readRecords(paths, traces);
  return records === undefined ? [] : orphansOf(traces, records);
}

async function remove(paths: InstancePaths, orphan: Orphan, log: Logger): Promise<void> {
  log.warn({ orphan }, "what containerd has no record of is taken away");
  try {
    await removeOrphan(paths, orphan);
  } catch (err) {
    log.warn({ err, orphan }, "it cannot be taken away now"); // the next look finds it again
  }
}
