import type { Pod } from "#api/gen/core-v1.ts";
import type { ResourceClaim, ResourceClaimConsumerReference } from "#api/gen/resource-v1.ts";
import { allocationFinalizer, resourceClaimKeysOf } from "#api/resource-claim.ts";
import { pods, resourceClaims } from "#api/resources.ts";
import { controllerOf, keyOf } from "#apimachinery/meta.ts";
import type { Component } from "#base/component.ts";
import type { Client } from "#client/client.ts";
import type { Informer } from "#client/lister.ts";
import { ignore } from "../ignore.ts";
import { newController, source, type ControllerDeps } from "../runner.ts";
import { planForClaim } from "./claim-plan.ts";
import { isDone } from "./done.ts";

/** Frees claims of the pods that no longer use them, gives their devices back, and lets those go that were made for a pod that has ended. Key: the claim. */
export function unusedResourceClaimController(deps: ControllerDeps): Component {
  const podCache = deps.informers.for(pods);
  const claims = deps.informers.for(resourceClaims);
  return newController(deps, (client) => ({
    sources: [source(resourceClaims, claims, (claim) => [keyOf(claim)]), source(pods, podCache, resourceClaimKeysOf)],
    reconciler: {
      name: "unused-resource-claim",
      async reconcile(key, signal) {
        const claim = claims.get(key);
        if (claim === undefined) return;
        const valid = await stillThere(client, podCache, claim, signal);
        const { status, dropFinalizer, remove } = planForClaim(claim, valid, podCache.get(`${claim.metadata.namespace ?? ""}/${controllerOf(claim)?.name ?? ""}`));
        const now = status === undefined ? claim : await client.resource(resourceClaims).update({ ...claim, status }, { subresource: "status", signal });
        if (dropFinalizer) await release(client, now, signal);
        if (remove) await client.resource(resourceClaims).delete(claim.metadata.name, claim.metadata.namespace, { preconditions: { uid: claim.metadata.uid ?? "" }, signal }).catch(ignore("NotFound", "Conflict"));
      },
    },
  }));
}

async function release(client: Client, claim: ResourceClaim, signal: AbortSignal): Promise<void> {
  const finalizers = (claim.metadata.finalizers ?? []).filter((name) => name !== allocationFinalizer);
  await client.resource(resourceClaims).update({ ...claim, metadata: { ...claim.metadata, finalizers } }, { signal }).catch(ignore("NotFound"));
}

/** Of those that a claim is reserved for, the ones that may still use it. A pod that the cache does not show is asked for at the server: it may be too new. */
async function stillThere(client: Client, podCache: Informer<Pod>, { metadata: { namespace = "" }, status }: ResourceClaim, signal: AbortSignal): Promise<ResourceClaimConsumerReference[]> {
  const valid: ResourceClaimConsumerReference[] = [];
  for (const consumer of status.reservedFor ?? []) {
    const { apiGroup = "", resource, name, uid } = consumer;
    if (apiGroup !== "" || resource !== "pods") throw new Error(`unsupported ReservedFor entry: ${apiGroup}/${resource} ${name}`);
    const pod = podCache.get(`${namespace}/${name}`) ?? (await client.resource(pods).get(name, namespace, signal).catch(ignore("NotFound")));
    if (pod !== undefined && pod.metadata.uid === uid && !isDone(pod)) valid.push(consumer);
  }
  return valid;
}
