import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "#base/clock.ts";
import { loop, type Component } from "#base/component.ts";
import { claimPidFile, isAlive, readPidFile, spawnDaemon, type ProcessId } from "#base/daemon.ts";
import type { Logger } from "#base/log.ts";
import { restartWaitMs } from "#base/restart-wait.ts";
import type { InstancePaths } from "./instance.ts";
import { UserError } from "./user-error.ts";

/** The two processes of an instance. */
export type Role = "server" | "agent";

const keepMs = 250;
/** Until those who were started together have said that they run. */
const firstLookMs = 1_000;

/** Where the process of this role is named. */
export const pidFile = (paths: InstancePaths, role: Role): string => join(paths.runDir, `${role}.pid`);
export const logFile = (paths: InstancePaths, role: Role): string => join(paths.logDir, `${role}.log`);
export const runningProcess = (paths: InstancePaths, role: Role): ProcessId | undefined => readPidFile(pidFile(paths, role));

/**
 * A node process keeps heap arenas for throughput that a small cluster never needs, the agent's a young generation too. The server's,
 * V8's 16 MiB, is worth a seventh of what a GET costs, and goes back when nothing is asked (see `memory-saver.ts`).
 */
const heap: Readonly<Record<Role, readonly string[]>> = {
  server: [],
  agent: ["--max-semi-space-size=2"],
};

const arenas = { MALLOC_ARENA_MAX: "2" };

/** Why a role ended that is not to be started again in vain. */
const gaveUpFile = (paths: InstancePaths, role: Role): string => join(paths.runDir, `${role}.gave-up`);

/** Why the role does not run and is not kept; undefined when it did not give up. */
export function gaveUp(paths: InstancePaths, role: Role): string | undefined {
  try {
    return readFileSync(gaveUpFile(paths, role), "utf8");
  } catch {
    return undefined;
  }
}

/** The error to end with when this process cannot play its role before somebody has put things right: it is not started again until then. */
export function giveUp(paths: InstancePaths, role: Role, why: string): UserError {
  writeFileSync(gaveUpFile(paths, role), why);
  return new UserError(why);
}

/** Starts a role in the background, by the very program that runs now. */
export function startProcess(paths: InstancePaths, role: Role): Promise<ProcessId> {
  rmSync(gaveUpFile(paths, role), { force: true });
  const script = realpathSync(process.argv[1] ?? "");
  return spawnDaemon(process.execPath, [...flags(role), script, role, "--data-dir", paths.dataDir], { logFile: logFile(paths, role), env: { ...arenas, ...process.env } });
}

/** The environment in which a role runs as it does under `up`, for a process that is started in another way. */
export const environmentOf = (role: Role): NodeJS.ProcessEnv => ({ ...arenas, NODE_OPTIONS: heap[role].join(" ") });

/** A role may start the other one: then its own heap is not handed on. */
const flags = (role: Role): readonly string[] => [...process.execArgv.filter((arg) => !Object.values(heap).flat().includes(arg)), ...heap[role]];

/** Makes this process the one that plays `role`. Throws `UserError` when another does already. */
export function claimRole(paths: InstancePaths, role: Role): void {
  const other = claimPidFile(pidFile(paths, role));
  if (other !== undefined) throw new UserError(`The ${role} of ${paths.dataDir} runs already, as process ${other.pid}.`);
}

/**
 * Starts `role` again when its process dies. Server and agent keep each other, which costs no third process; both stop
 * doing so as soon as the instance is not wanted any more (`seedpod down`). One that gave up is left alone for as long as its reason stands.
 * @param stands whether that is so still
 */
export function keeper(paths: InstancePaths, role: Role, clock: Clock, log: Logger, stands: () => Promise<boolean> = async () => false): Component {
  let [startedAt, waitMs, lookMs] = [clock.now(), 0, firstLookMs];
  let started: ProcessId | undefined;
  const isWanted = (): boolean => existsSync(paths.wantedFile);
  const runs = (): boolean => runningProcess(paths, role) !== undefined || (started !== undefined && isAlive(started));
  return {
    name: `keeper of the ${role}`,
    run: (signal) => loop(signal, async () => {
      await clock.sleep(lookMs, signal);
      lookMs = keepMs;
      if (!isWanted() || runs() || (gaveUp(paths, role) !== undefined && (await stands()))) return;
      waitMs = restartWaitMs(waitMs, clock.now() - startedAt);
      await clock.sleep(waitMs, signal);
      if (!isWanted() || runs()) return; // "seedpod up" does not wait for us
      startedAt = clock.now();
      try {
        started = await startProcess(paths, role);
        log.warn({ role, pid: started.pid }, "a process had ended and is started again");
      } catch (err) {
        log.error({ err, role }, "a process had ended and cannot be started"); // its program is just being replaced, or the machine has no room: the next try may do it
      }
    }),
  };
}

/** The last lines of a log, for a person. */
export function lastLines(path: string, count: number): string {
  try {
    const file = openSync(path, "r");
    try {
      const { size } = fstatSync(file);
      const tail = Buffer.alloc(Math.min(size, 16_384));
      readSync(file, tail, 0, tail.length, size - tail.length);
      return tail.toString().trimEnd().split("\n").slice(-count).join("\n");
    } finally {
      closeSync(file);
    }
  } catch {
    return "";
  }
}
