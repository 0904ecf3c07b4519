import { randomInt } from "node:crypto";
import { addressAt, addressText, masked, parseAddress, parseBlock, type Address } from "#base/addresses.ts";

/** The addresses of an IPv4 range that may be given away: not its first, which names the net, and not its last. */
export class AddressRange {
  readonly cidr: string;
  readonly #base: Address;
  /** How many addresses may be given. */
  readonly size: number;

  /** @param cidr such as `10.43.0.0/16`. Throws RangeError on anything else. */
  constructor(cidr: string) {
    const block = parseBlock(cidr);
    if (block?.address.family !== 4 || block.prefix < 8 || block.prefix > 30) throw new RangeError(`not a service range: ${cidr}`);
    this.cidr = cidr;
    this.#base = masked(block).address;
    this.size = 2 ** (32 - block.prefix) - 2;
  }

  includes(address: string): boolean {
    const parsed = parseAddress(address);
    if (parsed?.family !== 4) return false;
    const offset = parsed.bits - this.#base.bits;
    return offset >= 1n && offset <= BigInt(this.size);
  }

  /** A free address by chance, or undefined when all are taken. */
  pick(taken: ReadonlySet<string>): string | undefined {
    const start = randomInt(this.size);
    for (let i = 0; i < this.size; i++) {
      const address = this.at(1 + ((start + i) % this.size));
      if (!taken.has(address)) return address;
    }
    return undefined;
  }

  /** The address at this place, counted from 1: the first is the API server's own. */
  at(index: number): string {
    return addressText(addressAt(this.#base, index));
  }
}
