import type { NodeInfo } from "./node-info.ts";

/** Numbers by topology key and the value that nodes have for it: of the zone, of the host. */
export class TopologyCounts {
  readonly #counts = new Map<string, Map<string, number>>();

  /** Adds to the domain of the node, if it has that label. */
  add(key: string, { labels }: NodeInfo, by: number): void {
    const value = labels[key];
    if (value === undefined) return;
    const values = this.#counts.get(key) ?? new Map<string, number>();
    const count = (values.get(value) ?? 0) + by;
    if (count === 0) values.delete(value);
    else values.set(value, count);
    if (values.size === 0) this.#counts.delete(key);
    else this.#counts.set(key, values);
  }

  at(key: string, { labels }: NodeInfo): number {
    const value = labels[key];
    return value === undefined ? 0 : (this.#counts.get(key)?.get(value) ?? 0);
  }

  anyAt(node: NodeInfo): boolean {
    for (const key of this.#counts.keys()) if (this.at(key, node) > 0) return true;
    return false;
  }

  sumAt(node: NodeInfo): number {
    let sum = 0;
    for (const key of this.#counts.keys()) sum += this.at(key, node);
    return sum;
  }

  get empty(): boolean { return this.#counts.size === 0; }

  copy(): TopologyCounts {
    const copy = new TopologyCounts();
    for (const [key, values] of this.#counts) copy.#counts.set(key, new Map(values));
    return copy;
  }
}
