/**
 * What the machinery must know of a type to decode, prune, check, default, patch and encode it.
 * The tables themselves are generated (`api/gen/schema.json`); nothing here knows a kind by name.
 */

/** A name like `core/v1.Pod`, `meta/v1.ObjectMeta`: package path after `api/`, a dot, the Go type. */
export type TypeName = string;

/** Types that are not structs and have a JSON shape of their own. */
export type Primitive =
  | "string" | "int32" | "int64" | "uint8" | "uint32" | "uint64" | "bool" | "double"
  | "bytes" | "Time" | "MicroTime" | "Duration" | "Quantity" | "IntOrString"
  /** An embedded object of any kind (`runtime.RawExtension`). */
  | "RawExtension"
  /** Any JSON value (`FieldsV1`, apiextensions' `JSON`, unions with their own marshaller). */
  | "Any";

export interface FieldSchema {
  /** A `Primitive`, or the name of a struct. Of the element, where `shape` is set. */
  readonly type: TypeName;
  /** `lists` is a map whose values are lists (`map[string][]string`). */
  readonly shape?: "list" | "map" | "lists";
  /** A Go pointer: absent differs from zero. */
  readonly pointer?: true;
  readonly omitempty?: true;
  readonly optional?: true;
  readonly required?: true;
  /** The field's number on the wire; absent for the apiVersion and kind of a kind, which travel in the envelope. */
  readonly number?: number;
  /** Numbers of the inlined messages that this field lies in on the wire, outermost first. */
  readonly via?: readonly number[];
  /** The field's Go type as Go prints it, where it does not follow from the rest: `types.UID`, `v1.ResourceList`. For messages. */
  readonly go?: string;
  /** The Go alias of a string, for its allowed values in `ApiSchema.enums`. */
  readonly enum?: string;
  readonly patchStrategy?: string;
  readonly patchMergeKey?: string;
  readonly listType?: "atomic" | "set" | "map";
  readonly listMapKeys?: readonly string[];
  readonly mapType?: "atomic" | "granular";
  readonly structType?: "atomic" | "granular";
  readonly default?: string;
}

export interface TypeSchema {
  readonly fields: Readonly<Record<string, FieldSchema>>;
  /** Has apiVersion and kind of its own. */
  readonly kind?: true;
  readonly clusterScoped?: true;
  readonly structType?: "atomic" | "granular";
}

export interface ApiSchema {
  readonly types: Readonly<Record<TypeName, TypeSchema>>;
  /** Allowed values by `package.Alias`. */
  readonly enums: Readonly<Record<string, readonly string[]>>;
}

const primitives: ReadonlySet<string> = new Set<Primitive>([
  "string", "int32", "int64", "uint8", "uint32", "uint64", "bool", "double", "bytes", "Time", "MicroTime", "Duration",
  "Quantity", "IntOrString", "RawExtension", "Any",
]);

/** True when a field's type is not a struct of the schema. */
export const isPrimitive = (type: string): type is Primitive => primitives.has(type);
