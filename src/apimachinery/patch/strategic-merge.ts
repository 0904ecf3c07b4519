/** Strategic merge patch: lists merge by their keys. Upstream: apimachinery/pkg/util/strategicpatch/patch.go */
import { isRecord } from "../equal.ts";
import { cloneJson, getOwn, setOwn } from "../records.ts";
import { isPrimitive, type ApiSchema, type FieldSchema, type TypeName } from "../schema.ts";
import { asList, Directives, isDirective, isInstruction, withoutDirectives } from "./directives.ts";
import { arrange, type Identity } from "./element-order.ts";
import { checkInstruction, checkMaps, checkOrder, elementType, keyOf, unknownPatchType } from "./elements.ts";
import { cannotMerge } from "./errors.ts";
import { asPatch } from "./merge-patch.ts";

type Bag = Record<string, unknown>;

/** A new document; `doc` stays as it is. Throws BadRequest in upstream's words. */
export function applyStrategicMergePatch(schema: ApiSchema, type: TypeName, doc: Bag, patch: unknown): Bag {
  if (patch === null) return cloneJson(doc); // nothing to do, as in Go
  return new Merger(schema).struct({ type }, cloneJson(doc), asPatch(cloneJson(patch)));
}

/** What is known of a value: a struct, a map of fields alike, or nothing. */
type Shape = { readonly type: TypeName } | { readonly each: FieldSchema } | undefined;

class Merger {
  readonly #schema: ApiSchema;
  constructor(schema: ApiSchema) { this.#schema = schema; }

  /** Merges `patch` into `original`, which is ours to change. */
  struct(shape: Shape, original: Bag, patch: Bag): Bag {
    if (isInstruction(patch)) return instructed(patch);
    const directives = new Directives(patch);
    directives.retainOnly(original);
    for (const [key, order] of directives.orders) this.#ordered(shape, original, patch, key, order);
    for (const key of Object.keys(patch)) {
      if (isDirective(key) || directives.orders.has(key)) continue;
      this.#member(shape, original, key, patch[key]);
    }
    for (const [key, gone] of directives.deletions) this.#remove(shape, original, key, gone);
    return original;
  }

  #member(shape: Shape, original: Bag, key: string, patch: unknown): void {
    if (patch === null || (isInstruction(patch) && !isRecord(getOwn(original, key)))) { delete original[key]; return; }
    const old = getOwn(original, key);
    const field = this.#fieldOf(shape, key);
    if (isRecord(old) && isRecord(patch)) setOwn(original, key, strategies(field).includes("replace") ? patch : this.struct(shapeOf(field), old, patch));
    else if (Array.isArray(old) && Array.isArray(patch)) setOwn(original, key, this.#list(field, old, patch));
    else setOwn(original, key, withoutDirectives(patch));
  }

  /** A list for which the patch says how all of its elements are ordered. Upstream: strategicpatch mergePatchIntoOriginal */
  #ordered(shape: Shape, original: Bag, patch: Bag, key: string, order: readonly unknown[]): void {
    const old = Object.hasOwn(original, key) ? asList(original[key]) : undefined;
    const wanted = Object.hasOwn(patch, key) ? asList(patch[key]) : undefined;
    const field = this.#knownField(shape, key);
    const identity = identityOf(field);
    checkOrder(wanted ?? [], order, identity);
    if (old === undefined && wanted === undefined) return;
    const merged = wanted === undefined ? old ?? [] : old === undefined ? withoutDirectives(wanted) as unknown[] : this.#list(field, old, wanted);
    if (field?.patchMergeKey !== undefined && merged.length > 0) checkMaps(order);
    elementType(old ?? [], wanted ?? []);
    setOwn(original, key, arrange(merged, order, old ?? [], identity));
  }

  /** `$deleteFromPrimitiveList`, of a list with any strategy. */
  #remove(shape: Shape, original: Bag, key: string, gone: unknown): void {
    const old = getOwn(original, key);
    if (gone === null) delete original[key];
    else if (Array.isArray(old) && Array.isArray(gone)) setOwn(original, key, this.#merged(this.#fieldOf(shape, key), old, gone, (list) => list.filter((item) => !gone.includes(item))));
  }

  #list(field: FieldSchema | undefined, original: readonly unknown[], patch: readonly unknown[]): readonly unknown[] {
    if (!strategies(field).includes("merge")) return patch;
    return this.#merged(field, original, patch, (list) => arrange([...new Set([...list, ...patch])], patch, list, (e) => e));
  }

  /** @param primitives what to do where the elements are no maps */
  #merged(field: FieldSchema | undefined, original: readonly unknown[], patch: readonly unknown[], primitives: (original: readonly unknown[]) => unknown[]): readonly unknown[] {
    if (original.length === 0 && patch.length === 0) return original;
    if (elementType(original, patch) !== "map[string]interface {}") return primitives(original);
    const key = field?.patchMergeKey;
    if (key === undefined) throw cannotMerge(`cannot merge lists without merge key for ${structName(field?.type ?? "")}`);
    return this.#listOfMaps(shapeOfElement(field), key, original as readonly Bag[], patch as readonly Bag[]);
  }

  #listOfMaps(shape: Shape, key: string, original: readonly Bag[], patch: readonly Bag[]): unknown[] {
    const plain = patch.filter((item) => !isInstruction(item));
    const special = patch.filter(isInstruction);
    for (const item of special) checkInstruction(item, key);
    for (const item of plain) keyOf(item, key);
    if (special.some((item) => item["$patch"] === "replace")) return plain;
    const deleted = new Set(special.map((item) => item[key]));
    const result = original.filter((item) => !deleted.has(item[key]));
    const places = new Map(result.map((item, i) => [item[key], i]));
    for (const item of plain) {
      const at = places.get(item[key]) ?? result.length;
      const old = result[at];
      result[at] = old === undefined ? item : this.struct(shape, old, item);
      places.set(item[key], at);
    }
    return arrange(result, plain, original, (item) => (item as Bag)[key]);
  }

  /** Upstream: third_party/forked/golang/json LookupPatchMetadataForStruct */
  #knownField(shape: Shape, key: string): FieldSchema | undefined {
    const field = this.#fieldOf(shape, key);
    if (field === undefined && shape !== undefined && "type" in shape) throw cannotMerge(`unable to find api field in struct ${structName(shape.type)} for the json field ${JSON.stringify(key)}`);
    return field;
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

const structName = (type: string): string => type.slice(type.lastIndexOf(".") + 1);

/** What a map becomes of which the patch says `$patch`. Upstream: strategicpatch handleDirectiveInMergeMap */
function instructed({ $patch: directive, ...rest }: Bag): Bag {
  if (directive === "replace") return rest;
  if (directive === "delete") return {};
  throw unknownPatchType({ $patch: directive, ...rest });
}
