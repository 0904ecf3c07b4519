import type { FileHandle } from "node:fs/promises";
import { MAX_HEAD, parseRecord } from "./record.ts";

const BLOCK = 64 * 1024;
const NEWLINE = 0x0a;

/**
 * Where the last `lines` lines of a log file begin, found from its end: only what is shown is read. A line that was written in
 * several records counts once, one that is not finished counts.
 */
export async function tailOffset(file: FileHandle, lines: number): Promise<number> {
  const { size } = await file.stat();
  if (lines === 0) return size;
  const search = new TailSearch(size, lines);
  let after: Buffer = Buffer.alloc(0); // the first bytes of what was read before, where a record's head may go on
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - BLOCK);
    const block = Buffer.alloc(end - start);
    const { bytesRead } = await file.read(block, 0, block.length, start);
    if (bytesRead < block.length) return start; // cut meanwhile
    const found = search.scan(Buffer.concat([block, after]), block.length, start);
    if (found !== undefined) return found;
    after = block.subarray(0, MAX_HEAD);
    end = start;
  }
  return 0;
}

/** Walks record starts from the last to the first and counts the ends of lines. */
class TailSearch {
  readonly #size: number;
  #left: number;
  #next: number;

  constructor(size: number, lines: number) {
    this.#size = size;
    this.#left = lines;
    this.#next = size;
  }

  /** @param length of the new block, which begins at `offset` of the file; `bytes` may hold more behind it. */
  scan(bytes: Buffer, length: number, offset: number): number | undefined {
    for (let i = length - 1; i >= 0; i--) {
      const start = offset + i + 1;
      if (bytes[i] !== NEWLINE || start === this.#size) continue;
      const found = this.#record(bytes.subarray(i + 1, i + 1 + MAX_HEAD), start);
      if (found !== undefined) return found;
    }
    return offset === 0 ? this.#record(bytes.subarray(0, MAX_HEAD), 0) : undefined;
  }

  /** A record begins at `start`; the one read before begins at `#next`. */
  #record(head: Buffer, start: number): number | undefined {
    const newline = head.indexOf(NEWLINE);
    const endsLine = parseRecord(newline < 0 ? head : head.subarray(0, newline))?.partial !== true;
    const isLast = this.#next === this.#size;
    if (endsLine || isLast) {
      if (this.#left === 0) return this.#next;
      this.#left--;
    }
    this.#next = start;
    return undefined;
  }
}
