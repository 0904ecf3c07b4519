/**
 * `seedpod up` to node Ready on an empty data directory (keys are made), again on the same one, and the resident
 * memory of each process when idle, with what of it is its own: the rest are pages of files, which server and agent share for the
 * most part. Makes and purges an instance of its own; needs root.
 *
 * `node bench/cold-start.ts [rounds=3]`
 */
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exec } from "#base/exec.ts";
import { pause } from "#base/waiting.ts";
import { nowMs, percentile, round, say } from "./support.ts";

const rounds = Number(process.argv[2] ?? 3);
const seedpod = join(import.meta.dirname, "../seedpod");
const first: number[] = [];
const again: number[] = [];
for (let i = 0; i < rounds; i++) {
  const name = `cold${process.pid}`;
  const dataDir = mkdtempSync(join(tmpdir(), "seedpod-bench-"));
  const flags = ["--name", name, "--data-dir", dataDir];
  const up = async (): Promise<number> => {
    const from = nowMs();
    await exec(seedpod, ["up", ...flags, "--port", "16553"]);
    return nowMs() - from;
  };
  try {
    first.push(await up());
    await exec(seedpod, ["down", ...flags]);
    again.push(await up());
    if (i === rounds - 1) await memory(dataDir);
  } finally {
    await exec(seedpod, ["down", "--purge", ...flags]);
    rmSync(dataDir, { recursive: true, force: true });
  }
}
say("up to node Ready, first time", { n: first.length, p50Ms: round(percentile(first, 0.5)), maxMs: round(Math.max(...first)) });
say("up to node Ready, again", { n: again.length, p50Ms: round(percentile(again, 0.5)), maxMs: round(Math.max(...again)) });

/** Resident memory of every process whose command line names the data directory, after a minute of rest. */
async function memory(dataDir: string): Promise<void> {
  await pause(60_000);
  let total = 0;
  for (const pid of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)) {
    const command = read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
    if (!command.includes(dataDir)) continue;
    const resident = mib(pid, "VmRSS");
    total += resident;
    say("resident memory", { process: command.slice(0, 100), MiB: round(resident), ownMiB: round(mib(pid, "RssAnon")) });
  }
  say("resident memory, all", { MiB: round(total) });
}

function mib(pid: string, what: string): number {
  return Number(new RegExp(`^${what}:\\s+(\\d+)`, "m").exec(read(`/proc/${pid}/status`))?.[1] ?? 0) / 1024;
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // the process has ended meanwhile
  }
}
