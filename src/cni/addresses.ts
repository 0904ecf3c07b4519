/** IPv4 networks in CIDR notation. */
export interface Network { readonly first: number; readonly bits: number }

/** Throws for what is not `a.b.c.d/n`. */
export function parseCidr(text: string): Network {
  const [address = "", bits = "32"] = text.split("/");
  const size = Number(bits);
  if (!/^\d+(\.\d+){3}$/.test(address) || !(size >= 0 && size <= 32)) throw new Error(`${text} is not an IPv4 network`);
  return { first: (toNumber(address) & mask(size)) >>> 0, bits: size };
}

/** The `n`th address of a network; 1 is the bridge's own in a pod network, and the API server's in the services' network. */
export const nthAddress = (cidr: string, n: number): string => toText(parseCidr(cidr).first + n);

export function overlaps(a: string, b: string): boolean {
  const [x, y] = [parseCidr(a), parseCidr(b)];
  const shared = mask(Math.min(x.bits, y.bits));
  return ((x.first & shared) >>> 0) === ((y.first & shared) >>> 0);
}

/** The first network of `candidates` that meets none of `taken`. */
export const pickFree = (candidates: readonly string[], taken: readonly string[]): string | undefined =>
  candidates.find((candidate) => !taken.some((other) => overlaps(candidate, other)));

const mask = (bits: number): number => (bits === 0 ? 0 : (0xffffffff << (32 - bits)) >>> 0);
const toNumber = (address: string): number => address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
const toText = (n: number): string => [24, 16, 8, 0].map((shift) => (n >>> shift) & 255).join(".");
