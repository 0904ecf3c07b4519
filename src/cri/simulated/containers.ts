import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Clock } from "#base/clock.ts";
import type { ContainerConfig, ContainerStatus, PodSandboxConfig } from "../gen/cri-v1.ts";
import { RuntimeError, type RuntimeEvent } from "../runtime.ts";
import { nanosOf } from "../states.ts";
import type { Behaviour } from "./behaviour.ts";

const terminationPath = "io.kubernetes.container.terminationMessagePath";
/** 128 and the signal's number. */
const killed = 137;
const stopped = 143;

/** One container that keeps its state and obeys a clock. */
export class SimulatedContainer {
  readonly id: string;
  readonly sandboxId: string;
  readonly config: ContainerConfig;
  readonly #sandbox: PodSandboxConfig;
  readonly #clock: Clock;
  readonly #tell: (event: RuntimeEvent) => void;
  readonly #ended = new AbortController();
  readonly #createdAt: number;
  #state: ContainerStatus["state"] = "CONTAINER_CREATED";
  #startedAt = 0;
  #finishedAt = 0;
  #exitCode = 0;
  #reason = "";
  behaviour: Behaviour = {};

  constructor(id: string, sandboxId: string, config: ContainerConfig, sandbox: PodSandboxConfig, clock: Clock, tell: (event: RuntimeEvent) => void) {
    this.id = id;
    this.sandboxId = sandboxId;
    this.config = config;
    this.#sandbox = sandbox;
    this.#clock = clock;
    this.#tell = tell;
    this.#createdAt = clock.now();
  }

  get state(): NonNullable<ContainerStatus["state"]> {
    return this.#state ?? "CONTAINER_CREATED";
  }
  get createdAt(): string {
    return nanosOf(this.#createdAt);
  }

  async start(behaviour: Behaviour): Promise<void> {
    if (this.#state !== "CONTAINER_CREATED")
      throw new RuntimeError("Unknown", `rpc error: code = Unknown desc = container is in ${this.#state ?? ""} state`);
    this.behaviour = behaviour;
    if (behaviour.startError !== undefined) {
      this.#end(128, "StartError");
      throw new RuntimeError("Unknown", `rpc error: code = Unknown desc = ${behaviour.startError}`, { said: behaviour.startError });
    }
    if (behaviour.log !== undefined) await this.#write(behaviour.log);
    this.#state = "CONTAINER_RUNNING";
    this.#startedAt = this.#clock.now();
    this.#tell({ type: "started", id: this.id });
    if (behaviour.exitAfterMs !== undefined)
      void this.#clock
        .sleep(behaviour.exitAfterMs, this.#ended.signal)
        .then(() => this.#finish(behaviour.exitCode ?? 0))
        .catch(() => {});
  }

  /** Sends the stop signal, and kills when the grace is over. */
  async stop(graceMs: number, signal: AbortSignal): Promise<void> {
    if (this.#state !== "CONTAINER_RUNNING") return;
    const wait = this.behaviour.stopsAfterMs ?? 0;
    await this.#clock.sleep(Math.min(wait, graceMs), AbortSignal.any([signal, this.#ended.signal])).catch(() => signal.throwIfAborted());
    await this.#finish(wait > graceMs ? killed : (this.behaviour.exitCode ?? stopped));
  }

  status(): ContainerStatus {
    const { config } = this;
    return {
      id: this.id,
      state: this.state,
      createdAt: this.createdAt,
      ...(config.metadata && { metadata: config.metadata }),
      ...(config.image && { image: { image: config.image.userSpecifiedImage ?? "" } }),
      ...(this.#startedAt > 0 && { startedAt: nanosOf(this.#startedAt) }),
      ...(this.#finishedAt > 0 && { finishedAt: nanosOf(this.#finishedAt) }),
      exitCode: this.#exitCode,
      imageRef: config.image?.image ?? "",
      reason: this.#reason,
      message: "",
      labels: config.labels ?? {},
      annotations: config.annotations ?? {},
      mounts: config.mounts ?? [],
      ...(config.stopSignal && { stopSignal: config.stopSignal }),
      logPath: join(this.#sandbox.logDirectory ?? "", config.logPath ?? ""),
    };
  }

  async #finish(exitCode: number): Promise<void> {
    if (this.#state !== "CONTAINER_RUNNING") return;
    const file = this.config.mounts?.find((m) => m.containerPath === this.config.annotations?.[terminationPath])?.hostPath;
    if (this.behaviour.message !== undefined && file !== undefined) await writeFile(file, this.behaviour.message);
    this.#end(exitCode, exitCode === 0 ? "Completed" : "Error");
  }

  #end(exitCode: number, reason: string): void {
    this.#state = "CONTAINER_EXITED";
    this.#finishedAt = this.#clock.now();
    this.#exitCode = exitCode;
    this.#reason = reason;
    this.#ended.abort();
    this.#tell({ type: "exited", id: this.id });
  }

  async #write(text: string): Promise<void> {
    const path = this.status().logPath ?? "";
    await mkdir(dirname(path), { recursive: true });
    await writeFile(
      path,
      text
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => `${new Date(this.#clock.now()).toISOString()} stdout F ${line}\n`)
        .join(""),
    );
  }
}
