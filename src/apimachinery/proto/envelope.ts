import { fieldsOf, WireError } from "./wire.ts";
import { ReverseWriter } from "./writer.ts";

/** What a protobuf body says it is, and the message itself. Upstream: runtime.Unknown behind the magic `k8s\0` */
export interface Envelope { readonly apiVersion: string; readonly kind: string; readonly raw: Uint8Array }

const magic = Buffer.from("k8s\0");

/** Throws WireError for what does not begin with the magic bytes. */
export function openEnvelope(bytes: Uint8Array): Envelope {
  if (bytes.length === 0) throw new WireError("empty data");
  if (!magic.equals(bytes.subarray(0, magic.length))) throw new WireError("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]");
  if (bytes.length === magic.length) throw new WireError("empty body");
  let [apiVersion, kind, raw] = ["", "", new Uint8Array()];
  for (const field of fieldsOf(bytes.subarray(magic.length))) {
    if (field.wire !== 2) continue;
    if (field.number === 2) raw = Uint8Array.from(field.value);
    if (field.number !== 1) continue;
    for (const part of fieldsOf(field.value)) {
      if (part.wire !== 2) continue;
      if (part.number === 1) apiVersion = Buffer.from(part.value).toString();
      if (part.number === 2) kind = Buffer.from(part.value).toString();
    }
  }
  return { apiVersion, kind, raw };
}

const scratch = new ReverseWriter();
/** contentEncoding and contentType, both empty, are always written. */
export const envelopeTail: Buffer = Buffer.from([0x1a, 0, 0x22, 0]);

/**
 * What stands before the message in its envelope. The message itself is the envelope's field 2, the tail ends it:
 * head, `fieldHead(2, length)`, message, tail. Upstream: apimachinery/pkg/runtime/serializer/protobuf Serializer.Encode
 */
export function envelopeHead(apiVersion: string, kind: string): Buffer {
  stringField(2, kind);
  stringField(1, apiVersion);
  scratch.close(1, 0);
  scratch.bytes(magic);
  return scratch.take();
}

/** Tag and length that stand in front of `length` bytes of field `number`. */
export function fieldHead(number: number, length: number): Buffer {
  scratch.varint(length);
  scratch.tag(number, 2);
  return scratch.take();
}

/** One frame of a stream: four bytes of length, then the parts. Upstream: util/framer NewLengthDelimitedFrameWriter */
export function lengthDelimited(parts: readonly Uint8Array[]): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(parts.reduce((sum, part) => sum + part.length, 0));
  return Buffer.concat([head, ...parts]);
}

function stringField(number: number, value: string): void {
  const before = scratch.size;
  scratch.text(value);
  scratch.close(number, before);
}
