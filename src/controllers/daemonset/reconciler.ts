import type { ControllerRevision, DaemonSet } from "#api/gen/apps-v1.ts";
import type { Node, Pod } from "#api/gen/core-v1.ts";
import { controllerRevisions, daemonSets, nodes, pods } from "#api/resources.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import { keyOf, type KubeObject } from "#apimachinery/meta.ts";
import { labelSelectorOf, type LabelSelector } from "#apimachinery/selectors.ts";
import type { Clock } from "#base/clock.ts";
import type { Component } from "#base/component.ts";
import type { Client } from "#client/client.ts";
import type { EventRecorder } from "#client/events.ts";
import type { Informer } from "#client/lister.ts";
import { ignore } from "../ignore.ts";
import { indexByController, ownerKeys, Ownership } from "../ownership.ts";
import { PodControl, slowStart } from "../pod-control.ts";
import type { Again } from "../reconciler.ts";
import { History, type Versions } from "../revisions/history.ts";
import { revisionLabel } from "../revisions/plan.ts";
import { newController, source, type ControllerDeps } from "../runner.ts";
import { FailureBackoff } from "./backoff.ts";
import { placesOf, type Places } from "./places.ts";
import { plan, type Ended, type Plan } from "./plan.ts";
import { roll } from "./rolling.ts";
import { statusOf } from "./status.ts";
import { templateFor } from "./template.ts";

/** Pods that one round makes or removes. Upstream: BurstReplicas */
const burst = 250;

interface Caches { readonly sets: Informer<DaemonSet>; readonly pods: Informer<Pod>; readonly nodes: Informer<Node>; readonly revisions: Informer<ControllerRevision> }

const hashOf = ({ metadata: { labels } }: KubeObject): string | undefined => labels?.[revisionLabel];
const selectorOf = ({ spec }: DaemonSet): LabelSelector => labelSelectorOf(spec.selector);

/** Keeps a pod on every node that a DaemonSet asks for. Key: the DaemonSet. Upstream: pkg/controller/daemon */
export function daemonSetController(deps: ControllerDeps): Component {
  const { informers } = deps;
  const caches: Caches = { sets: informers.for(daemonSets), pods: informers.for(pods), nodes: informers.for(nodes), revisions: informers.for(controllerRevisions) };
  indexByController(caches.pods);
  indexByController(caches.revisions);
  const events = deps.events("daemonset-controller");
  return newController(deps, (client) => ({
    sources: [
      source(daemonSets, caches.sets, (set) => [keyOf(set)]),
      source(pods, caches.pods, (pod) => ownerKeys(pod, "DaemonSet", caches.sets, selectorOf)),
      source(nodes, caches.nodes, () => []), // see attach
      source(controllerRevisions, caches.revisions, () => []), // no work of their own, but the next round must have seen what this one wrote
    ],
    attach: (add) => caches.nodes.onChange(({ old, object }) => { if (matters(old, object)) for (const set of caches.sets.list()) add(keyOf(set)); }),
    reconciler: new DaemonSetReconciler(client, caches, new PodControl(client, events, daemonSets), events, deps),
  }));
}

/** A node's status is written every few seconds; only its coming, its going, its labels and taints say where pods belong. Upstream: shouldIgnoreNodeUpdate */
const matters = (old: Node | undefined, object: Node | undefined): boolean =>
  !semanticEqual([old?.metadata.uid, old?.metadata.labels, old?.spec.taints], [object?.metadata.uid, object?.metadata.labels, object?.spec.taints]);

class DaemonSetReconciler {
  readonly name = "daemonset";
  readonly #client: Client;
  readonly #caches: Caches;
  readonly #ownership: Ownership<DaemonSet, Pod>;
  readonly #history: History<DaemonSet>;
  readonly #control: PodControl<DaemonSet>;
  readonly #events: EventRecorder;
  readonly #clock: Clock;
  readonly #steady: Clock;
  /** Of failed pods, by uid of the set and node. Lost with a restart, as upstream's. */
  readonly #failures = new FailureBackoff();

  constructor(client: Client, caches: Caches, control: PodControl<DaemonSet>, events: EventRecorder, { clock, steady = clock }: Pick<ControllerDeps, "clock" | "steady">) {
    this.#client = client;
    this.#caches = caches;
    this.#ownership = new Ownership(client, daemonSets, pods);
    this.#history = new History(client, daemonSets, caches.revisions, revisionLabel);
    this.#control = control;
    this.#events = events;
    this.#clock = clock;
    this.#steady = steady;
  }

