import type { StatusError } from "#apimachinery/status.ts";
import type { Clock } from "#base/clock.ts";
import type { Delivery } from "../cacher/event.ts";
import type { Item } from "../cacher/item.ts";
import type { AnyResource } from "../registry/resource.ts";
import { objectView, partialView } from "./json-views.ts";
import type { Accepted, Format } from "./negotiation.ts";
import { partialProtobufView, protobufView } from "./protobuf-views.ts";
import { tableView } from "./table.ts";
import { prettyView, yamlView } from "./text-views.ts";

/** Of a list: what `ListMeta` holds. */
export interface ListMeta { readonly resourceVersion: string; readonly continue?: string; readonly remainingItemCount?: number }

/** How much a list holds; the bytes of its elements only where the view is `sized`. */
export interface Extent { readonly count: number; readonly bytes: number }

/** How objects look to one client: the bytes of one, the frame of a list around many, the frames of a watch. */
export interface View {
  /** Names the encoding, so that equal ones are made once. */
  readonly id: string;
  readonly format: Format;
  /** A whole answer. */
  one(item: Item): Buffer;
  /** What stands before the elements of a list. */
  listHead(metadata: ListMeta, extent: Extent): Buffer;
  /** The head needs to know how long the elements are. */
  readonly sized?: true;
  element(item: Item): Buffer;
  /** Stands between two elements. */
  readonly separator: Buffer;
  listTail(metadata: ListMeta, extent: Extent): Buffer;
  /** An event of a watch. @param first whether it is the first one */
  frame(type: Delivery["type"], item: Item, first: boolean): Buffer;
  /** "You have seen everything up to this revision": an object with nothing but this metadata. */
  bookmark(metadata: object): Buffer;
  /** The last event of a watch that fails. */
  failure(err: StatusError): Buffer;
}

/** How objects of this resource look to a client that has asked for this. */
export function viewOf(resource: AnyResource, { format, pretty, as }: Accepted, query: URLSearchParams, clock: Clock): View {
  if (format === "protobuf") return as?.shape === "PartialObjectMetadata" ? partialProtobufView(resource, as.apiVersion) : protobufView(resource);
  const json = jsonViewOf(resource, as, query, clock);
  if (format === "yaml") return yamlView(json);
  return pretty ? prettyView(json) : json;
}

function jsonViewOf(resource: AnyResource, as: Accepted["as"], query: URLSearchParams, clock: Clock): View {
  switch (as?.shape) {
    case undefined: return objectView(resource);
    case "PartialObjectMetadata": return partialView(resource, as?.apiVersion ?? "");
    case "Table": return tableView(resource, { meta: as?.apiVersion ?? "", includeObject: query.get("includeObject") || "Metadata" }, clock);
  }
}
