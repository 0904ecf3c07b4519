/** Values that are made for one answer, in the client's format: a Status, a Scale, a review, a discovery document. */
import { encodeProto } from "#apimachinery/proto/encode.ts";
import { envelopeHead, envelopeTail, fieldHead } from "#apimachinery/proto/envelope.ts";
import { StatusError } from "#apimachinery/status.ts";
import { apiSchema, schemaTypeOf } from "#api/schema.ts";
import type { HttpResponse } from "#base/http.ts";
import { isValueResponse } from "../filters/responses.ts";
import { contentTypeOf, errorOffer, negotiate, type Accepted, type Asking } from "./negotiation.ts";
import { yamlText } from "./yaml.ts";

/** The same answer in the accepted format. What is no value (bytes, a stream) stays as it is. */
export function inFormat(response: HttpResponse, accepted: Accepted): HttpResponse {
  if (!isValueResponse(response) || (accepted.format === "json" && !accepted.pretty)) return response;
  return { status: response.status, headers: { ...response.headers, "content-type": contentTypeOf(accepted.format) }, body: bytesOf(response.value, accepted) };
}

/** An error in the client's format; in JSON for one who accepts none. Upstream: responsewriters.ErrorNegotiated */
export function errorInFormat(response: HttpResponse, asking: Asking): HttpResponse {
  try {
    return inFormat(response, negotiate(asking, errorOffer));
  } catch (err) {
    if (!(err instanceof StatusError)) throw err;
    return inFormat(response, { format: "json", pretty: true });
  }
}

function bytesOf(value: object, { format, pretty }: Accepted): Buffer {
  switch (format) {
    case "json": return Buffer.from(pretty ? JSON.stringify(value, null, 2) : `${JSON.stringify(value)}\n`);
    case "yaml": return Buffer.from(yamlText(value));
    case "protobuf": return protobufBytes(value);
  }
}

/** In its envelope. Throws NotAcceptable for a kind without a message. */
export function protobufBytes(value: object): Buffer {
  const { apiVersion = "", kind = "" } = value as { readonly apiVersion?: string; readonly kind?: string };
  const type = schemaTypeOf(apiVersion, kind);
  if (type === undefined) throw new StatusError("NotAcceptable", `object *${kind} does not implement the protobuf marshalling interface and cannot be encoded to a protobuf message`);
  const message = encodeProto(apiSchema, type, value);
  return Buffer.concat([envelopeHead(apiVersion, kind), fieldHead(2, message.length), message, envelopeTail]);
}
