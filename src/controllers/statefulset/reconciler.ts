import type { ControllerRevision, StatefulSet } from "#api/gen/apps-v1.ts";
import type { PersistentVolumeClaim, Pod } from "#api/gen/core-v1.ts";
import { controllerRevisions, persistentVolumeClaims, pods, statefulSets } from "#api/resources.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import { keyOf } from "#apimachinery/meta.ts";
import { labelSelectorOf, type LabelSelector } from "#apimachinery/selectors.ts";
import type { Clock } from "#base/clock.ts";
import type { Component } from "#base/component.ts";
import type { Client } from "#client/client.ts";
import type { Informer } from "#client/lister.ts";
import { indexByController, ownerKeys, Ownership } from "../ownership.ts";
import { slowStart } from "../pod-control.ts";
import type { Again } from "../reconciler.ts";
import { History, type Versions } from "../revisions/history.ts";
import { newController, source, type ControllerDeps } from "../runner.ts";
import { ordinalOf, revisionOf, type Revisions } from "./identity.ts";
import { placesOf, plan } from "./plan.ts";
import { StatefulPodControl } from "./pod-control.ts";
import { statusOf } from "./status.ts";

interface Caches { readonly sets: Informer<StatefulSet>; readonly pods: Informer<Pod>; readonly claims: Informer<PersistentVolumeClaim>; readonly revisions: Informer<ControllerRevision> }

const selectorOf = ({ spec }: StatefulSet): LabelSelector => labelSelectorOf(spec.selector);

/** Keeps pods with names, places and claims of their own. Key: the StatefulSet. Upstream: pkg/controller/statefulset */
export function statefulSetController(deps: ControllerDeps): Component {
  const { informers } = deps;
  const caches: Caches = { sets: informers.for(statefulSets), pods: informers.for(pods), claims: informers.for(persistentVolumeClaims), revisions: informers.for(controllerRevisions) };
  indexByController(caches.pods);
  indexByController(caches.revisions);
  return newController(deps, (client) => ({
    sources: [
      source(statefulSets, caches.sets, (set) => [keyOf(set)]),
      source(pods, caches.pods, (pod) => ownerKeys(pod, "StatefulSet", caches.sets, selectorOf)),
      // no work of their own, but the next round must have seen what this one wrote
      source(controllerRevisions, caches.revisions, () => []),
      source(persistentVolumeClaims, caches.claims, () => []),
    ],
    reconciler: new StatefulSetReconciler(client, caches, new StatefulPodControl(client, deps.events("statefulset-controller"), caches.claims), deps.clock),
  }));
}

class StatefulSetReconciler {
  readonly name = "statefulset";
  readonly #client: Client;
  readonly #caches: Caches;
  readonly #ownership: Ownership<StatefulSet, Pod>;
  readonly #history: History<StatefulSet>;
  readonly #control: StatefulPodControl;
  readonly #clock: Clock;

  constructor(client: Client, caches: Caches, control: StatefulPodControl, clock: Clock) {
    this.#client = client;
    this.#caches = caches;
    this.#ownership = new Ownership(client, statefulSets, pods);
    this.#history = new History(client, statefulSets, caches.revisions, "controller.kubernetes.io/hash");
    this.#control = control;
    this.#clock = clock;
  }

  async reconcile(key: string, signal: AbortSignal): Promise<Again | void> {
    const set = this.#caches.sets.get(key);
    if (set?.metadata.uid === undefined) return; // deleted meanwhile: its Pods go by garbage collection
    const owned = await this.#ownership.settle(set, selectorOf(set), this.#caches.pods, signal, (pod) => ordinalOf(set, pod) !== undefined);
    const versions = await this.#history.versions(set, signal);
    const revisions: Revisions = { update: versions.update, current: versions.old.find(({ metadata }) => metadata.name === set.status.currentRevision) ?? versions.update };
    const failure = set.metadata.deletionTimestamp === undefined ? await this.#act(set, revisions, owned, signal).then(() => undefined, (err: unknown) => ({ cause: err })) : undefined;
    const againMs = await this.#report(set, revisions, versions.collisionCount, owned, signal);
    if (failure !== undefined) throw failure.cause;
    await this.#truncate(set, revisions, versions, owned, signal);
    return againMs === undefined ? undefined : { afterMs: againMs };
  }

  async #act(set: StatefulSet, revisions: Revisions, owned: readonly Pod[], signal: AbortSignal): Promise<void> {
    const { replicas, condemned } = placesOf(set, owned);
    for (const { pod } of replicas) if (pod !== undefined) await this.#control.mend(set, pod, false, signal);
    for (const pod of condemned) await this.#control.mend(set, pod, true, signal);
    const { create, remove } = plan(set, revisions, owned, this.#clock.now());
    const { failure } = await slowStart(create.length, async (i) => { if (create[i] !== undefined) await this.#control.create(set, create[i], signal); });
    if (failure !== undefined) throw failure;
    for (const pod of remove) await this.#control.delete(set, pod, signal);
  }

  async #report(set: StatefulSet, revisions: Revisions, collisionCount: number, owned: readonly Pod[], signal: AbortSignal): Promise<number | undefined> {
    const { status, againMs } = statusOf(set, revisions, collisionCount, owned, this.#clock.now());
    if (!semanticEqual(status, set.status)) await this.#client.resource(statefulSets).update({ ...set, status }, { subresource: "status", signal });
    return againMs;
  }

  /** Forgets the oldest revisions that nothing has any more. */
  async #truncate({ spec, metadata }: StatefulSet, { current }: Revisions, { old }: Versions, owned: readonly Pod[], signal: AbortSignal): Promise<void> {
    if (metadata.deletionTimestamp !== undefined) return;
    const live = new Set([current.metadata.name, ...owned.map(revisionOf)]);
    await this.#history.truncate(old.filter((revision) => !live.has(revision.metadata.name)), spec.revisionHistoryLimit ?? 10, () => false, signal);
  }
}
