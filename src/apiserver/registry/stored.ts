import { parseExact } from "#apimachinery/exact-json.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { encodeObject } from "../cacher/encoding.ts";
import type { Item } from "../cacher/item.ts";
import { formOf, type AnyResource } from "./resource.ts";

/** The bytes to store for an object of this resource. */
export const encodeStored = (resource: AnyResource, obj: KubeObject): Buffer => encodeObject(resource.storedAs?.to(obj) ?? obj);

/** A copy of a stored object in this resource's own version. */
export function decodeStored(resource: AnyResource, item: Item): KubeObject {
  const stored = resource.custom === undefined ? item.parse() : parseExact(item.json.toString()) as KubeObject;
  return resource.storedAs?.from(stored) ?? stored;
}

/** The object's JSON in this resource's own version, with its resourceVersion. */
export function storedJson(resource: AnyResource, item: Item): Buffer {
  if (resource.storedAs === undefined) return item.json;
  return item.derived(formOf(resource), () => {
    const json = Buffer.from(JSON.stringify(decodeStored(resource, item)));
    return json.equals(item.json) ? item.json : json; // kept once, where nothing had to change
  });
}
