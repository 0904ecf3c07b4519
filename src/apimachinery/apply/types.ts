/**
 * What the apply engine must know about the type of a value, and no more: the seam between the engine and whoever
 * describes types. `schema-types.ts` stands on the built-in tables, `structural-types.ts` on OpenAPI schemas.
 * Upstream: structured-merge-diff schema/elements.go
 */
import { isRecord } from "../equal.ts";

export type Type = ScalarType | ListType | MapType | OpenType;
/** A type with a shape: what a value is dealt with as. */
export type Shape = ScalarType | ListType | MapType;

export interface ScalarType { readonly kind: "scalar"; readonly of: "string" | "numeric" | "boolean" | "any" }

export interface ListType {
  readonly kind: "list";
  /** `atomic`: owned as a whole. `set`: by value. `map`: by the values of `keys`. */
  readonly relation: "atomic" | "set" | "map";
  readonly keys: readonly ListKey[];
  readonly element: Type;
}

/** A field that tells elements apart. `fallback` stands for it where it is absent; undefined: it may not be absent. */
export interface ListKey { readonly name: string; readonly fallback?: string | number | boolean }

export interface MapType {
  readonly kind: "map";
  readonly atomic: boolean;
  /** The type of a declared field. */
  field(name: string): Type | undefined;
  /** The type of everything that is not declared; undefined: nothing else may stand here. */
  readonly rest: Type | undefined;
}

/** Nothing is said: the value itself tells. With `atomic`, maps are owned as a whole; else by key, and their values are as open. */
export interface OpenType { readonly kind: "open"; readonly atomic: boolean }

/** Upstream: structured-merge-diff typed/parser.go, __untyped_atomic_ and __untyped_deduced_ */
export const openAtomic: OpenType = { kind: "open", atomic: true };
export const deduced: OpenType = { kind: "open", atomic: false };
export const anyScalar: ScalarType = { kind: "scalar", of: "any" };

const noFields = (): undefined => undefined;
const openList: ListType = { kind: "list", relation: "atomic", keys: [], element: openAtomic };
const openMaps = {
  atomic: { kind: "map", atomic: true, field: noFields, rest: openAtomic },
  byKey: { kind: "map", atomic: false, field: noFields, rest: deduced },
} as const satisfies Record<string, MapType>;

/** The shape by which `value` is dealt with. Upstream: typed/helpers.go deduceAtom */
export function shapeOf(type: Type, value: unknown): Shape {
  if (type.kind !== "open") return type;
  if (Array.isArray(value)) return openList;
  if (isRecord(value) || value === null || value === undefined) return type.atomic ? openMaps.atomic : openMaps.byKey;
  return anyScalar;
}

/** The type of what stands under `key` in a map. */
export const typeUnder = (map: MapType, key: string): Type | undefined => map.field(key) ?? map.rest;
