/** SPDY/3.1 frames as bytes. Specification: draft-mbelshe-httpbis-spdy-00 and its 3.1 amendment (session flow control is not used). */

export const frameType = { synStream: 1, synReply: 2, reset: 3, settings: 4, ping: 6, goAway: 7, headers: 8, windowUpdate: 9 } as const;
export const FLAG_FIN = 0x01;
export const FLAG_UNIDIRECTIONAL = 0x02;
export const SETTING_INITIAL_WINDOW = 7;
export const INITIAL_WINDOW = 65_536;

/** Why a stream was reset. */
export const resetCode = { protocolError: 1, invalidStream: 2, refusedStream: 3, cancel: 5, flowControlError: 7, streamAlreadyClosed: 9 } as const;
/** Why a session ended. */
export const goAwayCode = { ok: 0, protocolError: 1, internalError: 2 } as const;

/** The other side broke the protocol, or a limit; or the session ended under a stream. */
export class SpdyError extends Error {
  override readonly name = "SpdyError";
}

const VERSION = 3;
const MASK_31 = 0x7fffffff;

function control(type: number, flags: number, body: Uint8Array): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16BE(0x8000 | VERSION, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt32BE(body.length, 4);
  head.writeUInt8(flags, 4);
  return Buffer.concat([head, body]);
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, i) => bytes.writeUInt32BE(value, i * 4));
  return bytes;
}

export const synStream = (id: number, headerBlock: Uint8Array, flags = 0): Buffer => control(frameType.synStream, flags, Buffer.concat([words(id, 0), Buffer.alloc(2), headerBlock]));
export const synReply = (id: number, headerBlock: Uint8Array): Buffer => control(frameType.synReply, 0, Buffer.concat([words(id), headerBlock]));
export const reset = (id: number, code: number): Buffer => control(frameType.reset, 0, words(id, code));
export const ping = (id: number): Buffer => control(frameType.ping, 0, words(id));
export const goAway = (lastId: number, code: number): Buffer => control(frameType.goAway, 0, words(lastId, code));
export const windowUpdate = (id: number, delta: number): Buffer => control(frameType.windowUpdate, 0, words(id, delta));
export const settings = (entries: readonly (readonly [id: number, value: number])[]): Buffer => control(frameType.settings, 0, words(entries.length, ...entries.flat()));

/** The eight bytes before a data frame's payload. */
export function dataHead(id: number, length: number, fin: boolean): Buffer {
  const head = words(id, length);
  head.writeUInt8(fin ? FLAG_FIN : 0, 4);
  return head;
}

export type FrameHead =
  | { readonly kind: "control"; readonly type: number; readonly flags: number; readonly length: number }
  | { readonly kind: "data"; readonly id: number; readonly fin: boolean; readonly length: number };

/** Reads eight bytes. Throws `SpdyError` for another version of the protocol. */
export function parseHead(bytes: Buffer): FrameHead {
  const first = bytes.readUInt32BE(0);
  const flags = bytes.readUInt8(4);
  const length = bytes.readUIntBE(5, 3);
  if (first >>> 31 === 0) return { kind: "data", id: first, fin: (flags & FLAG_FIN) !== 0, length };
  const version = (first >>> 16) & 0x7fff;
  if (version !== VERSION) throw new SpdyError(`SPDY version ${version} is not spoken here`);
  return { kind: "control", type: first & 0xffff, flags, length };
}

/** The 31-bit number at an offset of a control frame's body. Throws when the body is too short. */
export function word(body: Buffer, offset: number): number {
  if (body.length < offset + 4) throw new SpdyError("control frame is too short");
  return body.readUInt32BE(offset) & MASK_31;
}

/** The settings of a SETTINGS frame. */
export function parseSettings(body: Buffer): (readonly [id: number, value: number])[] {
  const count = word(body, 0);
  if (body.length !== 4 + count * 8) throw new SpdyError("SETTINGS frame has the wrong length");
  return Array.from({ length: count }, (_, i) => [body.readUInt32BE(4 + i * 8) & 0xffffff, body.readUInt32BE(8 + i * 8)] as const);
}
