import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, readFileSync } from "node:fs";
import { join } from "node:path";
import { exec, tryExec, type ExecResult } from "#base/exec.ts";
import { eventually } from "#base/waiting.ts";

const seedpod = join(import.meta.dirname, "../../seedpod");

/** Ten times what it takes where the machine is busy. */
const startMs = 120_000;

/** `seedpod server` as a process of its own. */
export class ServerProcess {
  readonly dataDir: string;
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #log: string;

  private constructor(dataDir: string, port: number, flags: readonly string[], env: NodeJS.ProcessEnv) {
    this.dataDir = dataDir;
    this.port = port;
    this.#log = `${dataDir}.log`;
    const log = createWriteStream(this.#log);
    this.#child = spawn(seedpod, ["server", "--data-dir", dataDir, "--port", String(port), "--bind-address", "127.0.0.1", ...flags], { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } });
    this.#child.stdout?.pipe(log);
    this.#child.stderr?.pipe(log);
  }

  /** Resolves when it is ready. */
  static async start(dataDir: string, port: number, flags: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<ServerProcess> {
    const server = new ServerProcess(dataDir, port, flags, env);
    await eventually(async () => {
      if (server.#child.exitCode !== null) throw new Error(`the server has ended: ${server.log}`);
      await server.kubectl("get", "--raw", "/readyz");
    }, startMs).catch(async (err: unknown) => {
      await server.stop("SIGKILL");
      throw new Error(server.log, { cause: err });
    });
    return server;
  }

  get log(): string {
    return readFileSync(this.#log, "utf8");
  }

  /** Null while it runs, and when a signal ended it. */
  get exitCode(): number | null {
    return this.#child.exitCode;
  }

  /** The signal that ended it, if one did. */
  get endedBy(): NodeJS.Signals | null {
    return this.#child.signalCode;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async kubectl(...args: readonly string[]): Promise<string> {
    return exec("kubectl", args, { env: this.#env });
  }

  kubectlWith(input: string, ...args: readonly string[]): Promise<string> {
    return exec("kubectl", args, { input, env: this.#env });
  }

  tryKubectl(...args: readonly string[]): Promise<ExecResult> {
    return tryExec("kubectl", args, { env: this.#env });
  }

  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill(signal);
    await ended;
  }

  get #env(): NodeJS.ProcessEnv {
    return { ...process.env, KUBECONFIG: join(this.dataDir, "kubeconfig") };
  }
}
