import { parseJson, type ParsedJson } from "#apimachinery/json.ts";
import { decodeProto } from "#apimachinery/proto/decode.ts";
import { openEnvelope } from "#apimachinery/proto/envelope.ts";
import { WireError } from "#apimachinery/proto/wire.ts";
import type { TypeName } from "#apimachinery/schema.ts";
import { badRequest, StatusError } from "#apimachinery/status.ts";
import { parseYaml } from "#apimachinery/yaml.ts";
import { apiSchema } from "#api/schema.ts";

export const json = "application/json";
const yaml = "application/yaml";
const protobuf = "application/vnd.kubernetes.protobuf";
export type BodyFormat = typeof json | typeof yaml | typeof protobuf;

/** The format of a body by its `Content-Type`; JSON without one. Throws UnsupportedMediaType. @param custom kinds known at run time have no protobuf */
export function formatOf(contentType: string | undefined, custom = false): BodyFormat {
  const type = (contentType ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  if (type === "") return json;
  if (type === json || type === yaml || (type === protobuf && !custom)) return type;
  throw new StatusError("UnsupportedMediaType", `the body of the request was in an unknown format - accepted media types include: ${json}, ${yaml}, ${protobuf}`); // upstream names it for custom kinds too
}

/** A body as the JSON value of an object of `schema`'s type. Throws BadRequest. @param custom kinds known at run time have no schema here, and integers of any size */
export function parseAs(format: BodyFormat, bytes: Buffer, schema: TypeName, custom = false): ParsedJson {
  if (format === yaml) return parseYaml(bytes.toString(), custom);
  if (format === json) return parseJson(bytes, { exact: custom });
  try {
    const { apiVersion, kind, raw } = openEnvelope(bytes);
    return { value: { apiVersion, kind, ...decodeProto(apiSchema, schema, raw) }, duplicates: [] };
  } catch (err) {
    if (err instanceof WireError) throw badRequest(err.message);
    throw err;
  }
}
