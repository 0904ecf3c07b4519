import { createWriteStream, existsSync, openSync, renameSync, rmSync, statSync, type WriteStream } from "node:fs";

/** Lines are thrown away while so much waits for the disk: what writes must not wait for a log. */
const mostWaiting = 8 * 1024 * 1024;

/** A file that is appended to; when it is full it becomes `<path>.1` and begins anew. So many older ones are kept, the oldest with the greatest number. Mode 0600. */
export class RotatingFile {
  readonly #path: string;
  readonly #maxBytes: number;
  readonly #backups: number;
  #stream: WriteStream;
  #bytes: number;
  #lost = 0;

  constructor(path: string, maxBytes: number, backups = 1) {
    this.#path = path;
    this.#backups = backups;
    this.#maxBytes = maxBytes;
    this.#bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    this.#stream = this.#open();
  }

  /** Lines that found no room. */
  get lost(): number {
    return this.#lost;
  }

  write(line: string): void {
    if (this.#stream.writableLength > mostWaiting) {
      this.#lost++;
      return;
    }
    const bytes = Buffer.byteLength(line);
    if (this.#bytes > 0 && this.#bytes + bytes > this.#maxBytes) this.#rotate();
    this.#bytes += bytes;
    this.#stream.write(line);
  }

  /** Resolves when everything is written. */
  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#stream.end(resolve));
  }

  #rotate(): void {
    this.#stream.end();
    for (let n = this.#backups - 1; n >= 1; n--) if (existsSync(`${this.#path}.${n}`)) renameSync(`${this.#path}.${n}`, `${this.#path}.${n + 1}`);
    if (this.#backups > 0) renameSync(this.#path, `${this.#path}.1`);
    else rmSync(this.#path);
    this.#stream = this.#open();
    this.#bytes = 0;
  }

  #open(): WriteStream {
    const stream = createWriteStream(this.#path, { fd: openSync(this.#path, "a", 0o600) });
    stream.on("error", () => { this.#lost++; });
    return stream;
  }
}
