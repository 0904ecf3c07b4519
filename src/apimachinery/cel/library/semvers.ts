/** Upstream: apiserver/pkg/cel/library/semverlib.go, github.com/blang/semver */
import { flat, traverse } from "../call-costs.ts";
import { overload, type Overload } from "../declarations.ts";
import { CelError, Opaque, type Value } from "../values.ts";

interface Version { readonly numbers: readonly [number, number, number]; readonly pre: readonly string[] }
type Semver = Opaque<Version>;

const grammar = /^(0|[1-9]\d{0,15})\.(0|[1-9]\d{0,15})\.(0|[1-9]\d{0,15})(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;

/** A version as expressions see it. */
export function semverValue(text: string): Semver | CelError {
  const found = grammar.exec(text);
  const pre = found?.[4]?.split(".") ?? [];
  if (found === null || pre.some((part) => /^0\d+$/.test(part))) return new CelError(`semver ${JSON.stringify(text)}: invalid version`);
  const [major = 0, minor = 0, patch = 0] = found.slice(1, 4).map(Number);
  return new Opaque<Version>("kubernetes.Semver", { numbers: [major, minor, patch], pre }, (a, b) => compare(a, b) === 0);
}

/** A leading `v` and leading zeros go, missing parts are zero. */
function normalized(text: string): string {
  const [, body = "", rest = ""] = /^v?([^+-]*)(.*)$/s.exec(text) ?? [];
  const parts = body.split(".").map((part) => part.replace(/^0+(?=\d)/, ""));
  while (parts.length < 3) parts.push("0");
  return parts.join(".") + rest;
}

function compare(a: Version, b: Version): number {
  for (let i = 0; i < 3; i++) if (a.numbers[i] !== b.numbers[i]) return (a.numbers[i] ?? 0) < (b.numbers[i] ?? 0) ? -1 : 1;
  if (a.pre.length === 0 || b.pre.length === 0) return Math.sign(b.pre.length - a.pre.length);
  for (let i = 0; i < Math.min(a.pre.length, b.pre.length); i++) {
    const order = comparePart(a.pre[i] ?? "", b.pre[i] ?? "");
    if (order !== 0) return order;
  }
  return Math.sign(a.pre.length - b.pre.length);
}

/** Numbers by size and before words. */
function comparePart(a: string, b: string): number {
  const [x, y] = [a, b].map((part) => /^\d+$/.test(part));
  if (x === true && y === true) return a.length === b.length ? (a < b ? -1 : Number(a > b)) : a.length - b.length;
  return x === y ? (a < b ? -1 : Number(a > b)) : x === true ? -1 : 1;
}

const type = "kubernetes.Semver";
const accessor = (signature: string, run: (...args: never[]) => Value): Overload => overload(signature, run, flat(1));
const compared = (a: Semver, b: Semver): number => Math.sign(compare(a.payload, b.payload));
const parsedAs = (text: string, normalize: boolean): Semver | CelError => semverValue(normalize ? normalized(text) : text);

export const semverLibrary: readonly Overload[] = [
  overload(`semver(string) -> ${type}`, semverValue, traverse(0)),
  overload(`semver(string, bool) -> ${type}`, parsedAs, traverse(0)),
  overload("isSemver(string) -> bool", (text: string) => !(semverValue(text) instanceof CelError), traverse(0)),
  overload("isSemver(string, bool) -> bool", (text: string, normalize: boolean) => !(parsedAs(text, normalize) instanceof CelError), traverse(0)),
  accessor(`${type}.major() -> int`, (x: Semver) => x.payload.numbers[0]),
  accessor(`${type}.minor() -> int`, (x: Semver) => x.payload.numbers[1]),
  accessor(`${type}.patch() -> int`, (x: Semver) => x.payload.numbers[2]),
  accessor(`${type}.isGreaterThan(${type}) -> bool`, (a: Semver, b: Semver) => compared(a, b) > 0),
  accessor(`${type}.isLessThan(${type}) -> bool`, (a: Semver, b: Semver) => compared(a, b) < 0),
  accessor(`${type}.compareTo(${type}) -> int`, compared),
];
