/** Thrown inside a search only, caught by the allocator. */
export class OutOfEffort extends Error {
  override readonly name = "OutOfEffort";
}

/** What looking at a device costs, where running an expression costs what the language says; a take costs more for each thing that it counts. */
export const stepCost = 20;
export const countCost = 5;

/** What one node may cost, and what all nodes of a pod may beyond a look at each of their devices. */
const mostOnNode = 2_000_000;
const mostForPod = 6_000_000;
const freeOnNode = 40_000;

/**
 * What searching for one pod may still cost. A search keeps the thread, so it ends by what it does, not by a clock.
 * Upstream: DynamicResourcesArgs.FilterTimeout, which is 10 s of a thread of its own
 */
export class Effort {
  #forPod = mostForPod;
  #onNode = 0;

  beginNode(): void {
    this.#onNode = 0;
  }

  /** Throws OutOfEffort when nothing is left. */
  spend(cost: number): void {
    this.#onNode += cost;
    if (this.#onNode > freeOnNode) this.#forPod -= cost;
    if (this.#onNode > mostOnNode || this.#forPod < 0) throw new OutOfEffort();
  }
}
