import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Bug } from "./bugs.ts";
import type { Answer, Death, Order } from "./messages.ts";

type Of<A extends Answer["answer"]> = Extract<Answer, { answer: A }>;

/** The process was killed before it answered. */
export class Killed extends Error {
  override readonly name = "Killed";
}

/** The control plane's process as its driver sees it. Another one, with its modules loaded, stands by. */
export class VirtualServer {
  readonly #dataDir: string;
  readonly #bug: Bug | undefined;
  #spare: ChildProcess;
  #child: ChildProcess | undefined;

  constructor(dataDir: string, bug?: Bug) {
    this.#dataDir = dataDir;
    this.#bug = bug;
    this.#spare = start(dataDir);
  }

  get runs(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Resolves with the newest revision when it takes requests. */
  async open(now: number): Promise<number> {
    this.#child = this.#spare;
    this.#spare = start(this.#dataDir);
    return (await this.#ask({ order: "open", dataDir: this.#dataDir, now, ...(this.#bug !== undefined && { bug: this.#bug }) }, "open")).revision;
  }

  /** Moves its time; resolves when it has done what that gave to do. @throws Killed */
  time(now: number): Promise<Of<"calm">> {
    return this.#ask({ order: "time", now }, "calm");
  }

  dieAt(death: Death): void {
    this.#send({ order: "die", death });
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || !this.runs) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }

  async close(): Promise<void> {
    await this.kill();
    this.#spare.kill("SIGKILL");
  }

  async #ask<A extends Answer["answer"]>(order: Order, answer: A): Promise<Of<A>> {
    const child = this.#child;
    if (child === undefined || !this.runs) throw ended(child?.exitCode ?? null);
    const { promise, resolve, reject } = Promise.withResolvers<Of<A>>();
    const hear = (said: Answer): void => { if (said.answer === answer) resolve(said as Of<A>); };
    const end = (code: number | null): void => reject(ended(code));
    child.on("message", hear).once("exit", end);
    this.#send(order);
    return promise.finally(() => child.off("message", hear).off("exit", end));
  }

  #send(order: Order): void {
    this.#child?.send(order, () => {}); // whether it has died meanwhile is told by its exit
  }
}

/** A server that was not killed has something to say against itself. */
const ended = (code: number | null): Error => (code === null ? new Killed("the server was killed") : new Error(`the server ended by itself with ${code}: see what it printed`));

/** @param dataDir where the first leaves its compiled modules to the next */
function start(dataDir: string): ChildProcess {
  const env = { ...process.env, NODE_COMPILE_CACHE: join(dataDir, "compiled") };
  return fork(join(import.meta.dirname, "server.child.ts"), { execArgv: ["--disable-warning=ExperimentalWarning"], stdio: ["ignore", "inherit", "inherit", "ipc"], env });
}
