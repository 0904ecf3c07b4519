import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { messageOf } from "#base/error-message.ts";
import type { Logger } from "#base/log.ts";
import type { ContainerAllocateResponse } from "./messages.ts";

/** The devices of one resource that one container has. */
export interface Allocated {
  readonly uid: string;
  readonly container: string;
  readonly resource: string;
  readonly devices: readonly string[];
  readonly response: ContainerAllocateResponse;
}

/** What must outlive the kubelet: who has which devices, and which there were. */
export interface Checkpoint {
  readonly allocated: readonly Allocated[];
  readonly registered: Readonly<Record<string, readonly string[]>>;
}

const nothing: Checkpoint = { allocated: [], registered: {} };

/** A file that is not there is an empty one; so is one that cannot be read, which is told. */
export async function readCheckpoint(path: string, log: Logger): Promise<Checkpoint> {
  try {
    const { allocated, registered } = JSON.parse(await readFile(path, "utf8")) as Checkpoint;
    if (Array.isArray(allocated) && typeof registered === "object") return { allocated, registered };
    throw new Error("it holds something else");
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code !== "ENOENT") log.warn({ err: messageOf(err), path }, "the devices' checkpoint cannot be read");
    return nothing;
  }
}

/** Whole or not at all. */
export async function writeCheckpoint(path: string, checkpoint: Checkpoint): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o750 });
  await writeFile(`${path}.new`, JSON.stringify(checkpoint), { mode: 0o600 });
  await rename(`${path}.new`, path);
}
