import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { dirname } from "node:path";
import type { Clock } from "#base/clock.ts";
import { loop, type Component } from "#base/component.ts";
import { isAlive, readPidFile, spawnDaemon, stopProcess, writePidFile, type ProcessId } from "#base/daemon.ts";
import type { Logger } from "#base/log.ts";
import { restartWaitMs } from "#base/restart-wait.ts";
import { systemPath } from "./programs.ts";

export interface ContainerdProcess {
  readonly program: string;
  readonly config: string;
  readonly configFile: string;
  readonly socket: string;
  readonly pidFile: string;
  readonly logFile: string;
}

const checkMs = 250;

/**
 * Keeps one containerd alive. It is started in a session of its own and survives us: a later supervisor adopts it.
 * The containers survive it: each has its shim, which the next containerd finds again.
 */
export class ContainerdSupervisor implements Component {
  readonly name = "containerd";
  readonly #containerd: ContainerdProcess;
  readonly #clock: Clock;
  readonly #log: Logger;

  constructor(containerd: ContainerdProcess, clock: Clock, log: Logger) {
    this.#containerd = containerd;
    this.#clock = clock;
    this.#log = log;
  }

  /** Adopts the running one, unless it was started with another configuration, or starts one. Returns when it accepts connections. Throws with the last lines of its log when it does not start. */
  async start(signal: AbortSignal): Promise<ProcessId> {
    const { configFile, config, pidFile, socket } = this.#containerd;
    const running = readPidFile(pidFile);
    if (running !== undefined && read(configFile) === config) {
      if (await accepts(socket, this.#clock, () => isAlive(running), 5_000, signal)) return running;
    }
    if (running !== undefined) await stopProcess(running, this.#clock, 10_000, signal);
    mkdirSync(dirname(configFile), { recursive: true });
    writeFileSync(configFile, config);
    return this.#spawn(signal);
  }

  run(signal: AbortSignal): Promise<void> {
    let waitMs = 0;
    return loop(signal, async () => {
      const since = this.#clock.now();
      const err = await this.#untilEnded(signal);
      waitMs = restartWaitMs(waitMs, this.#clock.now() - since);
      this.#log.warn({ err, againAfterMs: waitMs }, "containerd is not running; starting it again");
      await this.#clock.sleep(waitMs, signal);
    });
  }

  /** Starts it and gives why it does not run, or no longer. Throws only when `signal` aborts. */
  async #untilEnded(signal: AbortSignal): Promise<unknown> {
    try {
      const id = await this.start(signal);
      while (isAlive(id)) await this.#clock.sleep(checkMs, signal);
      return new Error("containerd ended");
    } catch (err) {
      signal.throwIfAborted();
      return err;
    }
  }

  async #spawn(signal: AbortSignal): Promise<ProcessId> {
    const { program, configFile, pidFile, logFile, socket } = this.#containerd;
    const id = await spawnDaemon(program, ["--config", configFile], { logFile, env: { ...process.env, PATH: systemPath() } });
    writePidFile(pidFile, id);
    if (await accepts(socket, this.#clock, () => isAlive(id), 30_000, signal)) return id;
    await stopProcess(id, this.#clock, 1_000, signal);
    throw new Error(`containerd does not start; the end of ${logFile}:\n${lastLines(logFile, 5)}`);
  }
}

/** Whether the socket takes a connection before `timeoutMs` is over and while `alive`. */
async function accepts(path: string, clock: Clock, alive: () => boolean, timeoutMs: number, signal: AbortSignal): Promise<boolean> {
  const deadline = clock.now() + timeoutMs;
  while (alive() && clock.now() < deadline) {
    if (await connects(path)) return true;
    await clock.sleep(20, signal);
  }
  return false;
}

function connects(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(path);
  socket.once("connect", () => { socket.destroy(); resolve(true); });
  socket.once("error", () => resolve(false));
  return promise;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

const lastLines = (path: string, count: number): string => (read(path) ?? "").trimEnd().split("\n").slice(-count).join("\n");
