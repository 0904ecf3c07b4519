/** What one part of the kubelet must know after a restart, in a file of its own. */
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { messageOf } from "#base/error-message.ts";
import type { Logger } from "#base/log.ts";

/** Undefined when there is no such file, or one that cannot be read, which is told. @param isOne the value of a file that says what it should */
export async function readCheckpoint<T>(path: string, isOne: (value: unknown) => value is T, log: Logger): Promise<T | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path, "utf8"));
    if (isOne(value)) return value;
    throw new Error("it holds something else");
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code !== "ENOENT") log.warn({ err: messageOf(err), path }, "a checkpoint cannot be read");
    return undefined;
  }
}

/** Whole or not at all. */
export async function writeCheckpoint(path: string, value: object): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o750 });
  await writeFile(`${path}.new`, JSON.stringify(value), { mode: 0o600 });
  await rename(`${path}.new`, path);
}
