/** The wire format of protocol buffers: fields of one message, one after the other. */

/** Bytes that are not a well-formed message. */
export class WireError extends Error {
  override readonly name = "WireError";
}

/** `value` is a bigint for varints, eight bytes for fixed64, bytes for everything with a length. */
export type WireField =
  | { readonly number: number; readonly wire: 0; readonly value: bigint }
  | { readonly number: number; readonly wire: 1 | 2 | 5; readonly value: Uint8Array };

/** All fields in the order in which they stand. Throws WireError. */
export function* fieldsOf(bytes: Uint8Array): Generator<WireField> {
  let at = 0;
  while (at < bytes.length) {
    const [tag, afterTag] = varint(bytes, at);
    const number = Number(tag >> 3n);
    const wire = Number(tag & 7n);
    if (number === 0) throw new WireError("proto: illegal tag 0");
    if (wire === 0) {
      const [value, next] = varint(bytes, afterTag);
      yield { number, wire, value };
      at = next;
      continue;
    }
    if (wire !== 1 && wire !== 2 && wire !== 5) throw new WireError(`proto: wrong wireType = ${wire}`);
    const [length, start] = wire === 2 ? lengthAt(bytes, afterTag) : [wire === 1 ? 8 : 4, afterTag];
    if (start + length > bytes.length) throw new WireError("unexpected EOF");
    yield { number, wire, value: bytes.subarray(start, start + length) };
    at = start + length;
  }
}

function lengthAt(bytes: Uint8Array, at: number): readonly [length: number, next: number] {
  const [length, next] = varint(bytes, at);
  if (length > BigInt(bytes.length)) throw new WireError("unexpected EOF");
  return [Number(length), next];
}

/** A varint of up to ten bytes. */
export function varint(bytes: Uint8Array, at: number): readonly [value: bigint, next: number] {
  let low = 0; // what fits into 28 bits is most of what there is
  for (let i = 0; i < 4; i++) {
    const byte = byteAt(bytes, at + i);
    low |= (byte & 127) << (7 * i);
    if (byte < 128) return [BigInt(low), at + i + 1];
  }
  let value = BigInt(low);
  for (let i = 4; i < 10; i++) {
    const byte = byteAt(bytes, at + i);
    value |= BigInt(byte & 127) << BigInt(7 * i);
    if (byte < 128) return [value, at + i + 1];
  }
  throw new WireError("proto: integer overflow");
}

function byteAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw new WireError("unexpected EOF");
  return byte;
}

/** Two's complement of 64 bits, as int32 and int64 are sent. */
export const signed = (value: bigint): number => Number(BigInt.asIntN(64, value));
