import { decode } from "#apimachinery/decode.ts";
import { isRecord } from "#apimachinery/equal.ts";
import { jsonType } from "#apimachinery/go-types.ts";
import type { ParsedJson } from "#apimachinery/json.ts";
import { apiVersionOf, type KubeObject } from "#apimachinery/meta.ts";
import { notConverted } from "#apimachinery/yaml.ts";
import type { Custom } from "../registry/resource.ts";
import type { TypeName } from "#apimachinery/schema.ts";
import { badRequest, invalid, isStatus, type StatusError } from "#apimachinery/status.ts";
import { invalidValue } from "#apimachinery/validation/causes.ts";
import { apiSchema } from "#api/schema.ts";
import { readBody } from "../http/body.ts";
import type { RequestContext } from "../filters/context.ts";
import { formatOf, json, parseAs, type BodyFormat } from "./formats.ts";
import type { FieldValidation } from "./options.ts";
import { isRegistered } from "./registered.ts";

/** A kind that a body may be of. */
export interface BodyKind { readonly group: string; readonly version: string; readonly kind: string; readonly schema: TypeName; readonly custom?: Custom; /** Older versions of it that look the same and are still taken. */ readonly older?: readonly string[] }

/** The request's object in canonical form. Throws BadRequest, UnsupportedMediaType, RequestEntityTooLarge. */
export async function readObject<T extends KubeObject = KubeObject>(ctx: RequestContext, expected: BodyKind, fieldValidation: FieldValidation): Promise<T> {
  const format = formatOf(ctx.request.headers["content-type"], expected.custom !== undefined);
  const bytes = await readBody(ctx.request);
  const { value, duplicates } = parseBody(bytes, format, expected);
  const unreadable = noTypeMeta(value);
  if (unreadable !== undefined) throw unrecognized(expected, `${unreadable} (${summary(bytes)})`);
  const { object, unknown } = decodeAs(value, expected);
  strictness(ctx, fieldValidation, [...unknown, ...duplicates], (text) => badRequest(`${handled(expected, value)}: ${text}`));
  ctx.sent?.(object);
  return object as T;
}

function parseBody(bytes: Buffer, format: BodyFormat, expected: BodyKind): ParsedJson {
  try {
    return parseAs(format, bytes, expected.schema, expected.custom !== undefined);
  } catch (err) {
    if (!isStatus(err, "BadRequest")) throw err;
    throw unrecognized(expected, `${unread(format, err.message)} (${summary(bytes)})`);
  }
}

/** Upstream: apimachinery/pkg/runtime/serializer/json/json.go Decode */
const unread = (format: BodyFormat, why: string): string => (format === json ? `${noKind}${why}` : why.replace(notConverted, ""));

export const noKind = "couldn't get version/kind; json parse error: ";
const unrecognized = ({ kind }: BodyKind, why: string): StatusError => badRequest(`the object provided is unrecognized (must be of type ${kind}): ${why}`);

/** Upstream: apiserver/pkg/endpoints/handlers/rest.go summarizeData */
function summary(bytes: Buffer): string {
  if (bytes.length === 0) return "<empty>";
  const shown = bytes.toString(bytes[0] === 0x7b ? "utf8" : "hex", 0, 30);
  return bytes.length > 30 ? `${shown} ...` : shown;
}

/** In Go's words, who looks for two fields. Upstream: apimachinery/pkg/runtime/serializer/json/meta.go */
export const notAnObject = (value: unknown): string =>
  `json: cannot unmarshal ${jsonType(value)} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`;

const typeMeta = ["apiVersion", "kind"] as const;

/** Why no version and kind can be read from a parsed value; null is an empty object or text, as in Go. */
function noTypeMeta(value: unknown): string | undefined {
  if (value === null) return undefined;
  if (!isRecord(value)) return `${noKind}${notAnObject(value)}`;
  const wrong = typeMeta.find((field) => value[field] !== undefined && value[field] !== null && typeof value[field] !== "string");
  return wrong && `${noKind}json: cannot unmarshal ${jsonType(value[wrong])} into Go struct field .${wrong} of type string`;
}

