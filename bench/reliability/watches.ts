/**
 * R6, R4: 200 watchers of a store that come and go while keys are written, history is forgotten every 200 ms and the store
 * is closed and opened again, as `test/support/watching/run.ts` has it. A watch cache over the store is compared with it (R7).
 *
 *     node bench/reliability/watches.ts [events=100000] [sqlite|etcd] [watchers=200] [bugs]
 *
 * With `bugs` each of `store-bugs.ts` is planted in turn; a run that does not find it has failed.
 */
import { watching, type Pace, type Run } from "../../test/support/watching/run.ts";
import { storeBugs } from "../../test/support/watching/store-bugs.ts";
import type { Witness } from "../../test/support/watching/witness.ts";
import { nowMs, say } from "../support.ts";

const [events = 100_000, watchers = 200] = [process.argv[2], process.argv[4]].map((text) => (text === undefined ? undefined : Number(text)));
const engine = process.argv[3] === "etcd" ? "etcd" : "sqlite";
const pace: Pace = { compactMs: 200, kept: 300, reopenAfter: 20_000, stayMs: 1_000, awayMs: 2_000, cacheCheckMs: 10_000 };

if (process.argv[5] !== "bugs") tell(await watching({ engine, events, watchers, pace }));
else for (const bug of storeBugs) {
  const { wrong } = await watching({ engine, events, watchers, pace, bug });
  say("planted", { bug, found: wrong[0] ?? "no" });
  if (wrong.length === 0) process.exitCode = 1;
}

function tell({ wrong, witnesses, reopened, unknown, cacheChecks }: Run): void {
  const sum = (of: (witness: Witness) => number): number => witnesses.reduce((total, witness) => total + of(witness), 0);
  for (const line of wrong) console.log(line);
  say("watches", { engine, events, watchers, told: sum((w) => w.told), lists: sum((w) => w.stretches.length), reopened, unknown, cacheChecks, wrong: wrong.length, seconds: Math.round(nowMs() / 1_000) });
  if (wrong.length > 0) process.exitCode = 1;
}
