/** ASN.1 DER, the writing half, as far as X.509 needs it. Each function returns one whole element: tag, length, contents. */

const element = (tag: number, content: Uint8Array): Buffer => Buffer.concat([Buffer.from([tag]), length(content.length), content]);

function length(n: number): Buffer {
  if (n < 0x80) return Buffer.from([n]);
  const bytes: number[] = [];
  for (let rest = n; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Buffer.from([0x80 | bytes.length, ...bytes]);
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => element(0x30, Buffer.concat(parts));
export const set = (...parts: readonly Uint8Array[]): Buffer => element(0x31, Buffer.concat(parts));
export const bool = (value: boolean): Buffer => element(0x01, Buffer.from([value ? 0xff : 0]));
export const nothing: Buffer = element(0x05, Buffer.alloc(0));
export const octets = (value: Uint8Array): Buffer => element(0x04, value);
export const text = (value: string): Buffer => element(0x0c, Buffer.from(value));
/** @param unused bits at the end of the last byte that do not count */
export const bits = (value: Uint8Array, unused = 0): Buffer => element(0x03, Buffer.concat([Buffer.from([unused]), value]));
/** A positive integer from its big-endian bytes. */
export const integer = (value: Uint8Array): Buffer => element(0x02, (value[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.of(0), value]) : value);
/** `[tag]`, constructed (holding elements) or primitive (holding bytes). */
export const tagged = (tag: number, content: Uint8Array, constructed = true): Buffer => element((constructed ? 0xa0 : 0x80) | tag, content);

/** @param dotted for example `2.5.4.3` */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return element(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(n: number): number[] {
  const bytes = [n & 0x7f];
  for (let left = n >>> 7; left > 0; left >>>= 7) bytes.unshift((left & 0x7f) | 0x80);
  return bytes;
}

/** UTCTime until 2049, GeneralizedTime after, as X.509 wants it. @param ms since the epoch */
export function time(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, "");
  return ms < Date.UTC(2050, 0) ? element(0x17, Buffer.from(digits.slice(2))) : element(0x18, Buffer.from(digits));
}