/** A parsed value as an object of this kind; null is an empty one, as in Go. */
export function decodeAs(given: unknown, expected: BodyKind): { readonly object: KubeObject; readonly unknown: readonly string[] } {
  const unreadable = noTypeMeta(given);
  if (unreadable !== undefined) throw badRequest(unreadable);
  const value = (given ?? {}) as Record<string, unknown>;
  if (expected.custom !== undefined) checkTyped(value, expected);
  checkKind(value, expected);
  const { object, unknown } = attempt(value, expected);
  // kind and apiVersion first, then metadata: see cacher/encoding.ts
  const { kind: _k, apiVersion: _v, ...rest } = object;
  return { object: { kind: expected.kind, apiVersion: apiVersionOf(expected.group, expected.version), ...rest } as KubeObject, unknown };
}

function attempt(value: Record<string, unknown>, expected: BodyKind): ReturnType<typeof decode> {
  try {
    return expected.custom === undefined ? decode(apiSchema, expected.schema, value) : expected.custom.read(value);
  } catch (err) {
    if (isStatus(err, "BadRequest")) throw badRequest(`${handled(expected, value)}: ${err.message}`);
    throw err;
  }
}

/** A custom object must say what it is. Upstream: apimachinery/pkg/apis/meta/v1/unstructured UnstructuredJSONScheme */
function checkTyped(value: Record<string, unknown>, own: BodyKind): void {
  if (!value["kind"]) throw unrecognized(own, `Object 'Kind' is missing in '${JSON.stringify(value)}' (${summary(Buffer.from(JSON.stringify(value)))})`);
  if (!value["apiVersion"]) throw badRequest(`the API version in the data () does not match the expected API version (${apiVersionOf(own.group, own.version)})`);
}

/** Upstream: apiserver/pkg/endpoints/handlers/create.go, "does not match the expected API version" */
function checkKind(value: Record<string, unknown>, own: BodyKind): void {
  const { group, version, kind } = own;
  const expected = apiVersionOf(group, version);
  const given = value["kind"] as string | null | undefined;
  const wanted = (value["apiVersion"] as string | null | undefined) || expected;
  const said = own.older?.some((old) => wanted === apiVersionOf(group, old)) === true ? expected : wanted;
  if (given && !isRegistered(said, given, own)) {
    throw badRequest(`${given} in version ${JSON.stringify(said)} cannot be handled as a ${kind}: no kind ${JSON.stringify(given)} is registered for version ${JSON.stringify(said)} in scheme "pkg/api/legacyscheme/scheme.go:30"`);
  }
  if (said !== expected) throw badRequest(`the API version in the data (${said}) does not match the expected API version (${expected})`);
  if (!given || given === kind) return;
  if (own.custom !== undefined) throw invalid({ group, kind: given }, nameIn(value), [invalidValue("kind", given, `must be ${kind}`)]);
  throw badRequest(`${given} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: converting (${version}.${given}) to (${group || "core"}.${kind}): unknown conversion`);
}

const nameIn = ({ metadata }: Record<string, unknown>): string => (isRecord(metadata) && typeof metadata["name"] === "string" ? metadata["name"] : "");

const handled = ({ kind, version }: BodyKind, value: unknown): string => {
  const given = isRecord(value) && typeof value["kind"] === "string" && value["kind"] !== "" ? value["kind"] : kind;
  return `${given} in version ${JSON.stringify(version)} cannot be handled as a ${kind}`;
};

/** What happens to fields that the kind does not have, or that were said twice. Upstream: --validate, fieldValidation */
export function strictness(ctx: RequestContext, fieldValidation: FieldValidation, problems: readonly string[], refuse: (text: string) => StatusError): void {
  if (problems.length === 0 || fieldValidation === "Ignore") return;
  if (fieldValidation === "Strict") throw refuse(`strict decoding error: ${problems.join(", ")}`);
  for (const problem of problems) ctx.warnings.add(problem);
}
