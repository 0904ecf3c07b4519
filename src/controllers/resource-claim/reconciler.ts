import type { Pod } from "#api/gen/core-v1.ts";
import type { ResourceClaim, ResourceClaimTemplate } from "#api/gen/resource-v1.ts";
import { resourceClaimKeysOf } from "#api/resource-claim.ts";
import { pods, resourceClaims, resourceClaimTemplates } from "#api/resources.ts";
import { keyOf } from "#apimachinery/meta.ts";
import { notFound } from "#apimachinery/status.ts";
import type { Component } from "#base/component.ts";
import { messageOf } from "#base/error-message.ts";
import type { Client } from "#client/client.ts";
import type { EventRecorder } from "#client/events.ts";
import type { Informer } from "#client/lister.ts";
import { indexByController } from "../ownership.ts";
import { newController, source, type ControllerDeps } from "../runner.ts";
import { claimFrom, planForPod } from "./pod-plan.ts";

const templatesOf = ({ metadata, spec }: Pod): string[] =>
  (spec.resourceClaims ?? []).flatMap(({ resourceClaimTemplateName: name }) => (name === undefined ? [] : [`${metadata.namespace ?? ""}/${name}`]));

/** Makes the claims that pods ask for by templates and tells the pods their names. Key: the pod. Upstream: pkg/controller/resourceclaim */
export function resourceClaimController(deps: ControllerDeps): Component {
  const caches: Caches = { pods: deps.informers.for(pods), claims: deps.informers.for(resourceClaims), templates: deps.informers.for(resourceClaimTemplates) };
  caches.pods.addIndex("resource-claim", resourceClaimKeysOf);
  caches.pods.addIndex("resource-claim-template", templatesOf);
  indexByController(caches.claims);
  return newController(deps, (client) => ({
    workers: 10,
    sources: [
      source(pods, caches.pods, (pod) => ((pod.spec.resourceClaims ?? []).length > 0 ? [keyOf(pod)] : [])),
      source(resourceClaims, caches.claims, (claim) => caches.pods.by("resource-claim", keyOf(claim)).map(keyOf)),
      source(resourceClaimTemplates, caches.templates, (template) => caches.pods.by("resource-claim-template", keyOf(template)).map(keyOf)),
    ],
    reconciler: new PodClaims(client, caches, deps.events("resource_claim")),
  }));
}

interface Caches { readonly pods: Informer<Pod>; readonly claims: Informer<ResourceClaim>; readonly templates: Informer<ResourceClaimTemplate> }

class PodClaims {
  readonly name = "resource-claim";
  readonly #client: Client;
  readonly #caches: Caches;
  readonly #events: EventRecorder;

  constructor(client: Client, caches: Caches, events: EventRecorder) {
    this.#client = client;
    this.#caches = caches;
    this.#events = events;
  }

  async reconcile(key: string, signal: AbortSignal): Promise<void> {
    const { pods: podCache, claims } = this.#caches;
    const pod = podCache.get(key);
    if (pod === undefined) return;
    const { missing, found, reserve } = planForPod(pod, (name) => claims.get(`${pod.metadata.namespace ?? ""}/${name}`), claims.by("controller", pod.metadata.uid ?? ""));
    const made: Record<string, string> = { ...found };
    for (const { podClaim, template } of missing) made[podClaim] = await this.#create(pod, podClaim, template, signal);
    if (Object.keys(made).length > 0) await this.#tell(pod, made, signal);
    for (const claim of reserve) await this.#reserve(claim, pod, signal);
  }

  /** Returns the name of the new claim. Throws the refusal, after an Event. */
  async #create(pod: Pod, podClaim: string, templateName: string, signal: AbortSignal): Promise<string> {
    try {
      const template = this.#caches.templates.get(`${pod.metadata.namespace ?? ""}/${templateName}`);
      if (template === undefined) throw new Error(`resource claim template "${templateName}": ${notFound({ group: "resource.k8s.io", resource: "resourceclaimtemplate" }, templateName).message}`);
      const made = await this.#client.resource(resourceClaims).create(claimFrom(template, pod, podClaim), { signal })
        .catch((cause: unknown) => { throw new Error(`create ResourceClaim : ${messageOf(cause)}`, { cause }); });
      return made.metadata.name;
    } catch (err) {
      if (!signal.aborted) this.#events.event({ kind: "Pod", ...pod }, "Warning", "FailedResourceClaimCreation", `PodResourceClaim ${podClaim}: ${messageOf(err)}`);
      throw err;
    }
  }

  async #tell({ metadata: { name, namespace, uid } }: Pod, made: Readonly<Record<string, string>>, signal: AbortSignal): Promise<void> {
    const resourceClaimStatuses = Object.entries(made).map(([podClaim, resourceClaimName]) => ({ name: podClaim, resourceClaimName }));
    await this.#client.resource(pods).patch(name, namespace, { type: "strategic", body: { metadata: { uid }, status: { resourceClaimStatuses } } }, { subresource: "status", signal });
  }

  async #reserve(claim: ResourceClaim, { metadata: { name, uid = "" } }: Pod, signal: AbortSignal): Promise<void> {
    const reservedFor = [...(claim.status.reservedFor ?? []), { resource: "pods", name, uid }];
    await this.#client.resource(resourceClaims).update({ ...claim, status: { ...claim.status, reservedFor } }, { subresource: "status", signal });
  }
}
