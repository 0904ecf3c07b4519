import { apiVersionOf } from "#apimachinery/meta.ts";
import type { StatusError } from "#apimachinery/status.ts";
import { joined, metadataOf } from "../cacher/encoding.ts";
import type { Item } from "../cacher/item.ts";
import { formOf, listKindOf, type AnyResource } from "../registry/resource.ts";
import { decodeStored, storedJson } from "../registry/stored.ts";
import type { View } from "./view.ts";

const listTail = Buffer.from("]}\n");
/** What all views in JSON have in common. */
export const jsonFrames: Pick<View, "format" | "separator" | "listTail" | "failure"> = {
  format: "json",
  separator: Buffer.from(","),
  listTail: (): Buffer => listTail,
  failure: (err: StatusError): Buffer => Buffer.from(`${JSON.stringify({ type: "ERROR", object: err.toStatus() })}\n`),
};
const eventTail = Buffer.from("}\n");
const objectTail = Buffer.from("}");
const lineEnd = Buffer.from("\n");
export const jsonEvent = (type: string, object: Buffer): Buffer => joined([Buffer.from(`{"type":"${type}","object":`), object, eventTail]);

const views = new WeakMap<AnyResource, View>();

/** Objects as they are stored: nothing is parsed, nothing is printed. */
export function objectView(resource: AnyResource): View {
  let view = views.get(resource);
  if (view === undefined) views.set(resource, (view = newObjectView(resource)));
  return view;
}

function newObjectView(resource: AnyResource): View {
  const apiVersion = apiVersionOf(resource.group, resource.version);
  return jsonView(`${formOf(resource)} ${resource.kind}`, { apiVersion, kind: resource.kind, listKind: listKindOf(resource) }, (item) => storedJson(resource, item));
}

/** Metadata alone. Upstream: metav1.PartialObjectMetadata */
export function partialView(resource: AnyResource, apiVersion: string): View {
  const id = `partial ${apiVersion} ${formOf(resource)}`;
  return jsonView(id, { apiVersion, kind: "PartialObjectMetadata", listKind: "PartialObjectMetadataList" }, (item) => item.derived(id, () => partialJson(resource, apiVersion, item)));
}

function jsonView(id: string, { apiVersion, kind, listKind }: { readonly apiVersion: string; readonly kind: string; readonly listKind: string }, json: (item: Item) => Buffer): View {
  const head = (k: string): string => `{"kind":${JSON.stringify(k)},"apiVersion":${JSON.stringify(apiVersion)},"metadata":`;
  return {
    ...jsonFrames, id,
    one: (item) => Buffer.concat([json(item), lineEnd]),
    element: json,
    listHead: (metadata) => Buffer.from(`${head(listKind)}${JSON.stringify(metadata)},"items":[`),
    frame: (type, item) => jsonEvent(type, json(item)),
    bookmark: (metadata) => jsonEvent("BOOKMARK", Buffer.from(`${head(kind)}${JSON.stringify(metadata)}}`)),
  };
}

/** Cut out of the stored bytes; another version's may have to be made first, since conversion may move what is in annotations. */
function partialJson(resource: AnyResource, apiVersion: string, item: Item): Buffer {
  const metadata = resource.storedAs === undefined ? metadataOf(item.json) : Buffer.from(JSON.stringify(decodeStored(resource, item).metadata));
  return joined([Buffer.from(`{"kind":"PartialObjectMetadata","apiVersion":${JSON.stringify(apiVersion)},"metadata":`), metadata, objectTail]);
}
