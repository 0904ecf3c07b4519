import { isIP, SocketAddress } from "node:net";
import type { Cause } from "#apimachinery/status.ts";
import { eachInvalid, invalidValue } from "#apimachinery/validation/causes.ts";
import { cidr, ipAddress } from "#apimachinery/validation/names.ts";

/** A range of addresses, or one address when `bits` is all of them. */
export interface Range { readonly family: 4 | 6; readonly address: bigint; readonly bits: number }

const width = (family: 4 | 6): number => (family === 4 ? 32 : 128);

/** Undefined for what is neither an address nor a range. */
export function parseRange(text: string): Range | undefined {
  const [address = "", bits] = text.split("/");
  const family = isIP(address);
  if (family === 0 || (bits !== undefined && cidr(text).length > 0)) return undefined;
  const known = family === 4 ? 4 : 6;
  return { family: known, address: toNumber(address, known), bits: bits === undefined ? width(known) : Number(bits) };
}

/** True when every address of `inner` lies in `outer`. */
export const contains = (outer: Range, inner: Range): boolean =>
  outer.family === inner.family && outer.bits <= inner.bits && network(outer) === network({ ...inner, bits: outer.bits });

/** The bits of the address that name the net, shifted down. */
const network = ({ family, address, bits }: Range): bigint => address >> BigInt(width(family) - bits);

function toNumber(address: string, family: 4 | 6): bigint {
  if (family === 4) return address.split(".").reduce((sum, part) => sum * 256n + BigInt(part), 0n);
  const [head = "", tail] = expandDotted(address).split("::");
  const words = (text: string): string[] => text.split(":").filter((word) => word !== "");
  const [high, low] = [words(head), words(tail ?? "")];
  const all = [...high, ...Array.from({ length: 8 - high.length - low.length }, () => "0"), ...low];
  return all.reduce((sum, word) => sum * 65_536n + BigInt(`0x${word}`), 0n);
}

/** `::ffff:1.2.3.4` becomes `::ffff:102:304`. */
const expandDotted = (address: string): string => address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_all, a: string, b: string, c: string, d: string) =>
  `${(Number(a) * 256 + Number(b)).toString(16)}:${(Number(c) * 256 + Number(d)).toString(16)}`);

const mapped = /^::ffff:/i;
const canonicalAddress = (address: string): string => new SocketAddress({ address, family: isIP(address) === 4 ? "ipv4" : "ipv6" }).address;

/** Messages against an address that is not written in its one canonical form. Upstream: apimachinery/pkg/util/validation IsValidIP */
export function canonicalIp(value: string): readonly string[] {
  const problems = ipAddress(value);
  if (problems.length > 0) return problems;
  if (mapped.test(value)) return ["must not be an IPv4-mapped IPv6 address"];
  const canonical = canonicalAddress(value);
  return canonical === value ? [] : [`must be in canonical form (${JSON.stringify(canonical)})`];
}

/** The same of a range. Upstream: apimachinery/pkg/util/validation IsValidCIDR */
export function validateCanonicalCidr(value: string, field: string): readonly Cause[] {
  const range = parseRange(value);
  const [address = "", bits = ""] = value.split("/");
  if (range === undefined || bits === "") return eachInvalid(field, value, cidr(value));
  if (mapped.test(address)) return [invalidValue(field, value, "must not be an IPv4-mapped IPv6 address")];
  if ((range.address & ((1n << BigInt(width(range.family) - range.bits)) - 1n)) !== 0n) return [invalidValue(field, value, "must not have bits set beyond the prefix length")];
  const canonical = `${canonicalAddress(address)}/${range.bits}`;
  return canonical === value ? [] : [invalidValue(field, value, `must be in canonical form (${JSON.stringify(canonical)})`)];
}
