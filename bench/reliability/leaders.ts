/**
 * R16: three servers, as processes, on one etcd, each by a way of its own. The one that leads is told to end, killed, stopped
 * (SIGSTOP) or cut off from etcd while Deployments come: another leads soon, and its audit log shows no write of the old
 * one's controllers or scheduler after that.
 *
 *     node bench/reliability/leaders.ts [rounds of the four=3]
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Trio, troubles } from "../../test/support/trio.ts";
import { percentile, round, say } from "../support.ts";

const [rounds = 3] = process.argv.slice(2, 3).map(Number);
const directory = mkdtempSync(join(tmpdir(), "seedpod-leaders-"));
const clear = (): void => rmSync(directory, { recursive: true, force: true });
const trio = await Trio.start(directory).catch((err: unknown) => { clear(); throw err; });
const waits: number[] = [];
const wrong: string[] = [];
try {
  for (const trouble of Array.from({ length: rounds }, () => troubles).flat()) {
    const change = await trio.change(trouble);
    waits.push(change.seconds);
    wrong.push(...change.late);
    say(trouble, { seconds: round(change.seconds), writesBefore: change.writesBefore, writesByTheNew: change.writesAfter, late: change.late.length });
  }
} finally {
  await trio.stop();
  clear();
}
for (const line of wrong) console.log(line);
say("leaders", { changes: waits.length, p50Seconds: round(percentile(waits, 0.5)), worstSeconds: round(Math.max(...waits)), lateWrites: wrong.length });
if (wrong.length > 0) process.exitCode = 1;
