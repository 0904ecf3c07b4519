import type { GroupResource } from "#apimachinery/meta.ts";
import { prefixOf } from "../cacher/keys.ts";
import type { AnyResource } from "./resource.ts";

/** The table of all resources that are served. Built-in kinds stand in it from the start; custom ones come and go. */
export class Registry {
  readonly #byPath = new Map<string, AnyResource>();
  #edition = 0;

  constructor(resources: readonly AnyResource[]) {
    for (const resource of resources) this.add(resource);
  }

  /** Changes whenever the table changes. */
  get edition(): number {
    return this.#edition;
  }

  get all(): readonly AnyResource[] {
    return [...this.#byPath.values()];
  }

  find(group: string, version: string, plural: string): AnyResource | undefined {
    return this.#byPath.get(pathOf(group, version, plural));
  }

  /** Whether there is anything of our own in this group; a custom resource does not make a group ours. */
  serves(group: string): boolean {
    return this.all.some((r) => r.group === group && r.custom === undefined);
  }

  /** In any version, the first one registered before others. */
  findIn(group: string, plural: string): AnyResource | undefined {
    return this.all.find((r) => r.group === group && r.names.plural === plural);
  }

  add(resource: AnyResource): void {
    this.#byPath.set(pathOf(resource.group, resource.version, resource.names.plural), resource);
    this.#edition++;
  }

  remove(resource: AnyResource): void {
    this.#byPath.delete(pathOf(resource.group, resource.version, resource.names.plural));
    this.#edition++;
  }
}

const pathOf = (group: string, version: string, plural: string): string => `${group}/${version}/${plural}`;

const prefixes = new WeakMap<AnyResource, string>();

/** Where the resource's objects lie in the store. One text for all who ask: every request looks by it into tables, several times. */
export function storagePrefix(resource: AnyResource): string {
  let prefix = prefixes.get(resource);
  if (prefix === undefined) prefixes.set(resource, (prefix = prefixOf(resource.storedAs ?? { group: resource.group, plural: resource.names.plural })));
  return prefix;
}

/** Its group and its name in paths. */
export const groupResourceOf = (resource: AnyResource): GroupResource => ({ group: resource.group, resource: resource.names.plural });
