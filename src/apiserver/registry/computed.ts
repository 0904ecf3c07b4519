/** Resources that are not stored: their objects are made when somebody asks. */
import { notFound } from "#apimachinery/status.ts";
import { Item } from "../cacher/item.ts";
import { encodeObject } from "../cacher/encoding.ts";
import { objectKey } from "../cacher/keys.ts";
import { groupResourceOf, storagePrefix } from "./registry.ts";
import type { AnyResource } from "./resource.ts";

/** The objects of a computed resource, of one namespace where one is named; undefined for a resource that is stored. They have no revision. */
export async function computedItems(resource: AnyResource, namespace: string): Promise<readonly Item[] | undefined> {
  if (resource.computed === undefined) return undefined;
  const prefix = storagePrefix(resource);
  const objects = await resource.computed();
  return objects.filter(({ metadata }) => namespace === "" || metadata.namespace === namespace)
    .map((obj) => new Item(prefix, objectKey(prefix, obj.metadata.namespace ?? "", obj.metadata.name), encodeObject(obj), 0));
}

/** One of them. Throws NotFound. */
export function computedItem(resource: AnyResource, items: readonly Item[], name: string): Item {
  const found = items.find((item) => item.name === name);
  if (found === undefined) throw notFound(groupResourceOf(resource), name);
  return found;
}
