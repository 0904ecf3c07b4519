/** Names of this group. Upstream: pkg/apis/resource/validation */
import type { Cause } from "#apimachinery/status.ts";
import { eachInvalid, invalidValue, required, tooLong } from "#apimachinery/validation/causes.ts";
import { cIdentifier, dns1123Label, dns1123Subdomain } from "#apimachinery/validation/names.ts";
import { validateDriverName } from "../storage/driver-name.ts";

const longestPool = 253;
const longestIdentifier = 32;

export const validateLabel = (name: string, field: string): readonly Cause[] => eachInvalid(field, name, dns1123Label(name));

export function validatePoolName(name: string, field: string): readonly Cause[] {
  if (name === "") return [required(field)];
  return [...(name.length > longestPool ? [tooLong(field, longestPool)] : []), ...name.split("/").flatMap((part) => eachInvalid(field, part, dns1123Subdomain(part)))];
}

const validateIdentifier = (id: string, field: string): readonly Cause[] => [
  ...(id.length > longestIdentifier ? [tooLong(field, longestIdentifier)] : []),
  ...eachInvalid(field, id, cIdentifier(id)),
];

/** `memory`, `acme.io/memory`. */
export function validateQualified(name: string, field: string): readonly Cause[] {
  const [first = "", second, ...more] = name.split("/");
  if (second === undefined) return validateIdentifier(first, field);
  if (more.length > 0) return [];
  return [
    ...(first === "" ? [invalidValue(field, "", "the domain must not be empty")] : validateDriverName(first, field)),
    ...(second === "" ? [invalidValue(field, "", "the name must not be empty")] : validateIdentifier(second, field)),
  ];
}

export const validateFullyQualified = (name: string, field: string): readonly Cause[] =>
  [...validateQualified(name, field), ...(name.includes("/") ? [] : [invalidValue(field, name, "a fully qualified name must be a domain and a name separated by a slash")])];
