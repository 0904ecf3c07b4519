/** Resources that are not stored: their objects are made when somebody asks. */
import { notFound } from "#apimachinery/status.ts";
import { Item } from "../cacher/item.ts";
import { encodeObject } from "../cacher/encoding.ts";
import { objectKey } from "../cacher/keys.ts";
import { groupResourceOf, storagePrefix } from "./registry.ts";
import type { AnyResource } from "./resource.ts";

/** All objects of a computed resource; undefined for one that is stored. They have no revision. */
export function computedItems(resource: AnyResource): readonly Item[] | undefined {
  const prefix = storagePrefix(resource);
  return resource.computed?.().map((obj) => new Item(prefix, objectKey(prefix, obj.metadata.namespace ?? "", obj.metadata.name), encodeObject(obj), 0));
}

/** One of them. Throws NotFound. */
export function computedItem(resource: AnyResource, items: readonly Item[], name: string): Item {
  const found = items.find((item) => item.name === name);
  if (found === undefined) throw notFound(groupResourceOf(resource), name);
  return found;
}
