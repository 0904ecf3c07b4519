/** The two formats in which clients speak to the server: how a body, an answer and a frame of a watch look in each. */
import type { IncomingMessage } from "node:http";
import { apiSchema, schemaTypeOf } from "#api/schema.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { decodeProto } from "#apimachinery/proto/decode.ts";
import { encodeProto } from "#apimachinery/proto/encode.ts";
import { envelopeHead, envelopeTail, fieldHead, openEnvelope } from "#apimachinery/proto/envelope.ts";

export const jsonType = "application/json";
export const protobufType = "application/vnd.kubernetes.protobuf";

export interface Codec {
  readonly name: string;
  readonly type: string;
  readonly streamType: string;
  /** `value` says its kind and apiVersion. */
  write(value: object): Uint8Array;
  read(bytes: Buffer): Record<string, unknown>;
  /** The first frame of a stream and its length; undefined while it is not whole. */
  frame(bytes: Buffer): (Frame & { readonly length: number }) | undefined;
}
export interface Frame { readonly type: string; readonly object: Record<string, unknown> }

export const json: Codec = {
  name: "json", type: jsonType, streamType: jsonType,
  write: (value) => Buffer.from(JSON.stringify(value)),
  read: (bytes) => JSON.parse(bytes.toString()) as Record<string, unknown>,
  frame(bytes) {
    const end = bytes.indexOf("\n");
    return end < 0 ? undefined : { length: end + 1, ...(JSON.parse(bytes.toString("utf8", 0, end)) as Frame) };
  },
};

export const protobuf: Codec = {
  name: "protobuf", type: protobufType, streamType: `${protobufType};stream=watch`,
  write(value) {
    const { apiVersion, kind } = value as Required<KubeObject>;
    const message = encodeProto(apiSchema, schemaTypeOf(apiVersion, kind) ?? "", value);
    return Buffer.concat([envelopeHead(apiVersion, kind), fieldHead(2, message.length), message, envelopeTail]);
  },
  read(bytes) {
    const { apiVersion, kind, raw } = openEnvelope(bytes);
    return { kind, apiVersion, ...decodeProto(apiSchema, schemaTypeOf(apiVersion, kind) ?? "", raw) };
  },
  frame(bytes) {
    if (bytes.length < 4 || bytes.length < 4 + bytes.readUInt32BE()) return undefined;
    const length = 4 + bytes.readUInt32BE();
    const typeEnd = 6 + (bytes[5] ?? 0);
    return { length, type: bytes.toString("utf8", 6, typeEnd), object: protobuf.read(bytes.subarray(bytes.indexOf("k8s\0", typeEnd), length)) };
  },
};

/** The frames of a watch as they come, until the stream ends or the caller leaves. */
export async function* framesOf(codec: Codec, message: IncomingMessage): AsyncGenerator<Frame> {
  let bytes = Buffer.alloc(0);
  for await (const piece of message) {
    bytes = Buffer.concat([bytes, piece as Buffer]);
    for (let frame = codec.frame(bytes); frame !== undefined; frame = codec.frame(bytes)) {
      yield frame;
      bytes = bytes.subarray(frame.length);
    }
  }
}