  async reconcile(key: string, signal: AbortSignal): Promise<Again | void> {
    const set = this.#caches.sets.get(key);
    if (set?.metadata.uid === undefined || set.metadata.deletionTimestamp !== undefined) return; // its pods go by garbage collection
    const owned = await this.#ownership.settle(set, selectorOf(set), this.#caches.pods, signal);
    const versions = await this.#history.versions(set, signal);
    if (versions.twins.length > 0) return this.#merge(versions, owned, signal);
    const { update, old, collisionCount } = versions;
    const hash = hashOf(update) ?? "";
    const places = placesOf(set, this.#caches.nodes.list(), owned);
    const { failure, waitMs } = await this.#act(set, hash, places, signal);
    const { status, againMs } = statusOf(set, hash, collisionCount, places.places, this.#clock.now());
    if (!semanticEqual(status, set.status)) await this.#client.resource(daemonSets).update({ ...set, status }, { subresource: "status", signal });
    if (failure !== undefined) throw failure;
    const live = new Set(owned.map(hashOf));
    await this.#history.truncate(old, set.spec.revisionHistoryLimit ?? 10, (revision) => live.has(hashOf(revision)), signal);
    const waits = [againMs, waitMs].filter((wait) => wait !== undefined);
    return waits.length === 0 ? undefined : { afterMs: Math.min(...waits) };
  }

  /** Of revisions with one template the newest stays, and the others' pods become its own without a restart. Upstream: dedupCurHistories */
  async #merge({ update, twins }: Versions, owned: readonly Pod[], signal: AbortSignal): Promise<Again> {
    const labels = { [revisionLabel]: hashOf(update) ?? "" };
    const stale = new Set(twins.map(hashOf).filter((hash) => hash !== labels[revisionLabel]));
    for (const pod of owned.filter((one) => stale.has(hashOf(one)))) {
      const { name, namespace, uid } = pod.metadata;
      await this.#client.resource(pods).patch(name, namespace, { type: "strategic", body: { metadata: { labels, uid } } }, { signal }).catch(ignore("NotFound", "Invalid"));
    }
    await this.#history.truncate(twins, 0, () => false, signal);
    return { afterMs: 0 };
  }

  /** First each node gets and keeps what it should have; when there is nothing left to do, an update goes on. */
  async #act(set: DaemonSet, hash: string, places: Places, signal: AbortSignal): Promise<{ readonly failure: unknown; readonly waitMs: number | undefined }> {
    const now = this.#clock.now();
    const first = plan(set, hash, places, now);
    const { due, waitMs } = this.#due(set, first.ended);
    const remove = [...first.remove, ...due];
    const step = first.create.length + remove.length > 0 ? { create: first.create, remove } : roll(set, hash, places.places, now);
    return { failure: await this.#apply(set, hash, step, signal), waitMs };
  }

  /** Ended pods that may be replaced now, each told of in an Event, and when the next may. */
  #due(set: DaemonSet, ended: readonly Ended[]): { readonly due: readonly Pod[]; readonly waitMs: number | undefined } {
    const now = this.#steady.now();
    this.#failures.sweep(now);
    const due: Pod[] = [];
    const waits: number[] = [];
    for (const { node, pod } of ended) {
      const failed = pod.status.phase === "Failed";
      const waitMs = failed ? this.#failures.attempt(`${set.metadata.uid}/${node}`, now) : 0;
      if (waitMs > 0) {
        waits.push(waitMs);
        continue;
      }
      due.push(pod);
      const what = `daemon pod ${keyOf(pod)} on node ${node}, will try to`;
      this.#events.event(set, failed ? "Warning" : "Normal", failed ? "FailedDaemonPod" : "SucceededDaemonPod", failed ? `Found failed ${what} kill it` : `Found succeeded ${what} delete it`);
    }
    return { due, waitMs: waits.length > 0 ? Math.min(...waits) : undefined };
  }

  /** Returns the first failure. */
  async #apply(set: DaemonSet, hash: string, { create, remove }: Pick<Plan, "create" | "remove">, signal: AbortSignal): Promise<unknown> {
    const { failure } = await slowStart(Math.min(create.length, burst), (i) => this.#control.create(set, templateFor(set, hash, create[i] ?? ""), signal));
    const removed = await Promise.allSettled(remove.slice(0, burst).map((pod) => this.#control.delete(set, pod, signal)));
    return failure ?? removed.find((result) => result.status === "rejected")?.reason;
  }
}
