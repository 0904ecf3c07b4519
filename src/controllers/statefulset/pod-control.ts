import type { StatefulSet } from "#api/gen/apps-v1.ts";
import type { PersistentVolumeClaim, Pod } from "#api/gen/core-v1.ts";
import { persistentVolumeClaims, pods } from "#api/resources.ts";
import { keyOf } from "#apimachinery/meta.ts";
import { isStatus } from "#apimachinery/status.ts";
import { messageOf } from "#base/error-message.ts";
import type { Client } from "#client/client.ts";
import type { EventRecorder } from "#client/events.ts";
import type { Informer } from "#client/lister.ts";
import { ignore } from "../ignore.ts";
import { namespaceIsLeaving } from "../pod-control.ts";
import { claimsFor, isStale, mendedOwners } from "./claims.ts";
import { missingIdentity, ordinalOf } from "./identity.ts";

/** Makes and deletes the pods of StatefulSets with their claims, and tells it in Events. Upstream: pkg/controller/statefulset/stateful_pod_control.go */
export class StatefulPodControl {
  readonly #client: Client;
  readonly #events: EventRecorder;
  readonly #claims: Informer<PersistentVolumeClaim>;

  constructor(client: Client, events: EventRecorder, claims: Informer<PersistentVolumeClaim>) {
    this.#client = client;
    this.#events = events;
    this.#claims = claims;
  }

  /** The pod's claims first, then the pod. */
  async create(set: StatefulSet, pod: Pod, signal: AbortSignal): Promise<void> {
    const stale = claimsFor(set, pod).map((claim) => this.#claims.get(keyOf(claim))).find((claim) => claim !== undefined && isStale(set, ordinalOf(set, pod) ?? -1, claim));
    if (stale !== undefined) throw new Error(`claim ${stale.metadata.name} of an earlier pod is still to go`);
    await this.#createClaims(set, pod, signal);
    await this.#told(set, pod, "create", () => this.#client.resource(pods).create(pod, { signal }), signal);
  }

  async delete(set: StatefulSet, pod: Pod, signal: AbortSignal): Promise<void> {
    const remove = (): Promise<unknown> => this.#client.resource(pods).delete(pod.metadata.name, pod.metadata.namespace, { preconditions: { uid: pod.metadata.uid ?? "" }, signal });
    await this.#told(set, pod, "delete", remove, signal).catch(ignore("NotFound", "Conflict"));
  }

  /** What a pod that is there should have: its name as a label, its claims while it waits for them, and these with the right owners. */
  async mend(set: StatefulSet, pod: Pod, isCondemned: boolean, signal: AbortSignal): Promise<void> {
    const { name, namespace, uid, deletionTimestamp } = pod.metadata;
    const labels = missingIdentity(set, pod);
    if (labels !== undefined) await this.#client.resource(pods).patch(name, namespace, { type: "strategic", body: { metadata: { labels, uid } } }, { signal }).catch(ignore("NotFound", "Invalid"));
    if (!isCondemned && pod.status.phase === "Pending" && deletionTimestamp === undefined) await this.#createClaims(set, pod, signal);
    for (const wanted of claimsFor(set, pod)) {
      const claim = this.#claims.get(keyOf(wanted));
      const ownerReferences = claim && mendedOwners(set, pod, isCondemned, claim);
      if (claim !== undefined && ownerReferences !== undefined) await this.#client.resource(persistentVolumeClaims).update({ ...claim, metadata: { ...claim.metadata, ownerReferences } }, { signal });
    }
  }

  async #createClaims(set: StatefulSet, pod: Pod, signal: AbortSignal): Promise<void> {
    for (const claim of claimsFor(set, pod)) {
      if (this.#claims.get(keyOf(claim)) !== undefined) continue;
      const what = `Claim ${claim.metadata.name} Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name}`;
      try {
        await this.#client.resource(persistentVolumeClaims).create(claim, { signal });
        this.#events.event(set, "Normal", "SuccessfulCreate", `create ${what} success`);
      } catch (err) {
        if (isStatus(err, "AlreadyExists")) continue;
        this.#tellFailure(set, "create", what, err, signal);
        throw err;
      }
    }
  }

  async #told(set: StatefulSet, pod: Pod, verb: "create" | "delete", work: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
    const what = `Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name}`;
    try {
      await work();
      this.#events.event(set, "Normal", verb === "create" ? "SuccessfulCreate" : "SuccessfulDelete", `${verb} ${what} successful`);
    } catch (err) {
      if (!isStatus(err, "AlreadyExists", "NotFound", "Conflict")) this.#tellFailure(set, verb, what, err, signal);
      throw err;
    }
  }

  #tellFailure(set: StatefulSet, verb: "create" | "delete", what: string, err: unknown, signal: AbortSignal): void {
    if (signal.aborted || namespaceIsLeaving(err)) return;
    this.#events.event(set, "Warning", verb === "create" ? "FailedCreate" : "FailedDelete", `${verb} ${what} failed error: ${messageOf(err)}`);
  }
}
