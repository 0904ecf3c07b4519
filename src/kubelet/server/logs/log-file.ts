import type { FileHandle } from "node:fs/promises";
import { EscapeError, isCode, openBeneath, openFile } from "#volumes/beneath.ts";
import { HttpError } from "../http-error.ts";
import { tailOffset } from "./tail.ts";

const BLOCK = 64 * 1024;
/** Runtimes cut lines at 16 KiB; what is longer is no log of theirs and is left out. */
const MAX_LINE = 1024 * 1024;
const NEWLINE = 0x0a;

/** A log file that is being written: complete lines only, from where reading stopped. */
export class LogFile {
  readonly inode: number;
  readonly #file: FileHandle;
  #offset = 0;
  #rest: Buffer = Buffer.alloc(0);
  #skipping = false;

  private constructor(file: FileHandle, inode: number) {
    this.#file = file;
    this.inode = inode;
  }

  /**
   * Opens a regular file beneath the log directory; no link of any kind is followed (a container may not choose what is read).
   * Undefined when it is not there (between rotation and reopening). Throws `HttpError` for a link or another kind of file.
   */
  static async open(root: string, path: string): Promise<LogFile | undefined> {
    try {
      const place = await openBeneath(root, path);
      try {
        return new LogFile(await openFile(place), (await place.stat()).ino);
      } finally {
        await place.close();
      }
    } catch (err) {
      if (isCode(err, "ENOENT", "ENOTDIR")) return undefined;
      if (err instanceof EscapeError) throw new HttpError(400, `failed to open log file: ${err.message}`, { cause: err });
      throw err;
    }
  }

  /** Skips to the last lines. */
  async seekTail(lines: number): Promise<void> {
    this.#offset = await tailOffset(this.#file, lines);
  }

  /** The lines that are complete, without newlines; empty when there are none yet. @returns undefined at the end of the file */
  async read(): Promise<readonly Buffer[] | undefined> {
    const block = Buffer.allocUnsafe(BLOCK);
    const { bytesRead } = await this.#file.read(block, 0, BLOCK, this.#offset);
    if (bytesRead === 0) return undefined;
    this.#offset += bytesRead;
    return this.#split(Buffer.concat([this.#rest, block.subarray(0, bytesRead)]));
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  #split(bytes: Buffer): readonly Buffer[] {
    const lines: Buffer[] = [];
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      if (!this.#skipping) lines.push(bytes.subarray(start, end));
      this.#skipping = false;
      start = end + 1;
    }
    this.#rest = bytes.subarray(start);
    if (this.#rest.length > MAX_LINE) {
      this.#rest = Buffer.alloc(0);
      this.#skipping = true;
    }
    return lines;
  }
}
