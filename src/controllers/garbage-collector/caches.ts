import type { KubeObject } from "#apimachinery/meta.ts";
import type { Clock } from "#base/clock.ts";
import { WatchingInformer } from "#client/informer.ts";
import type { Informer } from "#client/lister.ts";
import type { Discovered } from "../discovered.ts";
import type { ControllerDeps } from "../runner.ts";
import { resourceKey, type Tracked } from "./graph.ts";

/** How long a cache may take for its first list: one that cannot be read must not hold up all. Upstream: garbagecollector initialSyncTimeout */
const patienceMs = 30_000;

interface Own extends Tracked { readonly stop: AbortController; readonly ended: Promise<void> }

/**
 * A cache for each resource: the one that other controllers have of it anyway, else one of metadata alone. They live on
 * while resources come and go. Upstream: controller-manager/pkg/informerfactory
 */
export class Caches {
  readonly #deps: ControllerDeps;
  readonly #own = new Map<string, Own>();
  /** Not waited for a second time. */
  readonly #late = new WeakSet<Informer<KubeObject>>();

  constructor(deps: ControllerDeps) {
    this.#deps = deps;
  }

  /** Follows these resources and no others. Those that have no first list when the patience is over are late. */
  async ready(resources: readonly Discovered[], signal: AbortSignal): Promise<{ readonly ready: readonly Tracked[]; readonly late: readonly Tracked[] }> {
    const tracked = this.#follow(resources);
    const done = new Set<Tracked>();
    const first = async (one: Tracked): Promise<void> => {
      await one.informer.synced(signal);
      done.add(one);
    };
    const known = tracked.filter(({ informer }) => this.#late.has(informer)).map(first);
    await within(patienceMs, this.#deps.steady ?? this.#deps.clock, Promise.all(tracked.filter(({ informer }) => !this.#late.has(informer)).map(first)), signal);
    for (const left of known) left.catch(() => {}); // over with the signal
    const late = tracked.filter((one) => !done.has(one));
    if (late.length > 0) this.#deps.log.warn({ resources: late.map(({ ref }) => resourceKey(ref)) }, "garbage collection goes on without caches that cannot be read");
    for (const { informer } of late) this.#late.add(informer);
    return { ready: [...done], late };
  }

  #follow(resources: readonly Discovered[]): readonly Tracked[] {
    const wanted = new Set(resources.map(keyOf));
    for (const [key, { stop }] of this.#own) {
      if (wanted.has(key)) continue;
      stop.abort();
      this.#own.delete(key);
    }
    return resources.map((ref) => {
      const shared = this.#deps.informers.known<KubeObject>(ref);
      return shared === undefined ? this.#ownOf(ref) : { ref, informer: shared };
    });
  }

  /** Ends them all but those of others. */
  async stop(): Promise<void> {
    const own = [...this.#own.values()];
    this.#follow([]);
    await Promise.all(own.map(({ ended }) => ended));
  }

  #ownOf(ref: Discovered): Tracked {
    const known = this.#own.get(keyOf(ref));
    if (known !== undefined) return known;
    const { client, clock, log } = this.#deps;
    const informer = new WatchingInformer<KubeObject>({ name: resourceKey(ref), resource: client.resource<KubeObject>(ref), query: { metadataOnly: true }, clock, log });
    const stop = new AbortController();
    const made = { ref, informer, stop, ended: informer.run(stop.signal) };
    this.#own.set(keyOf(ref), made);
    return made;
  }
}

/** Another version, kind or scope under the same name needs another cache. */
const keyOf = (ref: Discovered): string => [resourceKey(ref), ref.version, ref.kind, ref.namespaced].join(" ");

/** Waits for the work, but no longer than this. */
async function within(ms: number, clock: Clock, work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const waiting = new AbortController();
  const patience = clock.sleep(ms, AbortSignal.any([signal, waiting.signal]));
  await Promise.race([work, patience]).finally(() => {
    waiting.abort();
    for (const left of [work, patience]) left.catch(() => {}); // nobody waits any more
  });
}
