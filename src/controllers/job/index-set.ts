type Range = readonly [first: number, last: number];

/** A set of completion indexes, kept as ranges: `0,2-5,9`. Upstream: pkg/controller/job/indexed_job_utils.go orderedIntervals */
export class IndexSet {
  readonly #ranges: readonly Range[];

  private constructor(ranges: readonly Range[]) {
    this.#ranges = ranges;
  }

  static of(indexes: Iterable<number>): IndexSet {
    return new IndexSet(joined(Array.from(indexes, (index) => [index, index] as const)));
  }

  /** Reads what `toString` wrote. What is malformed, and what is not below `limit`, is left out. */
  static parse(text: string | undefined, limit: number): IndexSet {
    const ranges = (text ?? "").split(",").flatMap((part): Range[] => {
      const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? [];
      return first !== undefined && Number(first) < limit ? [[Number(first), Math.min(Number(last), limit - 1)]] : [];
    });
    return new IndexSet(joined(ranges));
  }

  get size(): number {
    return this.#ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0);
  }

  has(index: number): boolean {
    return this.#ranges.some(([first, last]) => first <= index && index <= last);
  }

  union(other: IndexSet): IndexSet {
    return new IndexSet(joined([...this.#ranges, ...other.#ranges]));
  }

  /** How many indexes are in both. */
  overlap(other: IndexSet): number {
    return this.size + other.size - this.union(other).size;
  }

  /** The lowest `count` indexes below `limit` that are not in it. */
  missing(count: number, limit: number): number[] {
    const found: number[] = [];
    let next = 0;
    for (const [first, last] of [...this.#ranges, [limit, limit] as const]) {
      for (; next < Math.min(first, limit) && found.length < count; next++) found.push(next);
      next = Math.max(next, last + 1);
    }
    return found;
  }

  toString(): string {
    return this.#ranges.map(([first, last]) => (first === last ? `${first}` : `${first}${last === first + 1 ? "," : "-"}${last}`)).join(",");
  }
}

function joined(ranges: readonly Range[]): readonly Range[] {
  const result: [number, number][] = [];
  for (const [first, last] of ranges.toSorted(([a], [b]) => a - b)) {
    const before = result.at(-1);
    if (before === undefined || first > before[1] + 1) result.push([first, last]);
    else before[1] = Math.max(before[1], last);
  }
  return result;
}
