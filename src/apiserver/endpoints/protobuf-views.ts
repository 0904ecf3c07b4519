import { apiVersionOf } from "#apimachinery/meta.ts";
import { encodeProto } from "#apimachinery/proto/encode.ts";
import { envelopeHead, envelopeTail, fieldHead, lengthDelimited } from "#apimachinery/proto/envelope.ts";
import type { TypeName } from "#apimachinery/schema.ts";
import type { StatusError } from "#apimachinery/status.ts";
import { apiSchema } from "#api/schema.ts";
import type { Item } from "../cacher/item.ts";
import { formOf, type AnyResource } from "../registry/resource.ts";
import { decodeStored } from "../registry/stored.ts";
import { protobufBytes } from "./value-bytes.ts";
import type { ListMeta, View } from "./view.ts";

/** Objects as messages, each encoded once and kept with its item. */
export function protobufView(resource: AnyResource): View {
  return view(resource, apiVersionOf(resource.group, resource.version), resource.kind, resource.schema);
}

/** Metadata alone: of every resource, of custom ones as well. Upstream: metav1.PartialObjectMetadata */
export function partialProtobufView(resource: AnyResource, apiVersion: string): View {
  return view(resource, apiVersion, "PartialObjectMetadata", "meta/v1.PartialObjectMetadata");
}

function view(resource: AnyResource, apiVersion: string, kind: string, schema: TypeName): View {
  const id = `protobuf ${apiVersion} ${kind} ${formOf(resource)}`;
  const head = envelopeHead(apiVersion, kind);
  // a list's items and the envelope's content both are field 2: one encoding serves as either
  const element = (item: Item): Buffer => item.derived(id, () => asField(encodeProto(apiSchema, schema, decodeStored(resource, item))));
  return {
    id, format: "protobuf", sized: true, separator: Buffer.alloc(0),
    one: (item) => Buffer.concat([head, element(item), envelopeTail]),
    element,
    listHead: (metadata, { bytes }) => listHead(apiVersion, `${kind}List`, metadata, bytes),
    listTail: () => envelopeTail,
    frame: (type, item) => event(type, [head, element(item), envelopeTail]),
    bookmark: (metadata) => event("BOOKMARK", [head, asField(encodeProto(apiSchema, schema, { metadata })), envelopeTail]),
    failure: (err: StatusError) => event("ERROR", [protobufBytes(err.toStatus())]),
  };
}

const asField = (message: Buffer): Buffer => Buffer.concat([fieldHead(2, message.length), message]);

function listHead(apiVersion: string, kind: string, metadata: ListMeta, bytes: number): Buffer {
  const meta = encodeProto(apiSchema, "meta/v1.ListMeta", metadata);
  const own = Buffer.concat([fieldHead(1, meta.length), meta]);
  return Buffer.concat([envelopeHead(apiVersion, kind), fieldHead(2, own.length + bytes), own]);
}

/** `WatchEvent{type, object: RawExtension{raw}}` behind its length; the object within is enveloped. Upstream: protobuf.LengthDelimitedFramer */
function event(type: string, object: readonly Buffer[]): Buffer {
  const length = object.reduce((sum, part) => sum + part.length, 0);
  const raw = fieldHead(1, length);
  return lengthDelimited([fieldHead(1, type.length), Buffer.from(type), fieldHead(2, raw.length + length), raw, ...object]);
}
