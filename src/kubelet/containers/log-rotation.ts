import { createReadStream, createWriteStream } from "node:fs";
import { readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { Quantity } from "#apimachinery/quantity.ts";
import { parseDuration } from "#apimachinery/go-duration.ts";
import type { Clock } from "#base/clock.ts";
import { loop, type Component } from "#base/component.ts";
import { messageOf } from "#base/error-message.ts";
import type { Logger } from "#base/log.ts";
import type { Runtime } from "#cri/runtime.ts";
import type { KubeletSettings } from "../settings/settings.ts";

type LogSettings = Pick<KubeletSettings, "containerLogMaxSize" | "containerLogMaxFiles" | "containerLogMonitorInterval">;

/** Keeps containers' logs bounded: by default 10 MiB a file and five files, all but the newest two compressed. Upstream: pkg/kubelet/logs/container_log_manager.go */
export class LogRotation implements Component {
  readonly name = "log rotation";
  readonly #runtime: Runtime;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #maxBytes: number;
  readonly #maxFiles: number;
  readonly #everyMs: number;
  /** Of each running container: the runtime is asked once for what never changes. */
  #paths: ReadonlyMap<string, string> = new Map();

  constructor(runtime: Runtime, settings: LogSettings, clock: Clock, log: Logger) {
    this.#maxBytes = Quantity.parse(settings.containerLogMaxSize).value;
    this.#maxFiles = settings.containerLogMaxFiles;
    this.#everyMs = parseDuration(settings.containerLogMonitorInterval) ?? 0;
    this.#runtime = runtime;
    this.#clock = clock;
    this.#log = log;
  }

  run = (signal: AbortSignal): Promise<void> =>
    loop(signal, async () => {
      await this.#clock.sleep(this.#everyMs, signal);
      await this.rotate().catch((err: unknown) => this.#log.warn({ err: messageOf(err) }, "container logs not looked at"));
    });

  /** Looks at every running container once. Rejects with `RuntimeError` when they cannot be listed. */
  async rotate(): Promise<void> {
    const { containers = [] } = await this.#runtime.listContainers({ filter: { state: { state: "CONTAINER_RUNNING" } } });
    const paths = new Map<string, string>();
    for (const { id = "" } of containers)
      await this.#rotateOne(id, paths).catch((err: unknown) => this.#log.warn({ err: messageOf(err), container: id }, "container log not rotated"));
    this.#paths = paths;
  }

  /** @param paths takes the container's */
  async #rotateOne(containerId: string, paths: Map<string, string>): Promise<void> {
    const path = this.#paths.get(containerId) ?? (await this.#runtime.containerStatus({ containerId })).status?.logPath ?? "";
    paths.set(containerId, path);
    const size = path === "" ? 0 : ((await stat(path).catch(() => undefined))?.size ?? 0);
    if (size < this.#maxBytes) return;
    await this.#makeRoom(path);
    const rotated = `${path}.${new Date(this.#clock.now()).toISOString().replace(/[-:T]|\.\d+Z/g, (c) => (c === "T" ? "-" : ""))}`;
    await rename(path, rotated);
    try {
      await this.#runtime.reopenContainerLog({ containerId });
    } catch (err) {
      await rename(rotated, path); // the runtime still writes there
      throw err;
    }
  }

  /** Compresses what was rotated before and deletes the oldest, so that one more file fits. */
  async #makeRoom(path: string): Promise<void> {
    const names = (await readdir(dirname(path))).filter((name) => name.startsWith(`${basename(path)}.`)).sort();
    const keep = names.slice(Math.max(0, names.length - (this.#maxFiles - 2)));
    for (const name of names) {
      const file = join(dirname(path), name);
      if (!keep.includes(name) || name.endsWith(".tmp")) await rm(file, { force: true });
      else if (!name.endsWith(".gz")) await compress(file);
    }
  }
}

async function compress(file: string): Promise<void> {
  await pipeline(createReadStream(file), createGzip(), createWriteStream(`${file}.gz.tmp`));
  await rename(`${file}.gz.tmp`, `${file}.gz`);
  await rm(file, { force: true });
}
