/** Named formats of strings: `!format.dns1123Label().validate(name).hasValue()`. Upstream: apiserver/pkg/cel/library/format.go */
import { flat, type CallCost } from "../call-costs.ts";
import { ArrayList, sizeOf } from "../containers.ts";
import { overload, type Overload } from "../declarations.ts";
import { regexCost, fixed, unknownSize } from "../sizes.ts";
import { parseTimestamp } from "../time-values.ts";
import { CelError, Opaque, Optional, type Value } from "../values.ts";
import * as names from "../../validation/names.ts";

interface Format { readonly name: string; readonly check: (text: string) => readonly string[] }

const prefix = (check: (text: string) => readonly string[]) => (text: string): readonly string[] => check(names.prefixOf(text));
const test = (holds: (text: string) => boolean, complaint: string) => (text: string): readonly string[] => (holds(text) ? [] : [complaint]);
const isUri = (text: string): boolean => text.startsWith("/") || (/^[a-zA-Z][a-zA-Z0-9+.-]*:/.test(text) && URL.canParse(text));
const isDate = (text: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(text) && !(parseTimestamp(`${text}T00:00:00Z`) instanceof CelError);
const isBase64 = (text: string): boolean => text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);

const formats: readonly Format[] = [
  { name: "dns1123Label", check: names.dns1123Label }, { name: "dns1123Subdomain", check: names.dns1123Subdomain }, { name: "dns1035Label", check: names.dns1035Label },
  { name: "qualifiedName", check: names.qualifiedName }, { name: "labelValue", check: names.labelValue },
  { name: "dns1123LabelPrefix", check: prefix(names.dns1123Label) }, { name: "dns1123SubdomainPrefix", check: prefix(names.dns1123Subdomain) }, { name: "dns1035LabelPrefix", check: prefix(names.dns1035Label) },
  { name: "uri", check: test(isUri, "invalid URI") }, { name: "uuid", check: test((text) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(text), "does not match the UUID format") },
  { name: "byte", check: test(isBase64, "invalid base64") }, { name: "date", check: test(isDate, "invalid date") },
  { name: "datetime", check: test((text) => !(parseTimestamp(text.toUpperCase()) instanceof CelError), "invalid datetime") },
];

const type = "kubernetes.NamedFormat";
const values = new Map(formats.map((format) => [format.name, new Opaque(type, format)]));

function named(name: string): Value {
  const format = values.get(name);
  return format === undefined ? Optional.none : new Optional(format);
}
function validate({ payload }: Opaque<Format>, text: string): Value {
  const errors = payload.check(text);
  return errors.length === 0 ? Optional.none : new Optional(new ArrayList(errors));
}

/** The formats' own patterns are taken to be as long as the longest. */
const longestPattern = 128;
const validating: CallCost = {
  run: (args) => Math.ceil((1 + sizeOf(args[1] ?? null)) / 10) * (longestPattern / 4),
  estimate: (args) => ({ cost: regexCost(args[1]?.size ?? unknownSize, fixed(longestPattern)) }),
};

export const formatLibrary: readonly Overload[] = [
  overload(`format::named(string) -> optional(${type})`, named, flat(1)),
  overload(`${type}.validate(string) -> optional(list(string))`, validate, validating),
  ...[...values].map(([name, value]) => overload(`format::${name}() -> ${type}`, () => value, flat(1))),
];
