import type { KubeObject } from "#apimachinery/meta.ts";
import { parseFieldSelector, type FieldSelector } from "#apimachinery/field-selector.ts";
import { parseLabelSelector } from "#apimachinery/label-parser.ts";
import { badRequest } from "#apimachinery/status.ts";
import type { Selection } from "../cacher/event.ts";
import type { Item } from "../cacher/item.ts";
import { rangeKey } from "../cacher/keys.ts";
import { storagePrefix } from "../registry/registry.ts";
import type { AnyResource } from "../registry/resource.ts";
import { decodeStored } from "../registry/stored.ts";
import type { ListOptions } from "./options.ts";

interface Attributes { readonly labels: Readonly<Record<string, string>> | undefined; readonly fields: ReadonlyMap<string, string> }

const known = new WeakMap<AnyResource, WeakMap<Item, Attributes>>();

/** What a list, a watch or a deletecollection is about. Throws BadRequest for selectors that the kind does not know. */
export function selectionOf(resource: AnyResource, namespace: string, options: Pick<ListOptions, "labelSelector" | "fieldSelector">, name = ""): Selection {
  const range = rangeKey(storagePrefix(resource), namespace);
  const labels = parseLabelSelector(options.labelSelector);
  const fields = checkedFields(resource, options.fieldSelector);
  const byFields = fields.requirements.length > 0;
  if (labels.empty && !byFields && name === "") return { range };
  const matches = (item: Item): boolean =>
    (name === "" || item.name === name)
    && (!byFields || fields.matches((field) => fieldOf(resource, item, field)))
    && (labels.empty || labels.matches(attributesOf(resource, item).labels));
  return { range, matches };
}

/** Upstream: each kind's AddFieldLabelConversionFunc, and DefaultMetaV1FieldSelectorConversion */
function checkedFields(resource: AnyResource, text: string): FieldSelector {
  const selector = parseFieldSelector(text);
  for (const { field } of selector.requirements) {
    if (field === "metadata.name" || (field === "metadata.namespace" && resource.scope === "Namespaced")) continue;
    if (resource.selectableFields !== undefined && Object.hasOwn(resource.selectableFields, field)) continue;
    if (resource.selectableFields !== undefined) throw badRequest(`field label not supported: ${field}`);
    throw badRequest(`${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`);
  }
  return selector;
}

function fieldOf(resource: AnyResource, item: Item, field: string): string {
  if (field === "metadata.name") return item.name;
  if (field === "metadata.namespace") return item.namespace;
  return attributesOf(resource, item).fields.get(field) ?? "";
}

/** Read once per object and kept as long as it: not the whole object, only what can be selected by. */
function attributesOf(resource: AnyResource, item: Item): Attributes {
  const items = known.get(resource) ?? new WeakMap<Item, Attributes>();
  known.set(resource, items);
  const found = items.get(item);
  if (found !== undefined) return found;
  const obj: KubeObject = decodeStored(resource, item);
  const fields = new Map(Object.entries(resource.selectableFields ?? {}).map(([field, value]) => [field, value(obj)]));
  const made = { labels: obj.metadata.labels, fields };
  items.set(item, made);
  return made;
}
