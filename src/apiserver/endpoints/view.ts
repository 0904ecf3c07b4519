import { apiVersionOf } from "#apimachinery/meta.ts";
import type { Clock } from "#base/clock.ts";
import type { Item } from "../cacher/item.ts";
import type { AnyResource } from "../registry/resource.ts";
import { decodeStored, storedJson } from "../registry/stored.ts";
import type { Accepted } from "./negotiation.ts";
import { tableView } from "./table.ts";

/** How objects look to one client: the bytes of one, the frame of a list around many, the object of a watch event. */
export interface View {
  /** Names the encoding, so that equal ones are made once. */
  readonly id: string;
  one(item: Item): Buffer;
  /** @param metadata the list's, as JSON */
  listHead(metadata: string): string;
  /** One element of a list; a comma stands between them. */
  element(item: Item): Buffer;
  readonly listTail: string;
  /** @param first whether it is the first event of this watch */
  event(item: Item, first: boolean): Buffer;
  /** A bookmark: an object with nothing but this metadata (JSON). */
  bookmark(metadata: string): string;
}

export function viewOf(resource: AnyResource, accepted: Accepted, query: URLSearchParams, clock: Clock): View {
  if (accepted.as === "Table") return tableView(resource, query.get("includeObject") || "Metadata", clock);
  return accepted.as === "PartialObjectMetadata" ? partialView(resource) : objectView(resource);
}

/** Objects as they are stored: nothing is parsed, nothing is printed. */
export function objectView(resource: AnyResource): View {
  const apiVersion = apiVersionOf(resource.group, resource.version);
  const json = (item: Item): Buffer => storedJson(resource, item);
  return {
    id: `${apiVersion} ${resource.kind}`,
    one: json, element: json, event: json,
    listHead: (metadata) => `{"kind":${JSON.stringify(`${resource.kind}List`)},"apiVersion":${JSON.stringify(apiVersion)},"metadata":${metadata},"items":[`,
    listTail: "]}\n",
    bookmark: (metadata) => `{"kind":${JSON.stringify(resource.kind)},"apiVersion":${JSON.stringify(apiVersion)},"metadata":${metadata}}`,
  };
}

/** Metadata alone. Upstream: metav1.PartialObjectMetadata */
export function partialView(resource: AnyResource): View {
  const head = '"apiVersion":"meta.k8s.io/v1","metadata":';
  const id = `partial ${resource.group}/${resource.version}`;
  const json = (item: Item): Buffer => item.derived(id, () => partialJson(resource, item));
  return {
    id,
    one: json, element: json, event: json,
    listHead: (metadata) => `{"kind":"PartialObjectMetadataList",${head}${metadata},"items":[`,
    listTail: "]}\n",
    bookmark: (metadata) => `{"kind":"PartialObjectMetadata",${head}${metadata}}`,
  };
}

export function partialJson(resource: AnyResource, item: Item): Buffer {
  const { metadata } = decodeStored(resource, item);
  return Buffer.from(JSON.stringify({ kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata }));
}
