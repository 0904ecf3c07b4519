import type { Cause } from "#apimachinery/status.ts";

/** What validation found. `matches` counts the checks that were made, to choose among failed alternatives. Upstream: kube-openapi validate.Result */
export class Result {
  readonly #causes = new Map<string, Cause>();
  matches = 0;

  get valid(): boolean {
    return this.#causes.size === 0;
  }

  get causes(): readonly Cause[] {
    return [...this.#causes.values()];
  }

  /** The same finding is told once. */
  add(cause: Cause): void {
    const key = `${cause.field} ${cause.message}`;
    if (!this.#causes.has(key)) this.#causes.set(key, cause);
  }

  merge(other: Result): void {
    for (const cause of other.#causes.values()) this.add(cause);
    this.matches += other.matches;
  }
}
