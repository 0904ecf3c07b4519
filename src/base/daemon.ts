import { spawn } from "node:child_process";
import { closeSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Clock } from "./clock.ts";

/** A process for as long as this machine runs: a recycled pid has another start time (kernel ticks since boot). */
export interface ProcessId { readonly pid: number; readonly started: string }

export interface DaemonOptions { readonly logFile: string; readonly env?: NodeJS.ProcessEnv; readonly cwd?: string }

/** Starts a program in its own session, so that it outlives us; what it prints is added to `logFile`. Throws when it cannot be started. */
export async function spawnDaemon(file: string, args: readonly string[], options: DaemonOptions): Promise<ProcessId> {
  mkdirSync(dirname(options.logFile), { recursive: true });
  const log = openSync(options.logFile, "a", 0o600);
  try {
    const child = spawn(file, args, { detached: true, stdio: ["ignore", log, log], cwd: options.cwd ?? "/", ...(options.env && { env: options.env }) });
    await new Promise<void>((resolve, reject) => { child.once("spawn", resolve); child.once("error", reject); });
    child.unref();
    const { pid } = child;
    if (pid === undefined) throw new Error(`${file} was not started`);
    return { pid, started: stat(pid)?.started ?? "gone" };
  } finally {
    closeSync(log);
  }
}

/** The process that has this pid now, unless it has ended. */
export function processAt(pid: number): ProcessId | undefined {
  const found = stat(pid);
  return found === undefined || found.state === "Z" ? undefined : { pid, started: found.started };
}

/** Whether this very process runs, and not another one that has been given its pid. */
export function isAlive(id: ProcessId): boolean {
  return processAt(id.pid)?.started === id.started;
}

/** Sends a signal to exactly this process; false when it has ended. */
export function signalProcess(id: ProcessId, signal: NodeJS.Signals): boolean {
  if (!isAlive(id)) return false;
  try {
    return process.kill(id.pid, signal);
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw err;
  }
}

/** SIGTERM, then SIGKILL after `graceMs`. Returns when the process is gone. */
export async function stopProcess(id: ProcessId, clock: Clock, graceMs: number, signal: AbortSignal = new AbortController().signal): Promise<void> {
  if (!signalProcess(id, "SIGTERM")) return;
  if (await ended(id, clock, graceMs, signal)) return;
  signalProcess(id, "SIGKILL");
  if (!(await ended(id, clock, 5_000, signal))) throw new Error(`process ${id.pid} does not end`);
}

/** Whether the process ends within `timeoutMs`. */
export async function ended(id: ProcessId, clock: Clock, timeoutMs: number, signal: AbortSignal): Promise<boolean> {
  const deadline = clock.now() + timeoutMs;
  while (isAlive(id)) {
    if (clock.now() >= deadline) return false;
    await clock.sleep(20, signal);
  }
  return true;
}

/** The live process of a pid file, if any. */
export function readPidFile(path: string): ProcessId | undefined {
  try {
    const [pid = "", started = ""] = readFileSync(path, "utf8").trim().split(" ");
    const id = { pid: Number(pid), started };
    return isAlive(id) ? id : undefined;
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw err;
  }
}

/** Names the process in the file, with its start time, whoever is named there now. */
export function writePidFile(path: string, id: ProcessId): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${id.pid} ${id.started}\n`);
}

/** Takes the pid file for this process. Returns the live process that has it already, or undefined when it is ours now. */
export function claimPidFile(path: string): ProcessId | undefined {
  const mine = processAt(process.pid);
  if (mine === undefined) throw new Error("/proc does not show this process");
  const own = `${path}.${mine.pid}`;
  writePidFile(own, mine);
  try {
    for (;;) {
      try {
        linkSync(own, path);
        return undefined;
      } catch (err) {
        if ((err as NodeJS.ErrnoException).code !== "EEXIST") throw err;
      }
      const other = readPidFile(path);
      if (other !== undefined && other.pid !== mine.pid) return other;
      rmSync(path, { force: true });
    }
  } finally {
    rmSync(own, { force: true });
  }
}

/** proc(5): the command may hold spaces and parentheses, so fields count from the last parenthesis. */
function stat(pid: number): { readonly state: string; readonly started: string } | undefined {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
    return { state: fields[0] ?? "", started: fields[19] ?? "" };
  } catch {
    return undefined;
  }
}
