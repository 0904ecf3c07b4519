/** How many pods the controllers of some pods want. Upstream: pkg/controller/disruption/disruption.go getExpectedScale, finders */
import type { Scale } from "#api/gen/autoscaling-v1.ts";
import type { Pod } from "#api/gen/core-v1.ts";
import { deployments, replicaSets, replicationControllers, statefulSets, type ResourceRef } from "#api/resources.ts";
import { apiVersionOf, controllerOf, qualified, type KubeObject, type OwnerReference } from "#apimachinery/meta.ts";
import { isStatus } from "#apimachinery/status.ts";
import type { Client } from "#client/client.ts";
import type { Informer, Informers } from "#client/lister.ts";
import { collectionOf, discover } from "../discovered.ts";
import type { Source } from "../runner.ts";
import { source } from "../runner.ts";

interface Wanted { readonly uid: string; readonly replicas: number }
type Scaled = KubeObject & { readonly spec: { readonly replicas?: number } };

/** The pods cannot be counted against what somebody wants. */
export class NoScale extends Error {
  override readonly name = "NoScale";
}

export class Scales {
  readonly #client: Client;
  readonly #known: ReadonlyMap<string, Informer<Scaled>>;
  readonly #refs: readonly ResourceRef<Scaled>[];

  constructor(client: Client, informers: Informers) {
    this.#client = client;
    this.#refs = [replicaSets, deployments, replicationControllers, statefulSets] as unknown as readonly ResourceRef<Scaled>[];
    this.#known = new Map(this.#refs.map((ref) => [ref.kind, informers.for(ref)]));
  }

  /** Their caches must be full before anything is counted. */
  get sources(): readonly Source[] {
    return this.#refs.flatMap((ref) => {
      const informer = this.#known.get(ref.kind);
      return informer === undefined ? [] : [source(ref, informer, () => [])];
    });
  }

  /** The sum over the pods' controllers; pods of nobody count for nothing. Throws NoScale. */
  async of(pods: readonly Pod[], signal: AbortSignal): Promise<number> {
    const wanted = new Map<string, number>();
    for (const pod of pods) {
      const owner = controllerOf(pod);
      if (owner === undefined || wanted.has(owner.uid)) continue;
      const found = await this.#find(owner, pod.metadata.namespace ?? "", signal);
      if (found === undefined) throw new NoScale(`found no controllers for pod "${pod.metadata.name}"`);
      wanted.set(owner.uid, 0);
      wanted.set(found.uid, found.replicas);
    }
    return [...wanted.values()].reduce((sum, n) => sum + n, 0);
  }

  async #find(owner: OwnerReference, namespace: string, signal: AbortSignal): Promise<Wanted | undefined> {
    const ref = this.#refs.find(({ group, version, kind }) => kind === owner.kind && apiVersionOf(group, version) === owner.apiVersion);
    if (ref === undefined) return await this.#ask(owner, namespace, signal);
    const found = this.#known.get(ref.kind)?.get(`${namespace}/${owner.name}`);
    if (found === undefined || found.metadata.uid !== owner.uid) return undefined;
    const above = ref.kind === "ReplicaSet" ? controllerOf(found) : undefined;
    if (above?.kind === "Deployment") return await this.#find(above, namespace, signal);
    return { uid: owner.uid, replicas: found.spec.replicas ?? 0 };
  }

  /** Somebody else's controller says it through its `scale`. */
  async #ask(owner: OwnerReference, namespace: string, signal: AbortSignal): Promise<Wanted | undefined> {
    const ref = (await discover(this.#client, signal)).find(({ kind, apiVersions }) => kind === owner.kind && apiVersions.includes(owner.apiVersion));
    if (ref === undefined) return undefined;
    try {
      const scale = await this.#client.request<Scale>({ method: "GET", path: `${collectionOf(ref, namespace)}/${owner.name}/scale`, signal });
      return scale.metadata.uid === owner.uid ? { uid: owner.uid, replicas: scale.spec.replicas ?? 0 } : undefined;
    } catch (err) {
      if (!isStatus(err, "NotFound")) throw err;
      throw new NoScale(`${qualified(ref)} does not implement the scale subresource`);
    }
  }
}
