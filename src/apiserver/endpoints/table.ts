import type { Clock } from "#base/clock.ts";
import { badRequest } from "#apimachinery/status.ts";
import type { Item } from "../cacher/item.ts";
import { formOf, type AnyResource, type Column } from "../registry/resource.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { decodeStored } from "../registry/stored.ts";
import { jsonEvent, jsonFrames } from "./json-views.ts";
import type { View } from "./view.ts";

const includes: ReadonlySet<string> = new Set(["None", "Metadata", "Object"]);

/** `meta`: the apiVersion of the answer. `includeObject`: what goes along with each row. */
export interface TableOptions { readonly meta: string; readonly includeObject: string }

/** Rows of cells, as `kubectl get` prints them. Upstream: metav1.Table */
export function tableView(resource: AnyResource, { meta, includeObject }: TableOptions, clock: Clock): View {
  if (!includes.has(includeObject)) throw badRequest(`Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(includeObject)}: must be 'Metadata', 'Object', 'None', or empty`);
  const definitions = JSON.stringify(resource.columns.map(definitionOf));
  const head = (metadata: string, columns: string): string => `{"kind":"Table","apiVersion":"${meta}","metadata":${metadata},"columnDefinitions":${columns},"rows":[`;
  const row = (item: Item): Buffer => rowOf(resource, { meta, includeObject }, item, clock.now());
  const whole = (item: Item, columns: string): Buffer => Buffer.from(`${head(JSON.stringify({ resourceVersion: String(item.revision) }), columns)}${row(item).toString()}]}`);
  return {
    ...jsonFrames,
    id: `table ${meta} ${includeObject} ${formOf(resource)}`,
    one: (item) => whole(item, definitions),
    listHead: (metadata) => Buffer.from(head(JSON.stringify(metadata), definitions)),
    element: row,
    frame: (type, item, first) => jsonEvent(type, whole(item, first ? definitions : "null")),
    bookmark: (metadata) => jsonEvent("BOOKMARK", Buffer.from(`${head(JSON.stringify(metadata), "null")}${JSON.stringify({ cells: [], object: { kind: "PartialObjectMetadata", apiVersion: meta, metadata } })}]}`)),
  };
}

const definitionOf = ({ name, type, format, description, wide }: Column<KubeObject>): unknown =>
  ({ name, type, format: format ?? "", description, priority: wide === true ? 1 : 0 });

function rowOf(resource: AnyResource, options: TableOptions, item: Item, now: number): Buffer {
  const obj = decodeStored(resource, item);
  const cells = resource.columns.map((column) => column.cell(obj, now));
  return Buffer.from(JSON.stringify({ cells, ...(options.includeObject !== "None" && { object: rowObject(options, obj) }) }));
}

const rowObject = ({ meta, includeObject }: TableOptions, obj: KubeObject): unknown =>
  includeObject === "Object" ? obj : { kind: "PartialObjectMetadata", apiVersion: meta, metadata: obj.metadata };
