import { allocationFinalizer, isReservedFor } from "#api/resource-claim.ts";
import { pods, resourceClaims } from "#api/resources.ts";
import type { ContainerExtendedResourceRequest, Pod } from "#api/gen/core-v1.ts";
import type { AllocationResult, ResourceClaim } from "#api/gen/resource-v1.ts";
import { keyOf } from "#apimachinery/meta.ts";
import { isStatus } from "#apimachinery/status.ts";
import { timestamp } from "#apimachinery/time.ts";
import type { Clock } from "#base/clock.ts";
import { messageOf } from "#base/error-message.ts";
import type { Logger } from "#base/log.ts";
import type { Client } from "#client/client.ts";
import type { EventRecorder } from "#client/events.ts";
import { bindingTimeoutMs, isOverdue, readinessOf, waitsForDevices } from "./claim-readiness.ts";
import type { ResourceClaims } from "./resource-claims.ts";

export interface ClaimBinderDeps {
  readonly client: Client;
  readonly claims: ResourceClaims;
  readonly clock: Clock;
  readonly events: EventRecorder;
  readonly log: Logger;
}

/** Upstream: client-go retry.DefaultRetry */
const attempts = 5;

/** Tells the API server which devices claims have and which pods use them. Upstream: dynamicresources bindClaim, Unreserve, PostFilter */
export class ClaimBinder {
  readonly #deps: ClaimBinderDeps;

  constructor(deps: ClaimBinderDeps) {
    this.#deps = deps;
  }

  /** Gives the claim its devices, where they were chosen just now, and reserves it for the pod. Resolves to the claim as it is then. */
  async bind(claim: ResourceClaim, allocation: AllocationResult | undefined, pod: Pod, signal: AbortSignal): Promise<ResourceClaim> {
    const { client, claims } = this.#deps;
    let current = claim;
    for (let left = attempts; ; ) {
      try {
        const bound = await this.#write(current, allocation, pod, signal);
        claims.answered(bound);
        return bound;
      } catch (err) {
        if (!isStatus(causeOf(err), "Conflict") || --left === 0) throw err;
        current = await client.resource(resourceClaims).get(claim.metadata.name, claim.metadata.namespace, signal)
          .catch((cause: unknown) => { throw new Error(`get updated claim ${keyOf(claim)} after conflict: ${messageOf(cause)}`, { cause }); });
      }
    }
  }

