import type { ResourceRef } from "#api/resources.ts";
import type { WatchQuery } from "./client.ts";

/** The path of a collection, an object or a subresource. Segments are escaped: a name never reaches beyond its place. */
export function pathOf(ref: ResourceRef, namespace?: string, name?: string, subresource?: string): string {
  const root = ref.group === "" ? `/api/${ref.version}` : `/apis/${ref.group}/${ref.version}`;
  const within = ref.namespaced && namespace !== undefined && namespace !== "" ? `/namespaces/${encodeURIComponent(namespace)}` : "";
  const object = name === undefined ? "" : `/${encodeURIComponent(name)}`;
  return `${root}${within}/${ref.resource}${object}${subresource === undefined ? "" : `/${subresource}`}`;
}

const listParameters = ["labelSelector", "fieldSelector", "resourceVersion", "limit", "continue", "allowWatchBookmarks", "timeoutSeconds", "sendInitialEvents"] as const satisfies readonly (keyof WatchQuery)[];

/** `?a=b&…` of a list's or watch's options, or nothing. */
export function queryOf(options: WatchQuery, extra: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams(extra);
  for (const name of listParameters) {
    const value = options[name];
    if (value !== undefined && value !== "") query.set(name, String(value));
  }
  if (options.sendInitialEvents !== undefined) query.set("resourceVersionMatch", "NotOlderThan");
  return query.size === 0 ? "" : `?${query.toString()}`;
}
