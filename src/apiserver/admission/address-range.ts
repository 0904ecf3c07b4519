import { randomInt } from "node:crypto";

/** The addresses of an IPv4 range that may be given away: not its first, which names the net, and not its last. */
export class AddressRange {
  readonly cidr: string;
  readonly #base: number;
  /** How many addresses may be given. */
  readonly size: number;

  /** @param cidr such as `10.43.0.0/16`. Throws RangeError on anything else. */
  constructor(cidr: string) {
    const [, address = "", bits = ""] = /^(\d+\.\d+\.\d+\.\d+)\/(\d+)$/.exec(cidr) ?? [];
    const prefix = Number(bits);
    if (address === "" || prefix < 8 || prefix > 30) throw new RangeError(`not a service range: ${cidr}`);
    const span = 2 ** (32 - prefix);
    this.cidr = cidr;
    this.#base = Math.floor(toNumber(address) / span) * span;
    this.size = span - 2;
  }

  includes(address: string): boolean {
    const offset = toNumber(address) - this.#base;
    return offset >= 1 && offset <= this.size;
  }

  /** A free address by chance, or undefined when all are taken. */
  pick(taken: ReadonlySet<string>): string | undefined {
    const start = randomInt(this.size);
    for (let i = 0; i < this.size; i++) {
      const address = toText(this.#base + 1 + ((start + i) % this.size));
      if (!taken.has(address)) return address;
    }
    return undefined;
  }

  /** The address at this place, counted from 1: the first is the API server's own. */
  at(index: number): string {
    return toText(this.#base + index);
  }
}

const toNumber = (address: string): number => address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
const toText = (value: number): string => [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
