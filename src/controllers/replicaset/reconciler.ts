import type { ReplicaSetCondition } from "#api/gen/apps-v1.ts";
import type { Pod } from "#api/gen/core-v1.ts";
import { pods } from "#api/resources.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import { controllerOf, keyOf } from "#apimachinery/meta.ts";
import { timestamp } from "#apimachinery/time.ts";
import type { Component } from "#base/component.ts";
import type { Clock } from "#base/clock.ts";
import { messageOf } from "#base/error-message.ts";
import type { Client } from "#client/client.ts";
import type { Informer } from "#client/lister.ts";
import { indexByController, ownerKeys, Ownership } from "../ownership.ts";
import { PodControl, slowStart } from "../pod-control.ts";
import type { Again } from "../reconciler.ts";
import { newController, source, type ControllerDeps } from "../runner.ts";
import { replicaSetFamily, replicationControllerFamily, type Family } from "./family.ts";
import { plan, statusOf, type Replicated } from "./plan.ts";

/** Pods that one round makes or removes. Upstream: BurstReplicas */
const burst = 500;

/** Keeps as many Pods as each ReplicaSet asks for. Key: the set. */
export const replicaSetController = (deps: ControllerDeps): Component => newReplicas(deps, replicaSetFamily);

/** The same for ReplicationControllers. */
export const replicationController = (deps: ControllerDeps): Component => newReplicas(deps, replicationControllerFamily);

function newReplicas<T extends Replicated>(deps: ControllerDeps, family: Family<T>): Component {
  const { ref, selectorOf } = family;
  const sets = deps.informers.for(ref);
  const podCache = deps.informers.for(pods);
  indexByController(podCache);
  return newController(deps, (client) => ({
    sources: [source(ref, sets, (set) => [keyOf(set)]), source(pods, podCache, (pod) => ownerKeys(pod, ref.kind, sets, selectorOf))],
    reconciler: new ReplicasReconciler(client, family, sets, podCache, new PodControl(client, deps.events(family.component), ref), deps.clock),
  }));
}

class ReplicasReconciler<T extends Replicated> {
  readonly name: string;
  readonly #client: Client;
  readonly #family: Family<T>;
  readonly #sets: Informer<T>;
  readonly #pods: Informer<Pod>;
  readonly #ownership: Ownership<T, Pod>;
  readonly #control: PodControl<T>;
  readonly #clock: Clock;

  constructor(client: Client, family: Family<T>, sets: Informer<T>, cache: Informer<Pod>, control: PodControl<T>, clock: Clock) {
    this.name = family.name;
    this.#client = client;
    this.#family = family;
    this.#sets = sets;
    this.#pods = cache;
    this.#ownership = new Ownership(client, family.ref, pods);
    this.#control = control;
    this.#clock = clock;
  }

  async reconcile(key: string, signal: AbortSignal): Promise<Again | void> {
    const set = this.#sets.get(key);
    if (set?.metadata.uid === undefined) return; // deleted meanwhile: its Pods go by garbage collection
    const owned = await this.#ownership.settle(set, this.#family.selectorOf(set), this.#pods, signal);
    const { failure, changed } = set.metadata.deletionTimestamp === undefined ? await this.#scale(set, owned, signal) : { failure: undefined, changed: false };
    if (changed && failure === undefined) return; // told by the next round, which the caches ask for as soon as they show it
    const againMs = await this.#report(set, owned, failure, signal);
    if (failure !== undefined) throw failure.cause;
    return againMs === undefined ? undefined : { afterMs: againMs };
  }

  async #scale(set: T, owned: readonly Pod[], signal: AbortSignal): Promise<{ readonly changed: boolean; readonly failure: Failure | undefined }> {
    const { create, remove } = plan(set, owned, (pod) => this.#related(set, pod));
    if (create > 0) {
      const { done, failure } = await slowStart(Math.min(create, burst), () => this.#control.create(set, set.spec.template, signal));
      return { changed: done > 0, failure: failure === undefined ? undefined : { reason: "FailedCreate", cause: failure } };
    }
    const results = await Promise.allSettled(remove.slice(0, burst).map((pod) => this.#control.delete(set, pod, signal)));
    const failed = results.find((result) => result.status === "rejected");
    return { changed: results.length > 0, failure: failed === undefined ? undefined : { reason: "FailedDelete", cause: failed.reason } };
  }

  /** Pods on the same node whose set has the same owner, e.g. the one that a Deployment is replacing. */
  #related(set: T, pod: Pod): number {
    const owner = controllerOf(set)?.uid;
    const siblings = owner === undefined ? [set] : this.#sets.list(set.metadata.namespace).filter((other) => controllerOf(other)?.uid === owner);
    return siblings.flatMap((other) => this.#pods.by("controller", other.metadata.uid ?? "")).filter(({ spec }) => spec.nodeName === pod.spec.nodeName).length;
  }

  async #report(set: T, owned: readonly Pod[], failure: Failure | undefined, signal: AbortSignal): Promise<number | undefined> {
    const now = this.#clock.now();
    const { status, againMs } = statusOf(set, owned, failure && conditionOf(set, failure, now), now, this.#family.countsTerminating);
    if (!semanticEqual(status, set.status)) await this.#client.resource(this.#family.ref).update({ ...set, status }, { subresource: "status", signal });
    return againMs;
  }
}

interface Failure { readonly reason: "FailedCreate" | "FailedDelete"; readonly cause: unknown }

function conditionOf(set: Replicated, { reason, cause }: Failure, now: number): ReplicaSetCondition {
  const message = messageOf(cause); // names a pod: another one each time
  const old = set.status.conditions?.find(({ type }) => type === "ReplicaFailure");
  return old ?? { type: "ReplicaFailure", status: "True", lastTransitionTime: timestamp(now), reason, message };
}
