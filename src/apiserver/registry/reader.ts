import type { KubeObject } from "#apimachinery/meta.ts";
import type { ResourceRef } from "#api/resources.ts";
import type { Reader } from "../admission/attributes.ts";
import type { Feed } from "../cacher/feed.ts";
import { objectKey, prefixOf, rangeKey } from "../cacher/keys.ts";

/** Reads the watch cache once it holds every acknowledged write. */
export function newReader(feed: Feed): Reader {
  return {
    async get<T extends KubeObject>(ref: ResourceRef<T>, name: string, namespace = ""): Promise<T | undefined> {
      await feed.fresh();
      const prefix = prefixOf({ group: ref.group, plural: ref.resource });
      return feed.cache(prefix).get(objectKey(prefix, namespace, name))?.shared as T | undefined;
    },
    async list<T extends KubeObject>(ref: ResourceRef<T>, namespace = ""): Promise<readonly T[]> {
      await feed.fresh();
      const prefix = prefixOf({ group: ref.group, plural: ref.resource });
      return feed.cache(prefix).list(rangeKey(prefix, namespace)).map((item) => item.shared as T);
    },
  };
}
