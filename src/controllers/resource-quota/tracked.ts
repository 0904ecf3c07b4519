/** The caches of what quotas count: none for what no quota has asked about. */
import { evaluatorOf } from "#api/quota/evaluators.ts";
import type { Evaluator } from "#api/quota/evaluator.ts";
import { printResources } from "#api/resource-list.ts";
import { persistentVolumeClaims, pods, services, type ResourceRef } from "#api/resources.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import type { Clock } from "#base/clock.ts";
import type { Client } from "#client/client.ts";
import type { Changed, Informer, Informers } from "#client/lister.ts";
import { discover, type Discovered } from "../discovered.ts";

/** A name that nothing explains is looked for again, not more often than this. */
const discoveryMs = 10_000;

export interface Tracked { readonly evaluator: Evaluator; readonly informer: Informer<KubeObject> }
interface Deps { readonly client: Client; readonly informers: Informers; readonly clock: Clock; readonly steady: Clock }

/** Those whose objects are more than one each. */
const whole: readonly ResourceRef[] = [pods, services, persistentVolumeClaims];
const isWhole = ({ group, resource }: ResourceRef): boolean => group === "" && whole.some((ref) => ref.resource === resource);

export class TrackedResources {
  readonly #deps: Deps;
  readonly #freed: (namespace: string, evaluator: Evaluator) => void;
  readonly #tracked = new Map<string, Tracked>();
  #known: readonly Discovered[] = [];
  #lookedAt = -Infinity;

  /** @param freed called when something may have been given back in a namespace */
  constructor(deps: Deps, freed: (namespace: string, evaluator: Evaluator) => void) {
    this.#deps = deps;
    this.#freed = freed;
  }

  /** Every resource that counts for one of the names, its cache filled. */
  async for(names: readonly string[], signal: AbortSignal): Promise<readonly Tracked[]> {
    if (names.some((name) => !this.#explains(name))) await this.#discover(signal);
    const refs = this.#known.filter((ref) => names.some((name) => evaluatorOf(ref).counts(name)));
    const tracked = refs.map((ref) => this.#track(ref));
    await Promise.all(tracked.map(({ informer }) => informer.synced(signal)));
    return tracked;
  }

  #explains(name: string): boolean {
    return this.#known.some((ref) => evaluatorOf(ref).counts(name));
  }

  async #discover(signal: AbortSignal): Promise<void> {
    const { client, steady } = this.#deps;
    if (steady.now() - this.#lookedAt < discoveryMs) return;
    this.#known = (await discover(client, signal)).filter(({ namespaced, resource, verbs }) => namespaced && resource !== "events" && verbs.has("watch"));
    this.#lookedAt = steady.now();
  }

  #track(ref: Discovered): Tracked {
    const key = `${ref.group}/${ref.resource}`;
    const known = this.#tracked.get(key);
    if (known !== undefined) return known;
    const informer = isWhole(ref) ? this.#deps.informers.for<KubeObject>(plain(ref)) : this.#deps.informers.for<KubeObject>(ref, { metadataOnly: true });
    const made: Tracked = { evaluator: evaluatorOf(ref), informer };
    this.#tracked.set(key, made);
    informer.onChange((change) => this.#changed(made.evaluator, change));
    return made;
  }

  /** What is new has been charged at its creation; what is gone or has changed is counted again. */
  #changed(evaluator: Evaluator, { old, object }: Changed<KubeObject>): void {
    if (old === undefined) return;
    const now = this.#deps.clock.now();
    const amounts = (of: KubeObject): object => printResources(evaluator.usage(of, now));
    if (object === undefined || !semanticEqual(amounts(old), amounts(object))) this.#freed(old.metadata.namespace ?? "", evaluator);
  }
}

/** The reference by which others ask for the same cache. */
const plain = ({ resource }: Discovered): ResourceRef => whole.find((ref) => ref.resource === resource) ?? pods;
