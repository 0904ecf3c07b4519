/** Names that carry a domain. Upstream: apimachinery/pkg/util/validation/validation.go */
import type { Cause } from "../status.ts";
import { eachInvalid, invalidValue, required } from "./causes.ts";
import { dns1123Subdomain } from "./names.ts";

const httpPath = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";
const isHttpPath = new RegExp(`^${httpPath}$`);

/** `acme.io/foo`. Upstream: IsDomainPrefixedPath */
export function validateDomainPrefixedPath(value: string, field: string): Cause[] {
  if (value === "") return [required(field)];
  const [, host = "", path = ""] = /^([^/]*)\/(.*)$/s.exec(value) ?? [];
  if (host === "" || path === "") return [invalidValue(field, value, 'must be a domain-prefixed path (such as "acme.io/foo")')];
  return [
    ...eachInvalid(field, host, dns1123Subdomain(host)),
    ...(isHttpPath.test(path) ? [] : [invalidValue(field, path, `Invalid path (regex used for validation is '${httpPath}')`)]),
  ];
}

/** `hook.acme.io`: at least three segments. Upstream: IsFullyQualifiedName */
export function validateFullyQualifiedName(value: string, field: string): Cause[] {
  if (value === "") return [required(field)];
  const problems = dns1123Subdomain(value);
  if (problems.length > 0) return [invalidValue(field, value, problems.join(","))];
  return value.split(".").length < 3 ? [invalidValue(field, value, "should be a domain with at least three segments separated by dots")] : [];
}
