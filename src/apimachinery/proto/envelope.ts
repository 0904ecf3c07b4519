import { fieldsOf, WireError } from "./wire.ts";

/** What a protobuf body says it is, and the message itself. Upstream: runtime.Unknown behind the magic `k8s\0` */
export interface Envelope { readonly apiVersion: string; readonly kind: string; readonly raw: Uint8Array }

const magic = Buffer.from("k8s\0");

/** Throws WireError for what does not begin with the magic bytes. */
export function openEnvelope(bytes: Uint8Array): Envelope {
  if (!magic.equals(bytes.subarray(0, magic.length))) throw new WireError("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]");
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
