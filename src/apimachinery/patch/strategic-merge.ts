/** Strategic merge patch: lists merge by their keys. Upstream: apimachinery/pkg/util/strategicpatch/patch.go */
import { isRecord } from "../equal.ts";
import { cloneJson, getOwn, setOwn } from "../records.ts";
import { isPrimitive, type ApiSchema, type FieldSchema, type TypeName } from "../schema.ts";
import { badRequest, type StatusError } from "../status.ts";
import { goPrint } from "./errors.ts";
import { asPatch } from "./merge-patch.ts";
import { Directives, deletePrefix, isDirective, orderPrefix, withoutDirectives } from "./directives.ts";
import { arrange, follows, type Identity } from "./element-order.ts";

type Bag = Record<string, unknown>;

/** A new document; `doc` stays as it is. Throws BadRequest in upstream's words. */
export function applyStrategicMergePatch(schema: ApiSchema, type: TypeName, doc: Bag, patch: unknown): Bag {
  return new Merger(schema).struct({ type }, cloneJson(doc), asPatch(cloneJson(patch)));
}

/** What is known of a value: a struct, a map of fields alike, or nothing. */
type Shape = { readonly type: TypeName } | { readonly each: FieldSchema } | undefined;

class Merger {
  readonly #schema: ApiSchema;
  constructor(schema: ApiSchema) { this.#schema = schema; }

  /** Merges `patch` into `original`, which is ours to change. */
  struct(shape: Shape, original: Bag, patch: Bag): Bag {
    const directives = new Directives(patch);
    if (directives.patch === "replace") return withoutDirectives(patch) as Bag;
    if (directives.patch === "delete") return {};
    if (directives.patch !== undefined) throw unknownPatchType(directives.patch, patch);
    directives.retainOnly(original);
    for (const [key, order] of directives.orders) this.#ordered(shape, original, patch, key, order);
    for (const key of Object.keys(patch)) {
      if (isDirective(key) || directives.orders.has(key)) continue;
      this.#member(shape, original, key, patch[key]);
    }
    for (const [key, gone] of directives.deletions) removeFrom(original, key, gone);
    return original;
  }

  #member(shape: Shape, original: Bag, key: string, patch: unknown): void {
    if (patch === null) { delete original[key]; return; }
    const old = getOwn(original, key);
    const field = this.#fieldOf(shape, key);
    if (isRecord(old) && isRecord(patch) && !strategies(field).includes("replace")) setOwn(original, key, this.struct(shapeOf(field), old, patch));
    else if (Array.isArray(old) && Array.isArray(patch) && strategies(field).includes("merge")) setOwn(original, key, this.#list(field, old, patch));
    else setOwn(original, key, withoutDirectives(patch));
  }

  /** A list for which the patch says how all of its elements are ordered. */
  #ordered(shape: Shape, original: Bag, patch: Bag, key: string, order: readonly unknown[]): void {
    const field = this.#fieldOf(shape, key);
    const identity = identityOf(field);
    const old = getOwn(original, key);
    const wanted = getOwn(patch, key);
    if (wanted === null) { delete original[key]; return; }
    if (Array.isArray(wanted)) checkOrder(wanted, order, identity, key);
    if (!Array.isArray(old) && !Array.isArray(wanted)) return;
    const server = Array.isArray(old) ? old : [];
    const merged = Array.isArray(wanted) ? this.#list(field, server, wanted) : server;
    setOwn(original, key, arrange(merged, order, server, identity));
  }

  #list(field: FieldSchema | undefined, original: readonly unknown[], patch: readonly unknown[]): unknown[] {
    const key = field?.patchMergeKey;
    const maps = [...original, ...patch].filter(isRecord).length;
    if (maps === 0) return arrange([...new Set([...original, ...patch])], patch, original, (e) => e);
    if (maps < original.length + patch.length) throw badRequest("list element types are not identical");
    if (key === undefined) throw badRequest(`cannot merge lists without merge key for ${field?.type ?? "a list"}`);
    return this.#listOfMaps(shapeOfElement(field), key, original as readonly Bag[], patch as readonly Bag[]);
  }

  #listOfMaps(shape: Shape, key: string, original: readonly Bag[], patch: readonly Bag[]): unknown[] {
    const plain = patch.filter((item) => !Object.hasOwn(item, "$patch"));
    const special = patch.filter((item) => Object.hasOwn(item, "$patch"));
    const deleted = new Set(special.filter((item) => item["$patch"] === "delete").map((item) => keyOf(item, key)));
    for (const item of special) checkDirective(item);
    if (special.some((item) => item["$patch"] === "replace")) return plain.map(withoutDirectives);
    const result = original.filter((item) => !deleted.has(item[key]));
    const places = new Map(result.map((item, i) => [item[key], i]));
    for (const item of plain) {
      const at = places.get(keyOf(item, key)) ?? result.length;
      const old = result[at];
      result[at] = old === undefined ? (withoutDirectives(item) as Bag) : this.struct(shape, old, item);
      places.set(item[key], at);
    }
    return arrange(result, plain, original, (item) => (item as Bag)[key]);
  }

  #fieldOf(shape: Shape, key: string): FieldSchema | undefined {
    if (shape === undefined) return undefined;
    if ("each" in shape) return shape.each;
    const fields = this.#schema.types[shape.type]?.fields;
    return fields !== undefined && Object.hasOwn(fields, key) ? fields[key] : undefined;
  }
}

const strategies = (field: FieldSchema | undefined): readonly string[] => field?.patchStrategy?.split(",") ?? [];

function shapeOf(field: FieldSchema | undefined): Shape {
  if (field === undefined) return undefined;
  if (field.shape === "map") {
    const { shape: _shape, patchStrategy: _strategy, ...each } = field;
    return { each };
  }
  return shapeOfElement(field);
}
const shapeOfElement = (field: FieldSchema | undefined): Shape => (field === undefined || isPrimitive(field.type) ? undefined : { type: field.type });

const identityOf = (field: FieldSchema | undefined): Identity => {
  const key = field?.patchMergeKey;
  return (element) => (key !== undefined && isRecord(element) ? element[key] : element);
};

function checkOrder(list: readonly unknown[], order: readonly unknown[], identity: Identity, key: string): void {
  const kept = list.filter((item) => !isRecord(item) || !Object.hasOwn(item, "$patch"));
  if (!follows(kept, order, identity)) throw badRequest(`The order in patch list:\n${goPrint(kept)}\n doesn't match ${orderPrefix}${key} list:\n${goPrint(order)}\n`);
}

function keyOf(item: Bag, key: string): unknown {
  if (Object.hasOwn(item, key)) return item[key];
  const { $patch: _, ...rest } = item;
  throw badRequest(`map: ${goPrint(rest)} does not contain declared merge key: ${key}`);
}

function checkDirective(item: Bag): void {
  const directive = item["$patch"];
  if (directive === "merge") throw badRequest("merging lists cannot yet be specified in the patch");
  if (directive !== "delete" && directive !== "replace") throw unknownPatchType(directive, item);
}

const unknownPatchType = (directive: unknown, map: Bag): StatusError => badRequest(`unknown patch type: ${goPrint(directive)} in map: ${goPrint(map)}`);

function removeFrom(original: Bag, key: string, gone: readonly unknown[]): void {
  const list = getOwn(original, key);
  if (!Array.isArray(list)) return;
  if (list.some(isRecord)) throw badRequest(`${deletePrefix}${key} is only for lists of primitives`);
  setOwn(original, key, list.filter((item) => !gone.includes(item)));
}
