/** Upstream: apiserver/pkg/cel/library/ip.go, cidr.go */
import { flat, traverse, type CallCost } from "../call-costs.ts";
import { overload, type Overload } from "../declarations.ts";
import { fixed, plus, traversal, unknownSize } from "../sizes.ts";
import { CelError, Opaque, type Value } from "../values.ts";
import { addressText, blockText, covers, isMapped, masked, parseAddress, parseBlock, widthOf, type Address, type Block } from "#base/addresses.ts";

type Ip = Opaque<Address>;
type Cidr = Opaque<Block>;
const ip = (address: Address): Ip => new Opaque("net.IP", address, (a, b) => a.family === b.family && a.bits === b.bits);
const cidr = (block: Block): Cidr => new Opaque("net.CIDR", block, (a, b) => blockText(a) === blockText(b));

function parseIp(text: string): Ip | CelError {
  const address = parseAddress(text);
  if (address === undefined) return new CelError(`IP Address "${text}" parse error during conversion from string: ParseAddr("${text}"): unable to parse IP`);
  return isMapped(address) ? new CelError(`IPv4-mapped IPv6 address "${text}" is not allowed`) : ip(address);
}
function parseCidr(text: string): Cidr | CelError {
  const block = parseBlock(text);
  if (block === undefined) return new CelError(`network address parse error during conversion from string: netip.ParsePrefix("${text}"): unable to parse CIDR`);
  return isMapped(block.address) ? new CelError(`IPv4-mapped IPv6 address "${text}" is not allowed`) : cidr(block);
}

/** With the value where the text is one, the error where it is not. */
const parsed = <T extends Value>(value: T | CelError, use: (value: T) => Value): Value => (value instanceof CelError ? value : use(value));

function isCanonical(text: string): Value {
  return parsed(parseIp(text), ({ payload }) => addressText(payload) === text);
}

const within = ({ payload }: Ip, block: string): boolean => covers(parseBlock(block) as Block, payload);
const isUnspecified = ({ payload }: Ip): boolean => payload.bits === 0n;
const isLoopback = (x: Ip): boolean => within(x, "127.0.0.0/8") || within(x, "::1/128");
const isMulticast = (x: Ip): boolean => within(x, "224.0.0.0/4") || within(x, "ff00::/8");
const isLinkLocalMulticast = (x: Ip): boolean => within(x, "224.0.0.0/24") || within(x, "ff02::/16");
const isLinkLocalUnicast = (x: Ip): boolean => within(x, "169.254.0.0/16") || within(x, "fe80::/10");
const isGlobalUnicast = (x: Ip): boolean =>
  !(isUnspecified(x) || isLoopback(x) || isMulticast(x) || isLinkLocalUnicast(x) || within(x, "255.255.255.255/32"));

const containsIp = ({ payload }: Cidr, other: Ip): boolean => covers(payload, other.payload);
const containsCidr = ({ payload }: Cidr, other: Cidr): boolean => other.payload.prefix >= payload.prefix && covers(payload, masked(other.payload).address);

const bytesOf = { min: 4, max: 16 };
/** Comparing two addresses of four to sixteen bytes; `more` where the other side is read from a text first. */
const comparing = (extra: number, more: boolean): CallCost => ({
  run: (args) => {
    const size = widthOf((args[0] as Cidr).payload.address) / 8;
    return Math.ceil(size * 2 / 10) + (extra === 0 ? 0 : Math.ceil(size / 10) + extra) + (more ? traverse(1).run(args) : 0);
  },
  estimate: (args) => {
    const base = plus(traversal(bytesOf, 2), extra === 0 ? fixed(0) : plus(traversal(bytesOf), fixed(extra)));
    return { cost: more ? plus(base, traversal(args[1]?.size ?? unknownSize)) : base };
  },
});

const members: readonly (readonly [name: string, test: (x: Ip) => boolean])[] = [
  ["isUnspecified", isUnspecified], ["isLoopback", isLoopback], ["isLinkLocalMulticast", isLinkLocalMulticast], ["isLinkLocalUnicast", isLinkLocalUnicast], ["isGlobalUnicast", isGlobalUnicast],
];

export const networkLibrary: readonly Overload[] = [
  overload("ip(string) -> net.IP", parseIp, traverse(0)),
  overload("isIP(string) -> bool", (text: string) => !(parseIp(text) instanceof CelError), traverse(0)),
  overload("ip::isCanonical(string) -> bool", isCanonical, traverse(0, 2)),
  overload("net.IP.family() -> int", ({ payload }: Ip) => payload.family, flat(1)),
  ...members.map(([name, test]) => overload(`net.IP.${name}() -> bool`, test, flat(1))),
  overload("string(net.IP) -> string", ({ payload }: Ip) => addressText(payload)),
  overload("cidr(string) -> net.CIDR", parseCidr, traverse(0)),
  overload("isCIDR(string) -> bool", (text: string) => !(parseCidr(text) instanceof CelError), traverse(0)),
  overload("net.CIDR.containsIP(net.IP) -> bool", containsIp, comparing(0, false)),
  overload("net.CIDR.containsIP(string) -> bool", (block: Cidr, text: string) => parsed(parseIp(text), (other) => containsIp(block, other)), comparing(0, true)),
  overload("net.CIDR.containsCIDR(net.CIDR) -> bool", containsCidr, comparing(1, false)),
  overload("net.CIDR.containsCIDR(string) -> bool", (block: Cidr, text: string) => parsed(parseCidr(text), (other) => containsCidr(block, other)), comparing(1, true)),
  overload("net.CIDR.ip() -> net.IP", ({ payload }: Cidr) => ip(payload.address), flat(1)),
  overload("net.CIDR.masked() -> net.CIDR", ({ payload }: Cidr) => cidr(masked(payload)), flat(1)),
  overload("net.CIDR.prefixLength() -> int", ({ payload }: Cidr) => payload.prefix, flat(1)),
  overload("string(net.CIDR) -> string", ({ payload }: Cidr) => blockText(payload)),
];
