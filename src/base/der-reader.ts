/** Reads DER (X.690), as far as certificate requests need it. */

export class DerError extends Error {
  override readonly name = "DerError";
}

/** One element. Its bytes are views into what was read. */
export interface Element {
  /** The identifier octet: class, constructed, number. */
  readonly tag: number;
  readonly content: Buffer;
  /** With identifier and length. */
  readonly whole: Buffer;
}

/** The elements that follow one another in `bytes`. Throws DerError. */
export function readAll(bytes: Buffer): readonly Element[] {
  const elements: Element[] = [];
  for (let at = 0; at < bytes.length;) {
    const element = readOne(bytes, at);
    elements.push(element);
    at += element.whole.length;
  }
  return elements;
}

/** The parts of a constructed element. Throws DerError when it has another tag. */
export function parts(element: Element | undefined, tag: number = tags.sequence): readonly Element[] {
  if (element?.tag !== tag) throw new DerError("an element is missing or of another type");
  return readAll(element.content);
}

export const tags = { bitString: 0x03, oid: 0x06, sequence: 0x30, set: 0x31 } as const;

function readOne(bytes: Buffer, at: number): Element {
  const [tag, first] = [bytes[at], bytes[at + 1]];
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) throw new DerError("an identifier is cut or long");
  const extra = first < 0x80 ? 0 : first & 0x7f;
  if (extra > 4 || first === 0x80) throw new DerError("a length is indefinite or too long");
  const start = at + 2 + extra;
  const length = extra === 0 ? first : bytes.length >= start ? bytes.readUIntBE(at + 2, extra) : Infinity;
  if (start + length > bytes.length) throw new DerError("an element is cut");
  return { tag, content: bytes.subarray(start, start + length), whole: bytes.subarray(at, start + length) };
}

/** `1.2.840.113549`. Throws DerError. */
export function readOid(element: Element | undefined): string {
  if (element?.tag !== tags.oid || element.content.length === 0) throw new DerError("an object identifier is missing");
  const numbers: number[] = [];
  let value = 0;
  for (const byte of element.content) {
    value = value * 128 + (byte & 0x7f);
    if ((byte & 0x80) !== 0) continue;
    numbers.push(value);
    value = 0;
  }
  const [first = 0, ...rest] = numbers;
  const top = Math.min(Math.floor(first / 40), 2);
  return [top, first - top * 40, ...rest].join(".");
}
