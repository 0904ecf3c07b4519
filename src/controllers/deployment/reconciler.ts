import type { Deployment, DeploymentStatus, ReplicaSet } from "#api/gen/apps-v1.ts";
import type { Pod } from "#api/gen/core-v1.ts";
import { getCondition } from "#api/conditions.ts";
import { deployments, pods, replicaSets } from "#api/resources.ts";
import { isTerminal } from "#api/pod.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import { controllerOf, keyOf } from "#apimachinery/meta.ts";
import { labelSelectorOf } from "#apimachinery/selectors.ts";
import { isStatus } from "#apimachinery/status.ts";
import type { Clock } from "#base/clock.ts";
import type { Component } from "#base/component.ts";
import type { Client } from "#client/client.ts";
import type { EventRecorder } from "#client/events.ts";
import type { Informer } from "#client/lister.ts";
import { ignore } from "../ignore.ts";
import { indexByController, ownerKeys, Ownership } from "../ownership.ts";
import type { Again } from "../reconciler.ts";
import { newController, source, type ControllerDeps } from "../runner.ts";
import { millis } from "../time.ts";
import { desiredReplicasAnnotation, revisionAnnotation } from "./names.ts";
import { newSize, proportional, shrinkOld, type Resize } from "./rolling.ts";
import { freshSet, highestRevision, newSetOf, replicasOf, revisionOf, sameTemplate, setAnnotations, sizeAnnotations } from "./sets.ts";
import { conditionOf, hasDeadline, isComplete, noted, progressed, statusOf, withCondition, withFailure } from "./status.ts";

/** Rolls Deployments out by growing and shrinking their ReplicaSets. Key: the Deployment. Upstream: pkg/controller/deployment */
export function deploymentController(deps: ControllerDeps): Component {
  const caches: Caches = { deployments: deps.informers.for(deployments), sets: deps.informers.for(replicaSets), pods: deps.informers.for(pods) };
  indexByController(caches.sets);
  indexByController(caches.pods);
  const events = deps.events("deployment-controller");
  return newController(deps, (client) => ({
    sources: [
      source(deployments, caches.deployments, (d) => [keyOf(d)]),
      source(replicaSets, caches.sets, (set) => ownersOf(set, caches.deployments)),
      source(pods, caches.pods, (pod) => recreating(pod, caches)),
    ],
    reconciler: new DeploymentReconciler(client, caches, events, deps.clock),
  }));
}

interface Caches { readonly deployments: Informer<Deployment>; readonly sets: Informer<ReplicaSet>; readonly pods: Informer<Pod> }
/** One Deployment and its sets, as they are now. */
interface State { /** As the server holds it. */ readonly stored: Deployment; /** With what this round has found out about it. */ readonly deployment: Deployment; readonly sets: readonly ReplicaSet[]; readonly fresh: ReplicaSet | undefined; readonly old: readonly ReplicaSet[] }

const ownersOf = (set: ReplicaSet, cache: Informer<Deployment>): string[] => ownerKeys(set, "Deployment", cache, ({ spec }) => labelSelectorOf(spec.selector));

/** A Deployment that recreates waits for its last old pod to go. */
function recreating(pod: Pod, { sets, deployments: all }: Caches): string[] {
  const owner = controllerOf(pod);
  const set = owner?.kind === "ReplicaSet" ? sets.get(`${pod.metadata.namespace ?? ""}/${owner.name}`) : undefined;
  return set === undefined ? [] : ownersOf(set, all).filter((key) => all.get(key)?.spec.strategy?.type === "Recreate");
}

class DeploymentReconciler {
  readonly name = "deployment";
  readonly #client: Client;
  readonly #caches: Caches;
  readonly #ownership: Ownership<Deployment, ReplicaSet>;
  readonly #events: EventRecorder;
  readonly #clock: Clock;

  constructor(client: Client, caches: Caches, events: EventRecorder, clock: Clock) {
    this.#client = client;
    this.#caches = caches;
    this.#ownership = new Ownership(client, deployments, replicaSets);
    this.#events = events;
    this.#clock = clock;
  }

  async reconcile(key: string, signal: AbortSignal): Promise<Again | void> {
    const deployment = this.#caches.deployments.get(key);
    if (deployment?.metadata.uid === undefined) return;
    const sets = await this.#ownership.settle(deployment, labelSelectorOf(deployment.spec.selector), this.#caches.sets, signal);
    const state = this.#state(deployment, sets);
    if (deployment.metadata.deletionTimestamp !== undefined) return this.#report(state, statusOf(deployment, sets, state.fresh, this.#clock.now()), undefined, signal);
    const paused = await this.#notePause(deployment, signal);
    if (deployment.spec.paused === true || this.#isScaling(state)) return this.#resize(paused === undefined ? state : { ...state, stored: paused, deployment: paused }, signal);
    return deployment.spec.strategy?.type === "Recreate" ? this.#recreate(state, signal) : this.#roll(state, signal);
  }

  #state(deployment: Deployment, sets: readonly ReplicaSet[]): State {
    const fresh = newSetOf(deployment, sets);
    return { stored: deployment, deployment, sets, fresh, old: sets.filter((set) => set !== fresh) };
  }

