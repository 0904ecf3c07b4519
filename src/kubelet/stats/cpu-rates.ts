/** A rate over less than this would be noise. */
const shortestMs = 1_000;

interface Base {
  readonly at: number;
  readonly cpu: number;
  readonly rate: number | undefined;
}

/** CPU in use now, from what was used between two looks. */
export class CpuRates {
  #bases = new Map<string, Base>();

  /**
   * Notes a look at every cgroup there is; one that is not named is forgotten. Nanoseconds per second by cgroup, none at its first look.
   * @param used nanoseconds of CPU time by cgroup @param at milliseconds
   */
  note(used: ReadonlyMap<string, number>, at: number): ReadonlyMap<string, number> {
    this.#bases = new Map([...used].map(([key, cpu]) => [key, next(this.#bases.get(key), cpu, at)]));
    return new Map([...this.#bases].flatMap(([key, { rate }]) => (rate === undefined ? [] : [[key, rate]])));
  }
}

function next(base: Base | undefined, cpu: number, at: number): Base {
  if (base === undefined || cpu < base.cpu || at < base.at) return { at, cpu, rate: undefined };
  if (at - base.at < shortestMs) return base;
  return { at, cpu, rate: Math.round(((cpu - base.cpu) * 1_000) / (at - base.at)) };
}
