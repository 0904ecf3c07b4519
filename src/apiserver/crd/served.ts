import type { Registry } from "../registry/registry.ts";
import type { AnyResource } from "../registry/resource.ts";
import type { Definition } from "./definition.ts";
import { customResource } from "./resource.ts";

interface Served { readonly key: string; readonly terminating: boolean; readonly resources: readonly AnyResource[]; readonly retire: AbortController }

/** Puts the resources of established definitions into the registry, and takes them out again. */
export class ServedDefinitions {
  readonly #registry: Registry;
  readonly #served = new Map<string, Served>();

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** Serves a definition as it is now. What is served as before is left alone, and its watches go on. */
  update(name: string, definition: Definition): void {
    const before = this.#served.get(name);
    const key = keyOf(definition);
    if (before?.key === key) return this.#setTerminating(name, before, definition.terminating);
    this.remove(name);
    if (!definition.established) return;
    const retire = new AbortController();
    const resources = definition.crd.spec.versions.filter(({ served }) => served).map((version) => customResource(definition, version, retire.signal)).filter((resource) => !this.#builtIn(resource));
    for (const resource of resources) this.#registry.add(resource);
    this.#served.set(name, { key, terminating: definition.terminating, resources, retire });
  }

  remove(name: string): void {
    const served = this.#served.get(name);
    if (served === undefined) return;
    this.#served.delete(name);
    for (const resource of served.resources) this.#registry.remove(resource);
    served.retire.abort();
  }

  /** A group version that the server has of its own is never another's. */
  #builtIn({ group, version }: AnyResource): boolean {
    return this.#registry.all.some((other) => other.custom === undefined && other.group === group && other.version === version);
  }

  #setTerminating(name: string, before: Served, terminating: boolean): void {
    if (before.terminating === terminating) return;
    const resources = before.resources.map((resource) => (resource.custom === undefined ? resource : { ...resource, custom: { ...resource.custom, terminating } }));
    for (const resource of resources) this.#registry.add(resource);
    this.#served.set(name, { ...before, terminating, resources });
  }
}

/** Changes when what is served must change. */
const keyOf = ({ crd: { metadata, status }, established }: Definition): string => JSON.stringify([metadata.uid, metadata.generation, status.acceptedNames, established]);