  /** A pause stops the clock of the deadline. Upstream: checkPausedConditions */
  async #notePause(deployment: Deployment, signal: AbortSignal): Promise<Deployment | undefined> {
    if (!hasDeadline(deployment)) return undefined;
    const old = getCondition(deployment.status.conditions, "Progressing");
    const isPaused = deployment.spec.paused === true;
    if (old?.reason === "ProgressDeadlineExceeded" || isPaused === (old?.reason === "DeploymentPaused")) return undefined;
    const next = conditionOf(old, "Progressing", "Unknown", isPaused ? "DeploymentPaused" : "DeploymentResumed", isPaused ? "Deployment is paused" : "Deployment is resumed", this.#clock.now());
    return this.#client.resource(deployments).update({ ...deployment, status: { ...deployment.status, conditions: withCondition(deployment.status.conditions ?? [], next) } }, { subresource: "status", signal });
  }

  /** Its size was changed since its sets were given theirs. */
  #isScaling({ deployment, sets }: State): boolean {
    return sets.some((set) => {
      const desired = set.metadata.annotations?.[desiredReplicasAnnotation];
      return (set.spec.replicas ?? 0) > 0 && desired !== undefined && Number(desired) !== replicasOf(deployment);
    });
  }

  async #resize(state: State, signal: AbortSignal): Promise<Again | void> {
    const { deployment, fresh, old } = state;
    const resizes = proportional(deployment, fresh, old);
    const all = [...(fresh ? [fresh] : []), ...old].filter((set) => (set.spec.replicas ?? 0) > 0 || resizes.some((r) => r.set === set));
    for (const set of all) await this.#setSize(deployment, { set, replicas: resizes.find((r) => r.set === set)?.replicas ?? set.spec.replicas ?? 0 }, signal);
    if (deployment.spec.paused === true) await this.#cleanUp(state, signal);
    return this.#report(state, statusOf(deployment, state.sets, fresh, this.#clock.now()), undefined, signal);
  }

  async #roll(state: State, signal: AbortSignal): Promise<Again | void> {
    const now = await this.#ensureFresh(state, newSize(state.deployment, state.sets, 0), signal);
    if (now?.fresh === undefined) return;
    const { fresh } = now;
    const size = replicasOf(fresh) > replicasOf(state.deployment) ? replicasOf(state.deployment) : newSize(state.deployment, [fresh, ...state.old], replicasOf(fresh));
    if (size !== replicasOf(fresh)) await this.#setSize(state.deployment, { set: fresh, replicas: size }, signal);
    else for (const resize of shrinkOld(state.deployment, fresh, state.old.filter((set) => replicasOf(set) > 0))) await this.#setSize(state.deployment, resize, signal);
    return this.#finish(now, signal);
  }

  async #recreate(state: State, signal: AbortSignal): Promise<Again | void> {
    const shrinking = state.old.filter((set) => replicasOf(set) > 0);
    for (const set of shrinking) await this.#setSize(state.deployment, { set, replicas: 0 }, signal);
    const left = state.old.flatMap((set) => this.#caches.pods.by("controller", set.metadata.uid ?? "")).some((pod) => !isTerminal(pod));
    if (shrinking.length > 0 || left) return this.#finish(state, signal);
    const now = await this.#ensureFresh(state, replicasOf(state.deployment), signal);
    if (now?.fresh !== undefined && replicasOf(now.fresh) !== replicasOf(state.deployment)) await this.#setSize(state.deployment, { set: now.fresh, replicas: replicasOf(state.deployment) }, signal);
    return this.#finish(now ?? state, signal);
  }

  async #finish(state: State, signal: AbortSignal): Promise<Again | void> {
    const now = this.#clock.now();
    const sets = state.fresh === undefined || state.sets.includes(state.fresh) ? state.sets : [...state.sets, state.fresh];
    const status = withFailure(statusOf(state.deployment, sets, state.fresh, now), sets, now);
    if (isComplete(state.deployment, status)) await this.#cleanUp(state, signal);
    const next = progressed(state.stored, status, state.fresh, now);
    return this.#report(state, next.status, next.againMs, signal);
  }

  /** The state with its new set, made where it is missing, its revision the highest, and with what the Deployment is to say of it. */
  async #ensureFresh(state: State, replicas: number, signal: AbortSignal): Promise<State | undefined> {
    const { deployment, fresh, old } = state;
    const revision = highestRevision(old) + 1n;
    const found = fresh === undefined ? await this.#create(deployment, revision, replicas, signal) : await this.#refresh(deployment, fresh, revision, signal);
    return found && { ...state, fresh: found, deployment: noted(deployment, found, fresh === undefined, this.#clock.now()) };
  }

  async #refresh(deployment: Deployment, set: ReplicaSet, revision: bigint, signal: AbortSignal): Promise<ReplicaSet> {
    const annotations = setAnnotations(deployment, set, revision);
    const minReadySeconds = deployment.spec.minReadySeconds ?? 0;
    if (semanticEqual(annotations, set.metadata.annotations) && (set.spec.minReadySeconds ?? 0) === minReadySeconds) return set;
    return this.#client.resource(replicaSets).update({ ...set, metadata: { ...set.metadata, annotations }, spec: { ...set.spec, minReadySeconds } }, { signal });
  }

  async #create(deployment: Deployment, revision: bigint, replicas: number, signal: AbortSignal): Promise<ReplicaSet | undefined> {
    const wanted = freshSet(deployment, revision, replicas);
    try {
      const made = await this.#client.resource(replicaSets).create(wanted, { signal });
      if (replicas > 0) this.#events.event(deployment, "Normal", "ScalingReplicaSet", `Scaled up replica set ${made.metadata.name} from 0 to ${replicas}`);
      return made;
    } catch (err) {
      if (!isStatus(err, "AlreadyExists")) throw err;
      const taken = await this.#client.resource(replicaSets).get(wanted.metadata.name, wanted.metadata.namespace, signal);
      if (controllerOf(taken)?.uid === deployment.metadata.uid && sameTemplate(taken.spec.template, deployment.spec.template)) return taken;
      // another template has the same hash: the next name is tried
      await this.#client.resource(deployments).update({ ...deployment, status: { ...deployment.status, collisionCount: (deployment.status.collisionCount ?? 0) + 1 } }, { subresource: "status", signal });
      return undefined;
    }
  }

  async #setSize(deployment: Deployment, { set, replicas }: Resize, signal: AbortSignal): Promise<void> {
    const annotations = { ...set.metadata.annotations, ...sizeAnnotations(deployment) };
    const before = set.spec.replicas ?? 0;
    if (before === replicas && semanticEqual(annotations, set.metadata.annotations)) return;
    await this.#client.resource(replicaSets).update({ ...set, metadata: { ...set.metadata, annotations }, spec: { ...set.spec, replicas } }, { signal });
    if (before !== replicas) this.#events.event(deployment, "Normal", "ScalingReplicaSet", `Scaled ${before < replicas ? "up" : "down"} replica set ${set.metadata.name} from ${before} to ${replicas}`);
  }

  /** Forgets the oldest sets beyond the history's limit. */
  async #cleanUp({ deployment, old }: State, signal: AbortSignal): Promise<void> {
    const idle = old.filter(({ spec, status, metadata }) => (spec.replicas ?? 0) === 0 && status.replicas === 0 && metadata.deletionTimestamp === undefined && (status.observedGeneration ?? 0) >= (metadata.generation ?? 0));
    const excess = idle.toSorted((a, b) => Number(revisionOf(a) - revisionOf(b)) || millis(a.metadata.creationTimestamp) - millis(b.metadata.creationTimestamp)).slice(0, Math.max(0, idle.length - (deployment.spec.revisionHistoryLimit ?? 10)));
    for (const { metadata } of excess) await this.#client.resource(replicaSets).delete(metadata.name, metadata.namespace, { preconditions: { uid: metadata.uid ?? "" }, signal }).catch(ignore("NotFound", "Conflict"));
  }

  /** Revision and status in one write. Strategic: what others have written to the conditions meanwhile stays. */
  async #report({ stored, deployment }: State, status: DeploymentStatus, againMs: number | undefined, signal: AbortSignal): Promise<Again | void> {
    const revision = deployment.metadata.annotations?.[revisionAnnotation];
    const isNew = revision !== stored.metadata.annotations?.[revisionAnnotation];
    if (isNew || !semanticEqual(status, stored.status)) {
      const gone = Object.keys(stored.status).filter((name) => !(name in status)).map((name) => [name, null]);
      const removed = (stored.status.conditions ?? []).filter(({ type }) => !(status.conditions ?? []).some((c) => c.type === type)).map(({ type }) => ({ $patch: "delete", type }));
      const body = { ...(isNew && { metadata: { annotations: { [revisionAnnotation]: revision } } }), status: { ...Object.fromEntries(gone), ...status, conditions: [...(status.conditions ?? []), ...removed] } };
      await this.#client.resource(deployments).patch(deployment.metadata.name, deployment.metadata.namespace, { type: "strategic", body }, { subresource: "status", signal });
    }
    return againMs === undefined ? undefined : { afterMs: againMs };
  }
}
