import { addressText, blockText, covers, isMapped, masked, parseAddress, widthOf, type Block } from "#base/addresses.ts";
import type { Cause } from "#apimachinery/status.ts";
import { eachInvalid, invalidValue } from "#apimachinery/validation/causes.ts";
import { cidr, ipAddress } from "#apimachinery/validation/names.ts";

/** A range of addresses, or one address as a range of its own; undefined for what is neither. */
export function parseRange(text: string): Block | undefined {
  const [head = "", bits] = text.split("/");
  const address = parseAddress(head);
  if (address === undefined || (bits !== undefined && cidr(text).length > 0)) return undefined;
  return { address, prefix: bits === undefined ? widthOf(address) : Number(bits) };
}

/** True when every address of `inner` lies in `outer`. */
export const contains = (outer: Block, inner: Block): boolean => outer.prefix <= inner.prefix && covers(outer, inner.address);

/** Messages against an address that is not written in its one canonical form. Upstream: apimachinery/pkg/util/validation IsValidIP */
export function canonicalIp(value: string): readonly string[] {
  const address = parseAddress(value);
  if (address === undefined) return ipAddress(value);
  if (isMapped(address)) return ["must not be an IPv4-mapped IPv6 address"];
  const canonical = addressText(address);
  return canonical === value ? [] : [`must be in canonical form (${JSON.stringify(canonical)})`];
}

/** The same of a range. Upstream: apimachinery/pkg/util/validation IsValidCIDR */
export function validateCanonicalCidr(value: string, field: string): readonly Cause[] {
  const range = parseRange(value);
  if (range === undefined || !value.includes("/")) return eachInvalid(field, value, cidr(value));
  if (isMapped(range.address)) return [invalidValue(field, value, "must not be an IPv4-mapped IPv6 address")];
  if (masked(range).address.bits !== range.address.bits) return [invalidValue(field, value, "must not have bits set beyond the prefix length")];
  const canonical = blockText(range);
  return canonical === value ? [] : [invalidValue(field, value, `must be in canonical form (${JSON.stringify(canonical)})`)];
}
