import { fixedTime, parseRecord } from "./record.ts";

export interface FormatOptions {
  readonly timestamps?: boolean;
  /** Nothing older is shown. Milliseconds since the epoch. */
  readonly sinceMs?: number;
  readonly limitBytes?: number;
  /** So many lines of the log are looked at, shown or not. */
  readonly limitLines?: number;
  readonly stream?: "stdout" | "stderr";
}

const NEWLINE = Buffer.from("\n");

/** Turns records into what the container wrote, up to a limit of bytes or lines. */
export class LogFormatter {
  readonly #options: FormatOptions;
  #left: number;
  #linesLeft: number;
  #lineBegun = false;

  constructor(options: FormatOptions) {
    this.#options = options;
    this.#left = options.limitBytes ?? Number.POSITIVE_INFINITY;
    this.#linesLeft = options.limitLines ?? Number.POSITIVE_INFINITY;
  }

  /** The limit is reached: nothing more will come. */
  get full(): boolean {
    return this.#left <= 0 || this.#linesLeft <= 0;
  }

  format(lines: readonly Buffer[]): Buffer {
    const parts: Buffer[] = [];
    for (const line of lines) this.#add(line, parts);
    const out = Buffer.concat(parts);
    const shown = out.subarray(0, Math.min(out.length, this.#left));
    this.#left -= shown.length;
    return shown;
  }

  #add(line: Buffer, parts: Buffer[]): void {
    const record = parseRecord(line);
    if (record === undefined || this.#linesLeft <= 0) return;
    if (!record.partial) this.#linesLeft--;
    const { timestamps, sinceMs, stream } = this.#options;
    if (stream !== undefined && record.stream !== stream) return;
    if (sinceMs !== undefined && Date.parse(record.time) < sinceMs) return;
    if (timestamps === true && !this.#lineBegun) parts.push(Buffer.from(`${fixedTime(record.time)} `));
    parts.push(record.text);
    if (!record.partial) parts.push(NEWLINE);
    this.#lineBegun = record.partial;
  }
}
