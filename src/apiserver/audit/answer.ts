/** What was answered, as an object, whatever the format on the wire. */
import { gunzipSync } from "node:zlib";
import type { HttpResponse } from "#base/http.ts";
import { decodeProto } from "#apimachinery/proto/decode.ts";
import { openEnvelope } from "#apimachinery/proto/envelope.ts";
import { parseYaml } from "#apimachinery/yaml.ts";
import { apiSchema, schemaTypeOf } from "#api/schema.ts";

/** Larger answers are not kept for the log. */
export const mostBytes: number = 4 * 1024 * 1024;

/** Undefined for what is no object: text, or a format that cannot be read back. */
export function answeredObject({ headers }: Pick<HttpResponse, "headers">, body: Uint8Array): unknown {
  try {
    const bytes = Buffer.from(headers["content-encoding"] === "gzip" ? gunzipSync(body, { maxOutputLength: mostBytes }) : body);
    const type = headers["content-type"] ?? "";
    if (type.startsWith("application/json")) return JSON.parse(bytes.toString());
    if (type.startsWith("application/yaml")) return parseYaml(bytes.toString()).value;
    return type.startsWith("application/vnd.kubernetes.protobuf") ? message(bytes) : undefined;
  } catch {
    return undefined;
  }
}

function message(bytes: Buffer): unknown {
  const { apiVersion, kind, raw } = openEnvelope(bytes);
  const type = schemaTypeOf(apiVersion, kind);
  return type === undefined ? undefined : { kind, apiVersion, ...decodeProto(apiSchema, type, raw) };
}
