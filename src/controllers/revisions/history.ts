import type { ControllerRevision } from "#api/gen/apps-v1.ts";
import type { PodTemplateSpec } from "#api/gen/core-v1.ts";
import { controllerRevisions, type ResourceRef } from "#api/resources.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import { controllerOf, type KubeObject } from "#apimachinery/meta.ts";
import { labelSelectorOf } from "#apimachinery/selectors.ts";
import { isStatus } from "#apimachinery/status.ts";
import type { Client } from "#client/client.ts";
import type { Informer } from "#client/lister.ts";
import { ignore } from "../ignore.ts";
import { controllerRef } from "../owner.ts";
import { Ownership } from "../ownership.ts";
import { dataOf, excess, next, revisionHash, revisionName, type RevisionData } from "./plan.ts";

/** A workload whose templates are kept. */
export interface Versioned extends KubeObject {
  spec: { selector?: Parameters<typeof labelSelectorOf>[0]; template: PodTemplateSpec };
  status: { collisionCount?: number };
}

export interface Versions {
  /** Of the present template. */
  readonly update: ControllerRevision;
  /** All others, in any order. */
  readonly old: readonly ControllerRevision[];
  /** Those of them with the present template. */
  readonly twins: readonly ControllerRevision[];
  readonly collisionCount: number;
}

/** Keeps the ControllerRevisions of the workloads of one kind. Upstream: pkg/controller/history realHistory */
export class History<O extends Versioned> {
  readonly #client: Client;
  readonly #owners: ResourceRef<O>;
  readonly #cache: Informer<ControllerRevision>;
  readonly #ownership: Ownership<O, ControllerRevision>;
  readonly #hashLabel: string;

  /** @param hashLabel of a revision, with its hash */
  constructor(client: Client, owners: ResourceRef<O>, cache: Informer<ControllerRevision>, hashLabel: string) {
    this.#client = client;
    this.#owners = owners;
    this.#cache = cache;
    this.#ownership = new Ownership(client, owners, controllerRevisions);
    this.#hashLabel = hashLabel;
  }

  /** The owner's revisions, the one of its present template made or made the newest where that is due. */
  async versions(owner: O, signal: AbortSignal): Promise<Versions> {
    const all = await this.#ownership.settle(owner, labelSelectorOf(owner.spec.selector), this.#cache, signal);
    const data = dataOf(owner.spec.template);
    const due = next(all, data);
    const collisionCount = owner.status.collisionCount ?? 0;
    if (due.do === "create") return { ...(await this.#create(owner, data, due.number, collisionCount, signal)), old: all, twins: [] };
    const old = all.filter((revision) => revision !== due.revision);
    const twins = old.filter((revision) => semanticEqual(revision.data, data));
    if (due.do === "keep") return { update: due.revision, old, twins, collisionCount };
    const update = await this.#client.resource(controllerRevisions).update({ ...due.revision, revision: due.number }, { signal });
    return { update, old, twins, collisionCount };
  }

  async truncate(old: readonly ControllerRevision[], limit: number, isLive: (revision: ControllerRevision) => boolean, signal: AbortSignal): Promise<void> {
    for (const { metadata } of excess(old, limit, isLive)) {
      await this.#client.resource(controllerRevisions).delete(metadata.name, metadata.namespace, { preconditions: { uid: metadata.uid ?? "" }, signal }).catch(ignore("NotFound", "Conflict"));
    }
  }

  async #create(owner: O, data: RevisionData, revision: number, collisionCount: number, signal: AbortSignal): Promise<{ readonly update: ControllerRevision; readonly collisionCount: number }> {
    const revisions = this.#client.resource(controllerRevisions);
    const wanted = this.#fresh(owner, data, revision, collisionCount);
    try {
      return { update: await revisions.create(wanted, { signal }), collisionCount };
    } catch (err) {
      if (!isStatus(err, "AlreadyExists")) throw err;
      const taken = await revisions.get(wanted.metadata.name, wanted.metadata.namespace, signal);
      if (controllerOf(taken)?.uid === owner.metadata.uid && semanticEqual(taken.data, data)) return { update: taken, collisionCount };
      return this.#create(owner, data, revision, collisionCount + 1, signal); // another's, or other data with the same hash
    }
  }

  #fresh(owner: O, data: RevisionData, revision: number, collisionCount: number): ControllerRevision {
    const { name, namespace, annotations } = owner.metadata;
    const hash = revisionHash(data, collisionCount);
    return {
      metadata: {
        name: revisionName(name, hash), ...(namespace !== undefined && { namespace }), ...(annotations && { annotations }),
        labels: { ...owner.spec.template.metadata?.labels, [this.#hashLabel]: hash }, ownerReferences: [controllerRef(owner, this.#owners)],
      },
      data, revision,
    };
  }
}
