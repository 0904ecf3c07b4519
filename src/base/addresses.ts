/** Addresses and blocks of them, of both families, as Go's net/netip reads and prints them. */
import { isIPv6 } from "node:net";

/** An address as one number. */
export interface Address { readonly family: 4 | 6; readonly bits: bigint }
/** A network: an address in it, and how many of its leading bits name the network. */
export interface Block { readonly address: Address; readonly prefix: number }

/** Undefined for what is no address; zones and IPv4 within IPv6 are left to the caller. */
export function parseAddress(text: string): Address | undefined {
  if (!text.includes(":")) return parseV4(text);
  return !text.includes("%") && isIPv6(text) ? { family: 6, bits: v6Bits(text) } : undefined;
}

function parseV4(text: string): Address | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) return undefined;
  return { family: 4, bits: parts.reduce((bits, part) => (bits << 8n) | BigInt(part), 0n) };
}

function v6Bits(text: string): bigint {
  const v4 = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const tail = v4 === null ? undefined : parseV4(v4[2] ?? "")?.bits;
  const plain = tail === undefined ? text : `${v4?.[1]}${(tail >> 16n).toString(16)}:${(tail & 0xffffn).toString(16)}`;
  const [head = "", rest] = plain.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = rest === undefined || rest === "" ? [] : rest.split(":");
  const groups = rest === undefined ? before : [...before, ...Array<string>(8 - before.length - after.length).fill("0"), ...after];
  return groups.reduce((bits, group) => (bits << 16n) | BigInt(Number.parseInt(group, 16)), 0n);
}

/** The canonical form; the longest run of zeros becomes `::`. Upstream: RFC 5952 */
export function addressText({ family, bits }: Address): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 255n).join(".");
  const groups = Array.from({ length: 8 }, (_, i) => ((bits >> BigInt(112 - 16 * i)) & 0xffffn).toString(16));
  if (bits >> 32n === 0xffffn) return `::ffff:${addressText({ family: 4, bits: bits & 0xffffffffn })}`;
  const { from, length } = longestZeros(groups);
  if (length < 2) return groups.join(":");
  return `${groups.slice(0, from).join(":")}::${groups.slice(from + length).join(":")}`;
}

function longestZeros(groups: readonly string[]): { readonly from: number; readonly length: number } {
  let best = { from: 0, length: 0 };
  for (let i = 0; i < groups.length; i++) {
    let length = 0;
    while (groups[i + length] === "0") length++;
    if (length > best.length) best = { from: i, length };
  }
  return best;
}

/** How many bits an address of this family has. */
export const widthOf = ({ family }: Address): number => (family === 4 ? 32 : 128);
/** An address of IPv4 written as one of IPv6. */
export const isMapped = ({ family, bits }: Address): boolean => family === 6 && bits >> 32n === 0xffffn;

/** `10.9.8.0/24`; bits beyond the prefix may be set. Undefined for what is no block. */
export function parseBlock(text: string): Block | undefined {
  const [, head = "", digits = ""] = /^(.*)\/(0|[1-9]\d{0,2})$/s.exec(text) ?? [];
  const address = parseAddress(head);
  return address === undefined || Number(digits) > widthOf(address) ? undefined : { address, prefix: Number(digits) };
}

/** The block with nothing beyond its prefix. */
export function masked({ address, prefix }: Block): Block {
  const host = BigInt(widthOf(address) - prefix);
  return { address: { family: address.family, bits: (address.bits >> host) << host }, prefix };
}

/** True when the address lies in the block. */
export const covers = (block: Block, address: Address): boolean =>
  block.address.family === address.family && masked({ address, prefix: block.prefix }).address.bits === masked(block).address.bits;
/** The canonical form of a block. */
export const blockText = ({ address, prefix }: Block): string => `${addressText(address)}/${prefix}`;

/** The address so many places further on. */
export const addressAt = ({ family, bits }: Address, offset: number): Address => ({ family, bits: bits + BigInt(offset) });
