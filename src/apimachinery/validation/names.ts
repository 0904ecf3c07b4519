/**
 * Formats of names and values. Each check returns upstream's messages; an empty list means valid.
 * Upstream: apimachinery/pkg/util/validation/validation.go, apimachinery/pkg/api/validate/content
 */
import { isIP, isIPv6 } from "node:net";

/** A pattern with the words for it. `max` in bytes. */
interface Format { readonly pattern: string; readonly message: string; readonly examples: readonly string[]; readonly max?: number }

const whole = (pattern: string): RegExp => new RegExp(`^(?:${pattern})$`);
const maxLength = (max: number): string => `must be no more than ${max} bytes`;
const byteLength = (value: string): number => Buffer.byteLength(value);
const regexError = ({ message, pattern, examples }: Format): string => {
  const given = examples.length === 0 ? "" : `e.g. ${examples.map((e) => `'${e}', `).join(" or ")}`;
  return `${message} (${given}regex used for validation is '${pattern}')`;
};

function check(format: Format): (value: string) => string[] {
  const regex = whole(format.pattern);
  return (value) => [
    ...(format.max !== undefined && byteLength(value) > format.max ? [maxLength(format.max)] : []),
    ...(regex.test(value) ? [] : [regexError(format)]),
  ];
}

const label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const subdomain = `${label}(\\.${label})*`;
const qualified = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const isSubdomain = whole(subdomain);
const isLabel = whole(label);

const labelFormat: Format = {
  pattern: label, max: 63, examples: ["my-name", "123-abc"],
  message: "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
};

/** A DNS-1123 label: most names of namespaces, containers and volumes. */
export function dns1123Label(value: string): string[] {
  const tooLong = byteLength(value) > 63 ? [maxLength(63)] : [];
  if (isLabel.test(value)) return tooLong;
  return [...tooLong, isSubdomain.test(value) ? "must not contain dots" : regexError(labelFormat)];
}

/** A DNS-1123 subdomain: the names of most kinds. */
export const dns1123Subdomain: (value: string) => string[] = check({
  pattern: subdomain, max: 253, examples: ["example.com"],
  message: "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
});

/** A DNS-1035 label: the names of Services. */
export const dns1035Label: (value: string) => string[] = check({
  pattern: "[a-z]([-a-z0-9]*[a-z0-9])?", max: 63, examples: ["my-name", "abc-123"],
  message: "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
});

export const wildcardDns1123Subdomain: (value: string) => string[] = check({
  pattern: `\\*\\.${subdomain}`, max: 253, examples: ["*.example.com"],
  message: "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
});

const qualifiedFormat: Format = {
  pattern: qualified, examples: ["MyName", "my.name", "123-abc"],
  message: "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
};
const isQualified = whole(qualified);

/** A label key, an annotation key (in lower case), a resource or finalizer name: `[prefix/]name`. */
export function qualifiedName(value: string): string[] {
  const parts = value.split("/");
  if (parts.length > 2) return [`a valid label key ${regexError(qualifiedFormat)} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  const errors: string[] = [];
  const name = parts.at(-1) ?? "";
  if (parts.length === 2) {
    const prefix = parts[0] ?? "";
    errors.push(...(prefix === "" ? ["prefix part must be non-empty"] : dns1123Subdomain(prefix).map((m) => `prefix part ${m}`)));
  }
  if (name === "") errors.push("name part must be non-empty");
  else if (byteLength(name) > 63) errors.push(`name part ${maxLength(63)}`);
  if (!isQualified.test(name)) errors.push(`name part ${regexError(qualifiedFormat)}`);
  return errors;
}

export const labelValue: (value: string) => string[] = check({
  pattern: `(${qualified})?`, max: 63, examples: ["MyValue", "my_value", "12345"],
  message: "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
});

export const cIdentifier: (value: string) => string[] = check({
  pattern: "[A-Za-z_][A-Za-z0-9_]*", examples: ["my_name", "MY_NAME", "MyName"],
  message: "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'",
});

/** The name of an environment variable: printable ASCII but `=`. Upstream: IsRelaxedEnvVarName */
export function envVarName(value: string): string[] {
  if (value === "") return ["environment variable name must be non-empty"];
  return /^[\x20-\x3c\x3e-\x7e]+$/.test(value) ? [] : ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
}

const configKey = check({
  pattern: "[-._a-zA-Z0-9]+", max: 253, examples: ["key.name", "KEY_NAME", "key-name"],
  message: "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
});
const climbs = (value: string): string[] =>
  value === "." ? ["must not be '.'"] : value === ".." ? ["must not be '..'"] : value.startsWith("..") ? ["must not start with '..'"] : [];

/** A key of a ConfigMap or Secret. */
export const configMapKey = (value: string): string[] => [...configKey(value), ...climbs(value)];

export const httpHeaderName: (value: string) => string[] = check({
  pattern: "[-A-Za-z0-9]+", examples: ["X-Header-Name"], message: "a valid HTTP header must consist of alphanumeric characters or '-'",
});
export const percent: (value: string) => string[] = check({
  pattern: "[0-9]+%", examples: ["1%", "93%"], message: "a valid percent string must be a numeric string followed by an ending '%'",
});

/** A segment of a URL or a directory name. Upstream: apimachinery/pkg/api/validation/path IsValidPathSegmentName */
export function pathSegment(value: string, prefix = false): string[] {
  if (!prefix && (value === "." || value === "..")) return [`may not be '${value}'`];
  return ["/", "%"].filter((c) => value.includes(c)).map((c) => `may not contain '${c}'`);
}

/** An IPv4 or IPv6 address in its usual form. */
export const ipAddress = (value: string): string[] =>
  isIP(value) !== 0 && !value.includes("%") ? [] : ["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"];
export const ipv6Address = (value: string): string[] => (isIPv6(value) ? [] : ["must be a valid IPv6 address"]);
export function cidr(value: string): string[] {
  const [address = "", bits = "", rest] = value.split("/");
  const family = isIP(address);
  const good = rest === undefined && family !== 0 && !address.includes("%") && /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128);
  return good ? [] : ["must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"];
}

export const inRange = (value: number, min: number, max: number): string[] => (value >= min && value <= max ? [] : [`must be between ${min} and ${max}, inclusive`]);
export const portNumber = (value: number): string[] => inRange(value, 1, 65535);
export const userId = (value: number): string[] => inRange(value, 0, 0x7fffffff);
export const groupId: (value: number) => string[] = userId;

/** An IANA service name: the name of a port. */
export function portName(value: string): string[] {
  return [
    ...(byteLength(value) > 15 ? [maxLength(15)] : []),
    ...(/^[-a-z0-9]+$/.test(value) ? [] : ["must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"]),
    ...(/[a-z]/.test(value) ? [] : ["must contain at least one letter (a-z)"]),
    ...(value.includes("--") ? ["must not contain consecutive hyphens"] : []),
    ...(/^-|-$/.test(value) ? ["must not begin or end with a hyphen"] : []),
  ];
}

/** What comes before the five random letters need not end well. Upstream: apimachinery/pkg/api/validation maskTrailingDash */
export const prefixOf = (value: string): string => (value.length > 1 && value.endsWith("-") ? `${value.slice(0, -2)}a` : value);
