/**
 * A scripted day of workloads in virtual time, lived through once undisturbed and once with the server killed at random:
 * the end must be the same. With `bugs`, one bug after the other is planted, and the run that does not find it has failed.
 *
 *     node bench/reliability/chaos.ts [kills=200] [seed] [minutes per step=60] [bugs]
 */
import { performance } from "node:perf_hooks";
import { bugs } from "../../test/support/chaos/bugs.ts";
import { day } from "../../test/support/chaos/day.ts";
import { compare } from "../../test/support/chaos/run.ts";

const [kills = "200", chosen, minutes = "60", planted] = process.argv.slice(2);
const seed = Number(chosen ?? Math.floor(performance.now() * 1e6) % 2 ** 31);
const seconds = (): number => Math.round(performance.now() / 1000);

for (const bug of planted === "bugs" ? bugs : [undefined]) {
  console.log(JSON.stringify({ seed, kills: Number(kills), minutesPerStep: Number(minutes), bug }));
  const result = await compare({
    steps: bug === undefined ? day : day.filter(({ short }) => short), now: Date.parse(bug === undefined ? "2026-03-28T20:50:00Z" : "2026-03-28T21:04:00Z"), stepMs: Number(minutes) * 60_000, seed, kills: Number(kills), ...(bug !== undefined && { bug }),
    progress: (step) => console.error(`${seconds()} s: ${step}`),
  });
  for (const line of result.wrong.slice(0, 20)) console.log(line);
  console.log(JSON.stringify({ kills: result.kills, objects: result.objects, wrong: result.wrong.length, seconds: seconds() }));
  if ((result.wrong.length > 0) !== (bug !== undefined)) process.exitCode = 1;
}
