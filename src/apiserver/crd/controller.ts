import type { CustomResourceDefinition } from "#api/gen/apiextensions-v1.ts";
import { sameJson } from "#apimachinery/equal.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { cloneJson } from "#apimachinery/records.ts";
import { isStatus } from "#apimachinery/status.ts";
import { timestamp } from "#apimachinery/time.ts";
import { untilAborted, type Component } from "#base/component.ts";
import type { Logger } from "#base/log.ts";
import type { Cache } from "../cacher/cache.ts";
import type { Item } from "../cacher/item.ts";
import { Wakers } from "../cacher/wakers.ts";
import { customResourceDefinitions } from "../registry/apiextensions/custom-resource-definition.ts";
import { update } from "../registry/generic.ts";
import { storagePrefix, type Registry } from "../registry/registry.ts";
import { erase } from "../registry/resource.ts";
import type { StorageDeps } from "../registry/writes.ts";
import type { GroupVersion } from "./api-services.ts";
import { cleanupFinalizer } from "./definition/cleanup.ts";
import { settle, takenBy } from "./definition/plan.ts";
import { Definition } from "./definition.ts";
import { finalize } from "./finalizer.ts";
import { ServedDefinitions } from "./served.ts";
import { system } from "./system-writes.ts";

export interface DefinitionsDeps { readonly storage: StorageDeps; readonly registry: Registry; readonly log: Logger }

const retryMs = 1_000;
const resource = erase(customResourceDefinitions);

/**
 * Follows the definitions: serves what is established, settles names and conditions, and empties what goes.
 * Serving follows the watch cache in the same turn of the event loop, before any client can see the change.
 */
export class Definitions implements Component {
  readonly name = "custom-resource-definitions";
  readonly #deps: DefinitionsDeps;
  readonly #served: ServedDefinitions;
  readonly #known = new Map<string, Definition>();
  readonly #ready = Promise.withResolvers<void>();
  readonly #dirty = new Set<string>();
  readonly #finalizing = new Set<string>();
  readonly #wakers = new Wakers();
  #signal: AbortSignal = AbortSignal.abort();

  constructor(deps: DefinitionsDeps) {
    this.#deps = deps;
    this.#served = new ServedDefinitions(deps.registry);
  }

  /** Of all versions that definitions serve, each once; those of built-in kinds are not theirs. */
  get groupVersions(): readonly GroupVersion[] {
    const own = new Set(this.#deps.registry.all.filter(({ custom }) => custom === undefined).map(({ group, version }) => `${group}/${version}`));
    const all = [...this.#known.values()].flatMap(({ crd: { spec } }) => spec.versions.filter(({ served }) => served).map(({ name }) => ({ group: spec.group, version: name })));
    return [...new Map(all.map((gv) => [`${gv.group}/${gv.version}`, gv])).entries()].filter(([key]) => !own.has(key)).map(([, gv]) => gv);
  }

  /** Calls `wake` after definitions have changed. Returns how to stop. */
  onChange(wake: () => void): () => void {
    return this.#wakers.add(wake);
  }

  /** Resolves when what is stored is served. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  run = async (signal: AbortSignal): Promise<void> => {
    const { feed } = this.#deps.storage;
    this.#signal = signal;
    await Promise.race([feed.loaded, untilAborted(signal)]);
    if (signal.aborted) return;
    const cache = feed.cache(storagePrefix(resource));
    const stop = cache.onChange(() => this.#follow(cache));
    this.#follow(cache);
    this.#ready.resolve();
    await untilAborted(signal);
    stop();
  };

  #follow(cache: Cache): void {
    const items = cache.list(cache.prefix);
    const names = new Set(items.map(({ name }) => name));
    for (const item of items) if (this.#known.get(item.name)?.item.revision !== item.revision) this.#take(item);
    for (const [name, { crd }] of this.#known) {
      if (names.has(name)) continue;
      this.#known.delete(name);
      this.#served.remove(name);
      this.#settleLater(crd.spec.group); // its names are free
    }
    this.#wakers.wake();
  }

  /** @param crd what the item holds, where that is known */
  #take(item: Item, crd?: CustomResourceDefinition): void {
    const known = this.#known.get(item.name);
    if (known !== undefined && known.item.revision > item.revision) return; // our own write, before the cache has told of it
    const definition = new Definition(item, crd);
    this.#known.set(item.name, definition);
    this.#served.update(item.name, definition);
    this.#settleLater(definition.crd.spec.group);
    const { deletionTimestamp, finalizers = [] } = definition.crd.metadata;
    if (deletionTimestamp !== undefined && finalizers.includes(cleanupFinalizer)) void this.#finalize(item.name);
  }

  /** One group after the other change of itself; groups do not wait for each other. */
  #settleLater(group: string): void {
    if (this.#dirty.has(group)) return;
    this.#dirty.add(group);
    queueMicrotask(() => void this.#settle(group));
  }

  async #settle(group: string): Promise<void> {
    this.#dirty.delete(group);
    try {
      for (const name of [...this.#known.keys()].toSorted((a, b) => this.#age(a) - this.#age(b))) if (this.#known.get(name)?.crd.spec.group === group) await this.#settleOne(name);
    } catch (err) {
      if (this.#signal.aborted) return;
      this.#deps.log.warn({ err, group }, "the names of custom resources could not be settled; trying again");
      await this.#deps.storage.clock.sleep(retryMs, this.#signal).catch(() => {});
      this.#settleLater(group);
    }
  }

  /** Who came first keeps a name. */
  #age(name: string): number {
    return Date.parse(this.#known.get(name)?.crd.metadata.creationTimestamp ?? "");
  }

  async #settleOne(name: string): Promise<void> {
    const { storage } = this.#deps;
    const definition = this.#known.get(name);
    if (definition === undefined || !this.#changes(definition)) return;
    let crd: CustomResourceDefinition | undefined;
    const next = (old: KubeObject | undefined): KubeObject => {
      crd = old as CustomResourceDefinition;
      settle(crd, this.#takenFrom(name, crd.spec.group), timestamp(storage.clock.now()));
      return crd;
    };
    try {
      const { item } = await update(storage, { resource, namespace: "", name }, { subresource: { name: "status", write: { type: "write", prepareUpdate: () => {} } }, next }, system);
      this.#take(item, crd);
    } catch (err) {
      if (!isStatus(err, "NotFound")) throw err; // gone meanwhile
    }
  }

  #changes({ crd }: Definition): boolean {
    const settled: CustomResourceDefinition = { ...crd, status: cloneJson(crd.status) };
    settle(settled, this.#takenFrom(crd.metadata.name, crd.spec.group), timestamp(this.#deps.storage.clock.now()));
    return !sameJson(settled.status, crd.status);
  }

  #takenFrom(name: string, group: string): ReturnType<typeof takenBy> {
    const others = [...this.#known.values()].filter(({ crd }) => crd.spec.group === group && crd.metadata.name !== name);
    return takenBy(others.map(({ crd }) => crd.status.acceptedNames ?? {}));
  }

  async #finalize(name: string): Promise<void> {
    const definition = this.#known.get(name);
    if (definition === undefined || this.#finalizing.has(name)) return;
    this.#finalizing.add(name);
    const { storage, log } = this.#deps;
    while (!this.#signal.aborted) {
      try {
        await finalize(storage, definition, this.#signal);
        break;
      } catch (err) {
        if (this.#signal.aborted) break;
        log.warn({ err, definition: name }, "instances of a custom resource could not be deleted; trying again");
        await storage.clock.sleep(retryMs, this.#signal).catch(() => {});
      }
    }
    this.#finalizing.delete(name);
  }
}
