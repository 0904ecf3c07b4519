import type { ReplicaSet, ReplicaSetCondition } from "#api/gen/apps-v1.ts";
import type { Pod } from "#api/gen/core-v1.ts";
import { pods, replicaSets } from "#api/resources.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import { controllerOf, keyOf } from "#apimachinery/meta.ts";
import { labelSelectorOf } from "#apimachinery/selectors.ts";
import type { Component } from "#base/component.ts";
import type { Clock } from "#base/clock.ts";
import type { Client } from "#client/client.ts";
import type { Informer } from "#client/lister.ts";
import { claim } from "../claim.ts";
import { PodControl, slowStart } from "../pod-control.ts";
import type { Again } from "../reconciler.ts";
import { newController, source, type ControllerDeps } from "../runner.ts";
import { rfc3339 } from "../time.ts";
import { plan, statusOf } from "./plan.ts";

/** Pods that one round makes or removes. Upstream: BurstReplicas */
const burst = 500;

/** Keeps as many Pods as each ReplicaSet asks for. Key: the set. */
export function replicaSetController(deps: ControllerDeps): Component {
  const sets = deps.informers.for(replicaSets);
  const podCache = deps.informers.for(pods);
  podCache.addIndex("controller", (pod) => [controllerOf(pod)?.uid ?? "none"]);
  const control = (client: Client): PodControl<ReplicaSet> => new PodControl(client, deps.events("replicaset-controller"), replicaSets);
  return newController(deps, (client) => {
    const reconciler = new ReplicaSetReconciler(client, sets, podCache, control(client), deps.clock);
    return { sources: [source(replicaSets, sets, (set) => [keyOf(set)]), source(pods, podCache, (pod) => setsOf(pod, sets))], reconciler };
  });
}

/** The owner of a pod; of one that has none, the sets that would take it. */
function setsOf(pod: Pod, sets: Informer<ReplicaSet>): string[] {
  const owner = controllerOf(pod);
  if (owner !== undefined) return owner.kind === "ReplicaSet" ? [`${pod.metadata.namespace ?? ""}/${owner.name}`] : [];
  return sets.list(pod.metadata.namespace).filter(({ spec }) => labelSelectorOf(spec.selector).matches(pod.metadata.labels)).map(keyOf);
}

class ReplicaSetReconciler {
  readonly name = "replicaset";
  readonly #client: Client;
  readonly #sets: Informer<ReplicaSet>;
  readonly #pods: Informer<Pod>;
  readonly #control: PodControl<ReplicaSet>;
  readonly #clock: Clock;

  constructor(client: Client, sets: Informer<ReplicaSet>, cache: Informer<Pod>, control: PodControl<ReplicaSet>, clock: Clock) {
    this.#client = client;
    this.#sets = sets;
    this.#pods = cache;
    this.#control = control;
    this.#clock = clock;
  }

  async reconcile(key: string, signal: AbortSignal): Promise<Again | void> {
    const set = this.#sets.get(key);
    if (set?.metadata.uid === undefined) return; // deleted meanwhile: its Pods go by garbage collection
    const owned = await this.#claimed(set, signal);
    const failure = set.metadata.deletionTimestamp === undefined ? await this.#scale(set, owned, signal) : undefined;
    const againMs = await this.#report(set, owned, failure, signal);
    if (failure !== undefined) throw failure.cause;
    return againMs === undefined ? undefined : { afterMs: againMs };
  }

  async #claimed(set: ReplicaSet, signal: AbortSignal): Promise<readonly Pod[]> {
    const inNamespace = (pod: Pod): boolean => pod.metadata.namespace === set.metadata.namespace;
    const candidates = [...this.#pods.by("controller", set.metadata.uid ?? ""), ...this.#pods.by("controller", "none").filter(inNamespace)];
    const { owned, adopt, release } = claim(set, candidates);
    for (const pod of adopt) await this.#control.adopt(set, pod, signal);
    for (const pod of release) await this.#control.release(set, pod, signal);
    return [...owned, ...adopt];
  }

  async #scale(set: ReplicaSet, owned: readonly Pod[], signal: AbortSignal): Promise<Failure | undefined> {
    const { create, remove } = plan(set, owned, (pod) => this.#related(set, pod));
    if (create > 0) {
      const { failure } = await slowStart(Math.min(create, burst), () => this.#control.create(set, set.spec.template, signal));
      return failure === undefined ? undefined : { reason: "FailedCreate", cause: failure };
    }
    const results = await Promise.allSettled(remove.slice(0, burst).map((pod) => this.#control.delete(set, pod, signal)));
    const failed = results.find((result) => result.status === "rejected");
    return failed === undefined ? undefined : { reason: "FailedDelete", cause: failed.reason };
  }

  /** Pods on the same node whose set has the same owner, e.g. the one that a Deployment is replacing. */
  #related(set: ReplicaSet, pod: Pod): number {
    const owner = controllerOf(set)?.uid;
    const siblings = owner === undefined ? [set] : this.#sets.list(set.metadata.namespace).filter((other) => controllerOf(other)?.uid === owner);
    return siblings.flatMap((other) => this.#pods.by("controller", other.metadata.uid ?? "")).filter(({ spec }) => spec.nodeName === pod.spec.nodeName).length;
  }

  async #report(set: ReplicaSet, owned: readonly Pod[], failure: Failure | undefined, signal: AbortSignal): Promise<number | undefined> {
    const now = this.#clock.now();
    const { status, againMs } = statusOf(set, owned, failure && conditionOf(set, failure, now), now);
    if (!semanticEqual(status, set.status)) await this.#client.resource(replicaSets).update({ ...set, status }, { subresource: "status", signal });
    return againMs;
  }
}

interface Failure { readonly reason: "FailedCreate" | "FailedDelete"; readonly cause: unknown }

function conditionOf(set: ReplicaSet, { reason, cause }: Failure, now: number): ReplicaSetCondition {
  const message = cause instanceof Error ? cause.message : String(cause);
  const old = set.status.conditions?.find(({ type }) => type === "ReplicaFailure");
  return old?.reason === reason ? { ...old, message } : { type: "ReplicaFailure", status: "True", lastTransitionTime: rfc3339(now), reason, message };
}
