import type { Cause } from "#apimachinery/status.ts";
import { invalidValue, required, tooLong } from "#apimachinery/validation/causes.ts";
import { dns1123Label, dns1123Subdomain } from "#apimachinery/validation/names.ts";

const longestDomain = 253;
const longestName = 571;

/** `example.com/signer-name`. Upstream: pkg/apis/core/validation ValidateSignerName */
export function validateSignerName(name: string, field: string): readonly Cause[] {
  if (name === "") return [required(field)];
  const [domain = "", path = "", ...more] = name.split("/");
  if (!name.includes("/") || more.length > 0) return [invalidValue(field, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'")];
  return [
    ...(domain.length > longestDomain ? [tooLong(field, longestDomain)] : []),
    ...firstBadLabel(domain, dns1123Label, field),
    ...(domain.includes(".") ? [] : [invalidValue(field, domain, "should be a domain with at least two segments separated by dots")]),
    ...firstBadLabel(path, dns1123Subdomain, field),
    ...(name.length > longestName ? [tooLong(field, longestName)] : []),
  ];
}

function firstBadLabel(text: string, check: (label: string) => readonly string[], field: string): readonly Cause[] {
  const bad = text.split(".").find((label) => check(label).length > 0);
  return bad === undefined ? [] : check(bad).map((problem) => invalidValue(field, text, `validating label ${JSON.stringify(bad)}: ${problem}`));
}
