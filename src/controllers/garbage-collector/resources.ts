import { apiServices, customResourceDefinitions } from "#api/resources.ts";
import type { Clock } from "#base/clock.ts";
import { discoverSome, type Discovered } from "../discovered.ts";
import type { ControllerDeps } from "../runner.ts";
import { Bell } from "./bell.ts";

/** How long after a change the server may take to serve by it, looked at twice. */
const settleMs = [100, 2_000];
/** How often all is looked at although nothing has changed, so that what was missed comes in all the same. */
const mendMs = 600_000;
const retryMs = 1_000;

/** What can be collected: resources whose objects can be listed, watched and deleted. It changes with custom resources and aggregated APIs. */
export class Resources {
  readonly #deps: ControllerDeps;
  readonly #steady: Clock;
  readonly #bell: Bell;
  readonly #stops: readonly (() => void)[];
  #found: readonly Discovered[] = [];

  constructor(deps: ControllerDeps) {
    this.#deps = deps;
    this.#steady = deps.steady ?? deps.clock;
    this.#bell = new Bell(this.#steady);
    const ring = (): void => this.#bell.ring();
    this.#stops = [
      deps.informers.for(customResourceDefinitions, { metadataOnly: true }).onChange(ring),
      deps.informers.for(apiServices, { metadataOnly: true }).onChange(ring),
    ];
  }

  /** All that there are; waits until some can be seen. */
  async first(signal: AbortSignal): Promise<readonly Discovered[]> {
    while (!(await this.#look(signal)) && this.#found.length === 0) await this.#steady.sleep(retryMs, signal);
    return this.#found;
  }

  /** All that there are, as soon as they are others than those last told. */
  async next(signal: AbortSignal): Promise<readonly Discovered[]> {
    for (;;) {
      const rang = await this.#bell.wait(mendMs, signal);
      for (const ms of rang ? settleMs : [0]) {
        await this.#steady.sleep(ms, signal);
        if (await this.#look(signal)) return this.#found;
      }
    }
  }

  stop(): void {
    for (const stop of this.#stops) stop();
  }

  /** Whether there is anything else than before. A group that cannot be read now is taken to be as it was. Upstream: GetDeletableResources */
  async #look(signal: AbortSignal): Promise<boolean> {
    const { found, failures } = await discoverSome(this.#deps.client, signal).catch((err: unknown) => ({ found: [], failures: [String(err)] }));
    signal.throwIfAborted();
    if (failures.length > 0) this.#deps.log.warn({ failures }, "garbage collection cannot see all that there is");
    const now = found.filter(({ resource, verbs }) => resource !== "events" && verbs.has("delete") && verbs.has("watch"));
    const kept = failures.length === 0 ? [] : this.#found.filter((old) => !now.some(({ group, resource }) => group === old.group && resource === old.resource));
    const before = namesOf(this.#found);
    this.#found = [...now, ...kept];
    return namesOf(this.#found) !== before;
  }
}

const namesOf = (resources: readonly Discovered[]): string => resources.map(({ group, version, resource, kind, namespaced }) => [group, version, resource, kind, namespaced].join("/")).toSorted().join();
