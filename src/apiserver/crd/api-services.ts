import type { APIService, APIServiceSpec } from "#api/gen/apiregistration-v1.ts";
import { sameJson } from "#apimachinery/equal.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { isStatus } from "#apimachinery/status.ts";
import { untilAborted, type Component } from "#base/component.ts";
import type { Logger } from "#base/log.ts";
import { oneAtATime } from "#base/passes.ts";
import { apiServices } from "../registry/apiregistration/api-service.ts";
import { automanaged } from "../registry/apiregistration/local-services.ts";
import { create, update } from "../registry/generic.ts";
import { storagePrefix } from "../registry/registry.ts";
import { remove } from "../registry/remove.ts";
import { erase } from "../registry/resource.ts";
import type { StorageDeps } from "../registry/writes.ts";
import type { Definitions } from "./controller.ts";
import { system } from "./system-writes.ts";

const resource = erase(apiServices);
/** Low among groups; versions are ordered as they are named. Upstream: crdregistration handleVersionUpdate */
const priorities = { groupPriorityMinimum: 1000, versionPriority: 100 } as const;

export interface GroupVersion { readonly group: string; readonly version: string }
export interface ServicesPlan { readonly make: readonly APIService[]; readonly change: readonly APIService[]; readonly remove: readonly APIService[] }

/**
 * What must be done so that every group version has its APIService, and none of ours is left over. What is not marked
 * as managed is somebody else's. Upstream: kube-aggregator/pkg/controllers/autoregister checkAPIService
 */
export function planServices(served: readonly GroupVersion[], stored: readonly APIService[]): ServicesPlan {
  const wanted = new Map(served.map((gv) => [`${gv.version}.${gv.group}`, serviceOf(gv)]));
  const known = new Set(stored.map(({ metadata }) => metadata.name));
  const ours = stored.filter(({ metadata }) => metadata.labels?.[automanaged] === "true");
  return {
    make: [...wanted.values()].filter(({ metadata }) => !known.has(metadata.name)),
    change: ours.map((service) => ({ ...service, spec: wanted.get(service.metadata.name)?.spec ?? service.spec })).filter(({ spec }, i) => !sameJson(spec, ours[i]?.spec)),
    remove: ours.filter(({ metadata }) => !wanted.has(metadata.name)),
  };
}

const serviceOf = ({ group, version }: GroupVersion): APIService => ({
  apiVersion: "apiregistration.k8s.io/v1", kind: "APIService", metadata: { name: `${version}.${group}`, labels: { [automanaged]: "true" } },
  spec: { group, version, ...priorities }, status: {},
});

/** Keeps an APIService for each group version that definitions make. Upstream: crdregistration, autoregister */
export class CustomApiServices implements Component {
  readonly name = "custom-api-services";
  readonly #storage: StorageDeps;
  readonly #definitions: Definitions;
  readonly #log: Logger;

  constructor({ storage, definitions, log }: { readonly storage: StorageDeps; readonly definitions: Definitions; readonly log: Logger }) {
    this.#storage = storage;
    this.#definitions = definitions;
    this.#log = log;
  }

  run = async (signal: AbortSignal): Promise<void> => {
    const ended = untilAborted(signal);
    await Promise.race([this.#definitions.ready, ended]);
    if (signal.aborted) return;
    const pass = oneAtATime(() => this.#pass(signal));
    const stops = [this.#definitions.onChange(() => void pass()), this.#storage.feed.cache(storagePrefix(resource)).onChange(() => void pass())];
    void pass();
    await ended;
    for (const stop of stops) stop();
  };

  async #pass(signal: AbortSignal): Promise<void> {
    const cache = this.#storage.feed.cache(storagePrefix(resource));
    const plan = planServices(this.#definitions.groupVersions, cache.list(cache.prefix).map(({ shared }) => shared as APIService));
    for (const service of plan.make) await this.#try(service, signal, () => create(this.#storage, { resource, namespace: "", name: "" }, structuredClone(service) as KubeObject, system));
    for (const { spec, metadata } of plan.change) await this.#try({ metadata }, signal, () => this.#change(metadata.name, spec));
    for (const { metadata } of plan.remove) {
      await this.#try({ metadata }, signal, () => remove(this.#storage, { resource, namespace: "", name: metadata.name }, { preconditions: { uid: metadata.uid ?? "" } }, system));
    }
  }

  #change(name: string, spec: APIServiceSpec): Promise<unknown> {
    return update(this.#storage, { resource, namespace: "", name }, { next: (old) => ({ ...old, spec }) as unknown as KubeObject }, system);
  }

  /** What another server has done meanwhile is done. */
  async #try({ metadata: { name } }: Pick<APIService, "metadata">, signal: AbortSignal, step: () => Promise<unknown>): Promise<void> {
    if (signal.aborted) return;
    try {
      await step();
    } catch (err) {
      if (signal.aborted || isStatus(err, "AlreadyExists", "NotFound", "Conflict")) return;
      this.#log.warn({ err, apiService: name }, "an APIService could not be kept up; the next change makes another attempt");
    }
  }
}
