import { watch } from "node:fs";
import { dirname, join } from "node:path";
import type { Clock } from "#base/clock.ts";
import { HttpError } from "../http-error.ts";
import { LogFormatter, type FormatOptions } from "./formatter.ts";
import { LogFile } from "./log-file.ts";

export interface LogOptions extends FormatOptions {
  readonly follow?: boolean;
  /** The last lines only. */
  readonly tailLines?: number;
}

export interface LogSource {
  /** The directory beneath which all logs stand. */
  readonly root: string;
  /** The file, relative to `root`. After a rotation another file stands there. */
  readonly path: string;
  /** True when nothing more will be written. */
  ended(): Promise<boolean>;
}

const RECHECK_MS = 1_000;

/**
 * What a container wrote, in pieces of about 64 KiB; read no faster than it is taken. With `follow` until the container has
 * ended and all is read, over rotations, or until `signal` aborts (a plain end).
 * The file is open when this resolves: take the pieces, or it stays so. Throws `HttpError`. Upstream: pkg/kubelet/kuberuntime/logs ReadLogs
 */
export async function readLogs(source: LogSource, options: LogOptions, clock: Clock, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
  const file = await LogFile.open(source.root, source.path);
  if (file === undefined) throw new HttpError(400, `failed to open log file "${join(source.root, source.path)}": no such file or directory`);
  return lines(file, source, options, clock, signal);
}

async function* lines(first: LogFile, source: LogSource, options: LogOptions, clock: Clock, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  let file = first;
  const { follow, tailLines } = options;
  // what is written after the tail was found is not part of it
  const formatter = new LogFormatter(follow === true || tailLines === undefined ? options : { ...options, limitLines: tailLines });
  const changes = follow === true ? new Changes(join(source.root, dirname(source.path)), clock, signal) : undefined;
  try {
    if (tailLines !== undefined) await file.seekTail(tailLines);
    for (;;) {
      const ended = changes === undefined || (changes.quiet && (await source.ended()));
      yield* drain(file, formatter, signal);
      if (formatter.full || signal.aborted) return;
      const next: LogFile | undefined = changes === undefined ? undefined : await successor(source, file);
      if (next !== undefined) {
        yield* drain(file, formatter, signal); // what was written while we looked
        await file.close();
        file = next;
      } else if (ended) {
        return;
      } else {
        await changes.wait();
      }
    }
  } finally {
    changes?.close();
    await file.close();
  }
}

async function* drain(file: LogFile, formatter: LogFormatter, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for (let lines = await file.read(); lines !== undefined && !formatter.full && !signal.aborted; lines = await file.read()) {
    const text = formatter.format(lines);
    if (text.length > 0) yield text;
  }
}

async function successor(source: LogSource, file: LogFile): Promise<LogFile | undefined> {
  const standing = await LogFile.open(source.root, source.path);
  if (standing === undefined || standing.inode !== file.inode) return standing;
  await standing.close();
  return undefined;
}

/** Wakes when something changes in the directory, and once a second in any case. */
class Changes {
  /** Nothing changed since the last look but time. */
  quiet = true;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #watcher: ReturnType<typeof watch> | undefined;
  #wake: (() => void) | undefined;
  #changed = false;

  constructor(dir: string, clock: Clock, signal: AbortSignal) {
    this.#clock = clock;
    this.#signal = signal;
    try {
      this.#watcher = watch(dir, { persistent: false }, () => this.#change());
      this.#watcher.on("error", () => {});
    } catch {
      this.#watcher = undefined; // no watches left on this machine: the second's look is enough
    }
  }

  async wait(): Promise<void> {
    const timer = new AbortController();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    if (this.#changed) resolve();
    await Promise.race([promise, this.#clock.sleep(RECHECK_MS, AbortSignal.any([timer.signal, this.#signal])).catch(() => {})]);
    timer.abort();
    this.quiet = !this.#changed;
    this.#changed = false;
  }

  close(): void {
    this.#watcher?.close();
  }

  #change(): void {
    this.#changed = true;
    this.#wake?.();
  }
}
