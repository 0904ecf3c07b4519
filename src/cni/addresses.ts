/** IPv4 networks in CIDR notation. */
import { addressAt, addressText, covers, masked, parseAddress, parseBlock, type Block } from "#base/addresses.ts";

/** The network of `a.b.c.d/n`, or of one address alone. Throws for anything else. */
export function parseCidr(text: string): Block {
  const address = parseAddress(text);
  const block = address === undefined ? parseBlock(text) : { address, prefix: 32 };
  if (block?.address.family !== 4) throw new Error(`${text} is not an IPv4 network`);
  return masked(block);
}

/** The `n`th address of a network; 1 is the bridge's own in a pod network, and the API server's in the services' network. */
export const nthAddress = (cidr: string, n: number): string => addressText(addressAt(parseCidr(cidr).address, n));

export function overlaps(a: string, b: string): boolean {
  const [x, y] = [parseCidr(a), parseCidr(b)];
  return x.prefix <= y.prefix ? covers(x, y.address) : covers(y, x.address);
}

/** The first network of `candidates` that meets none of `taken`. */
export const pickFree = (candidates: readonly string[], taken: readonly string[]): string | undefined =>
  candidates.find((candidate) => !taken.some((other) => overlaps(candidate, other)));