  async #write(claim: ResourceClaim, allocation: AllocationResult | undefined, pod: Pod, signal: AbortSignal): Promise<ResourceClaim> {
    const api = this.#deps.client.resource(resourceClaims);
    if (claim.metadata.deletionTimestamp !== undefined) throw new Error(`claim ${keyOf(claim)} got deleted in the meantime`);
    if (isReservedFor(claim, pod)) return claim; // an answer was lost
    if (allocation === undefined) return await api.update(reserved(claim, pod), { subresource: "status", signal }).catch(failed(`add reservation to claim ${keyOf(claim)}`));
    if (claim.status.allocation !== undefined) throw new Error(`claim ${keyOf(claim)} got allocated elsewhere in the meantime`);
    const held = await this.#hold(claim, signal);
    const allocated = { ...held, status: { ...held.status, allocation: { ...allocation, allocationTimestamp: timestamp(this.#deps.clock.now()) } } };
    return await api.update(reserved(allocated, pod), { subresource: "status", signal }).catch(failed(`add allocation and reservation to claim ${keyOf(claim)}`));
  }

  /** Devices must be given back before the claim may go. */
  async #hold(claim: ResourceClaim, signal: AbortSignal): Promise<ResourceClaim> {
    const { finalizers = [] } = claim.metadata;
    if (finalizers.includes(allocationFinalizer)) return claim;
    const held = { ...claim, metadata: { ...claim.metadata, finalizers: [...finalizers, allocationFinalizer] } };
    return await this.#deps.client.resource(resourceClaims).update(held, { signal }).catch(failed(`add finalizer to claim ${keyOf(claim)}`));
  }

  /** Waits until all devices that must say so are ready. Throws when one says that it will not be, or says nothing for too long. */
  async untilReady(bound: readonly ResourceClaim[], pod: Pod, node: string, signal: AbortSignal): Promise<void> {
    if (!bound.some(waitsForDevices)) return;
    const { claims, clock, events } = this.#deps;
    events.event({ kind: "Pod", ...pod }, "Normal", "BindingConditionsPending", `waiting for binding conditions for device on node ${node}`);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = (): void => {
      try {
        if (bound.every((claim) => this.#isReady(claim))) resolve();
      } catch (err) {
        reject(err);
      }
    };
    const stop = claims.onChange(look);
    const ended = new AbortController();
    const timeout = clock.sleep(bindingTimeoutMs, AbortSignal.any([signal, ended.signal])).then(() => { throw new Error("device binding timeout"); });
    try {
      look();
      await Promise.race([promise, timeout]);
    } finally {
      stop();
      ended.abort();
      timeout.catch(() => {});
    }
  }

  #isReady(claim: ResourceClaim): boolean {
    const { claims, clock } = this.#deps;
    const now = claims.get(keyOf(claim));
    if (now === undefined) throw new Error(`could not find ResourceClaim "${keyOf(claim)}"`);
    const readiness = readinessOf(now);
    if (typeof readiness === "object") throw new Error(readiness.failed);
    if (readiness === "waiting" && isOverdue(now, clock.now())) throw new Error(`claim ${now.metadata.name} binding timeout`);
    return readiness === "ready";
  }

  /** Writes a claim for a pod's extended resources. */
  async create(draft: ResourceClaim, signal: AbortSignal): Promise<ResourceClaim> {
    const { uid: _, ...metadata } = draft.metadata;
    return await this.#deps.client.resource(resourceClaims).create({ ...draft, metadata: { ...metadata, name: "" } }, { signal }).catch(failed(`create claim for extended resources ${keyOf(draft)}`));
  }

  /** Says in the pod's status which claim is for its extended resources. */
  async tell({ metadata: { name, namespace, uid } }: Pod, claim: ResourceClaim, requestMappings: readonly ContainerExtendedResourceRequest[], signal: AbortSignal): Promise<void> {
    const body = { metadata: { uid }, status: { extendedResourceClaimStatus: { requestMappings, resourceClaimName: claim.metadata.name } } };
    await this.#deps.client.resource(pods).patch(name, namespace, { type: "strategic", body }, { subresource: "status", signal }).catch(failed(`update pod ${namespace ?? ""}/${name} ExtendedResourceClaimStatus`));
  }

  /** In the background: a claim for extended resources goes, with its devices. */
  remove({ metadata: { name, namespace, uid = "" } }: ResourceClaim): void {
    const api = this.#deps.client.resource(resourceClaims);
    const body = { metadata: { uid, "$deleteFromPrimitiveList/finalizers": [allocationFinalizer] } };
    this.#inBackground("delete", api.patch(name, namespace, { type: "strategic", body }).then(() => api.delete(name, namespace, { preconditions: { uid } })), name);
  }

  /** In the background: the pod will not use the claim. What cannot be told is told when the pod is tried again. */
  release({ metadata }: ResourceClaim, pod: Pod): void {
    const body = { metadata: { uid: metadata.uid }, status: { reservedFor: [{ $patch: "delete", uid: pod.metadata.uid }] } };
    this.#inBackground("unreserve", this.#deps.client.resource(resourceClaims).patch(metadata.name, metadata.namespace, { type: "strategic", body }, { subresource: "status" }).then((answer) => this.#deps.claims.answered(answer)), metadata.name);
  }

  /** In the background: the claim gives its devices back, to get others. */
  deallocate(claim: ResourceClaim): void {
    const { allocation: _, reservedFor: __, devices: ___, ...status } = claim.status;
    this.#inBackground("deallocate", this.#deps.client.resource(resourceClaims).update({ ...claim, status }, { subresource: "status" }).then((answer) => this.#deps.claims.answered(answer)), claim.metadata.name);
  }

  #inBackground(what: string, request: Promise<unknown>, claim: string): void {
    request.catch((err: unknown) => {
      if (!isStatus(err, "NotFound", "Conflict")) this.#deps.log.warn({ err, claim, what }, "a resource claim was not written");
    });
  }
}

const reserved = (claim: ResourceClaim, { metadata: { name, uid = "" } }: Pod): ResourceClaim =>
  ({ ...claim, status: { ...claim.status, reservedFor: [...(claim.status.reservedFor ?? []), { resource: "pods", name, uid }] } });

const failed = (what: string) => (cause: unknown): never => { throw new Error(`${what}: ${messageOf(cause)}`, { cause }); };
const causeOf = (err: unknown): unknown => (err instanceof Error ? err.cause : undefined);
