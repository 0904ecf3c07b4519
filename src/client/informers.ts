import { qualified, type KubeObject } from "#apimachinery/meta.ts";
import type { ResourceRef } from "#api/resources.ts";
import type { Clock } from "#base/clock.ts";
import { untilAborted } from "#base/component.ts";
import type { Logger } from "#base/log.ts";
import type { Client } from "./client.ts";
import { WatchingInformer } from "./informer.ts";
import type { Informer, Informers } from "./lister.ts";

type Options = NonNullable<Parameters<Informers["for"]>[1]>;

/** Shared informers over one client. An informer asked for while they run starts at once. */
export function newInformers(client: Client, clock: Clock, log: Logger): Informers {
  return new SharedInformers(client, clock, log);
}

class SharedInformers implements Informers {
  readonly name = "informers";
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #informers = new Map<string, Informer<KubeObject>>();
  #start: ((informer: Informer<KubeObject>) => void) | undefined;

  constructor(client: Client, clock: Clock, log: Logger) {
    this.#client = client;
    this.#clock = clock;
    this.#log = log;
  }

  for<T extends KubeObject>(ref: ResourceRef<T>, options: Options = {}): Informer<T> {
    const key = keyFor(ref, options);
    const found = this.#informers.get(key);
    if (found !== undefined) return found as unknown as Informer<T>;
    const name = qualified(ref);
    const made = new WatchingInformer<T>({ name, resource: this.#client.resource(ref), query: options, clock: this.#clock, log: this.#log.child({ informer: name }) });
    const shared = made as unknown as Informer<KubeObject>;
    this.#informers.set(key, shared);
    this.#start?.(shared);
    return made;
  }

  known<T extends KubeObject>(ref: ResourceRef<T>): Informer<T> | undefined {
    return (this.#informers.get(keyFor(ref, {})) ?? this.#informers.get(keyFor(ref, { metadataOnly: true }))) as unknown as Informer<T> | undefined;
  }

  async synced(signal: AbortSignal): Promise<void> {
    await Promise.all([...this.#informers.values()].map((informer) => informer.synced(signal)));
  }

  /** Ends when the signal aborts and every informer has stopped; rejects with the first that failed. */
  async run(signal: AbortSignal): Promise<void> {
    const running = new Set<Promise<void>>();
    const { promise: stopped, resolve, reject } = Promise.withResolvers<void>();
    void untilAborted(signal).then(resolve);
    this.#start = (informer) => {
      const run: Promise<void> = informer.run(signal).catch(reject).finally(() => running.delete(run));
      running.add(run);
    };
    for (const informer of this.#informers.values()) this.#start(informer);
    await stopped;
    this.#start = undefined;
    await Promise.all(running);
  }
}

const keyFor = ({ group, version, resource }: ResourceRef, { namespace, fieldSelector, labelSelector, metadataOnly }: Options): string =>
  JSON.stringify([group, version, resource, namespace, fieldSelector, labelSelector, metadataOnly]);
