import type { KubeObject } from "#apimachinery/meta.ts";
import type { Revision } from "#storage/store.ts";

const metadataOpens = Buffer.from('"metadata":{');
const revisionOpens = Buffer.from('"resourceVersion":"');
const quote = 0x22;
const backslash = 0x5c;
const openingBrace = 0x7b;
const comma = 0x2c;
const closingBrace = 0x7d;

/**
 * The bytes that are stored: kind, apiVersion and metadata first, and no resourceVersion, because it is the
 * store that gives it. `withRevision` relies on that order.
 */
export function encodeObject(obj: KubeObject): Buffer {
  const { kind, apiVersion, metadata, ...rest } = obj;
  const { resourceVersion: _, ...kept } = metadata;
  return Buffer.from(JSON.stringify({ kind, apiVersion, metadata: kept, ...rest }));
}

/** Encoded bytes with `revision` as their resourceVersion, in place of one that stands there already. */
export function withRevision(bytes: Uint8Array, revision: Revision): Buffer {
  const buffer = asBuffer(bytes);
  const at = buffer.indexOf(metadataOpens) + metadataOpens.length;
  let rest = at;
  if (buffer.subarray(at, at + revisionOpens.length).equals(revisionOpens)) {
    rest = buffer.indexOf(quote, at + revisionOpens.length) + 1;
    if (buffer[rest] === comma) rest++;
  }
  const insert = `"resourceVersion":"${revision}"${buffer[rest] === closingBrace ? "" : ","}`;
  const made = Buffer.allocUnsafeSlow(at + insert.length + buffer.length - rest);
  buffer.copy(made, 0, 0, at);
  made.write(insert, at, "latin1");
  buffer.copy(made, at + insert.length, rest);
  return made;
}

/** The metadata of encoded bytes, cut out of them: nothing is parsed, however large the rest is. Relies on the order as `withRevision` does. */
export function metadataOf(buffer: Buffer): Buffer {
  const from = buffer.indexOf(metadataOpens) + metadataOpens.length - 1;
  let at = from;
  for (let depth = 0; at < buffer.length; at++) {
    const byte = buffer[at];
    if (byte === quote) at = closingQuote(buffer, at);
    else if (byte === openingBrace) depth++;
    else if (byte === closingBrace && --depth === 0) break;
  }
  return buffer.subarray(from, at + 1);
}

/** Where the text ends that begins at `at`. */
function closingQuote(buffer: Buffer, at: number): number {
  for (let i = at + 1; i < buffer.length; i++) {
    if (buffer[i] === backslash) i++;
    else if (buffer[i] === quote) return i;
  }
  return buffer.length;
}

/**
 * Bytes that are kept for long, in memory of their own: cut from Node's pool, they would hold all 64 KiB of it, which made
 * 1 KiB of an Event cost the server a hundred.
 */
export function unpooled(bytes: Buffer): Buffer {
  if (bytes.buffer.byteLength === bytes.byteLength) return bytes;
  const made = Buffer.allocUnsafeSlow(bytes.byteLength);
  bytes.copy(made);
  return made;
}

/** All parts in one, in memory of their own as `unpooled`. */
export function joined(parts: readonly Uint8Array[]): Buffer {
  const made = Buffer.allocUnsafeSlow(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    made.set(part, at);
    at += part.byteLength;
  }
  return made;
}

/** The same bytes as a Buffer, without a copy. */
export const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Parsed bytes that this server has encoded itself. */
export const parseObject = <T extends KubeObject = KubeObject>(bytes: Buffer): T => JSON.parse(bytes.toString()) as T;
