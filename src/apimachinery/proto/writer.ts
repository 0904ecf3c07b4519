/** Writes a message from its end to its beginning: what goes in front of a nested message, its length, is known by then. */
export class ReverseWriter {
  #buffer = Buffer.allocUnsafe(16 * 1024);
  #at: number = this.#buffer.length;

  /** Bytes written so far. */
  get size(): number {
    return this.#buffer.length - this.#at;
  }

  /** What was written, in a buffer of its own; the writer is empty afterwards. */
  take(): Buffer {
    const taken = Buffer.from(this.#buffer.subarray(this.#at));
    this.#at = this.#buffer.length;
    return taken;
  }

  /** Forgets what was written, after a fault. */
  clear(): void {
    this.#at = this.#buffer.length;
  }

  bytes(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#at -= bytes.length;
    this.#buffer.set(bytes, this.#at);
  }

  /** UTF-8 without its length. */
  text(text: string): void {
    if (text.length < 24 && this.#ascii(text)) return;
    const length = Buffer.byteLength(text);
    this.#room(length);
    this.#at -= length;
    this.#buffer.write(text, this.#at);
  }

  double(value: number): void {
    this.#room(8);
    this.#at -= 8;
    this.#buffer.writeDoubleLE(value, this.#at);
  }

  /** An integer as a varint; negative ones take ten bytes, as int32 and int64 do. */
  varint(value: number): void {
    if (value >= 0 && value < 0x80) this.#byte(value);
    else if (value >= 0 && value <= 0x7fffffff) this.#small(value);
    else this.#large(BigInt.asUintN(64, BigInt(value)));
  }

  /** Field number and wire type in front of what was written last. */
  tag(number: number, wire: 0 | 1 | 2): void {
    this.varint(number * 8 + wire);
  }

  /** Length and tag in front of everything that was written since `size` was `before`. */
  close(number: number, before: number): void {
    this.varint(this.size - before);
    this.tag(number, 2);
  }

  #byte(value: number): void {
    this.#room(1);
    this.#buffer[--this.#at] = value;
  }

  #small(value: number): void {
    const length = value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 5;
    this.#room(length);
    this.#at -= length;
    for (let i = 0, rest = value; i < length; i++, rest >>>= 7) this.#buffer[this.#at + i] = (rest & 0x7f) | (i < length - 1 ? 0x80 : 0);
  }

  #large(value: bigint): void {
    const bytes: number[] = [];
    let rest = value;
    for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
    this.bytes(Uint8Array.of(...bytes, Number(rest)));
  }

  /** Short names are mostly ASCII, and a loop is faster than a call into the runtime. */
  #ascii(text: string): boolean {
    this.#room(text.length);
    const start = this.#at - text.length;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) return false;
      this.#buffer[start + i] = code;
    }
    this.#at = start;
    return true;
  }

  #room(length: number): void {
    if (length <= this.#at) return;
    const { size } = this;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, size + length));
    this.#buffer.copy(larger, larger.length - size, this.#at);
    this.#buffer = larger;
    this.#at = larger.length - size;
  }
}
