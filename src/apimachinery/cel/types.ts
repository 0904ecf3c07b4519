/** CEL's static types. A type carries the bound of its values' size where a schema gives one, for the cost estimate. */

export type TypeKind =
  | "dyn" | "error" | "null" | "bool" | "int" | "uint" | "double" | "string" | "bytes" | "timestamp" | "duration"
  | "list" | "map" | "object" | "opaque" | "type" | "param";

export interface CelType {
  readonly kind: TypeKind;
  /** As it is printed without its parameters: `list`, `net.IP`, the name of an object type or of a type parameter. */
  readonly name: string;
  readonly params: readonly CelType[];
  /** The fields of an object type; undefined for a field that it does not have. */
  readonly field?: (name: string) => CelType | undefined;
  /** The most characters, bytes, items or entries that a value can have; absent when unknown. Says nothing about equality. */
  readonly maxElements?: number;
}

const simple = (kind: TypeKind, name: string = kind): CelType => ({ kind, name, params: [] });

export const dynType: CelType = simple("dyn");
export const errorType: CelType = simple("error", "!error!");
export const nullType: CelType = simple("null");
export const boolType: CelType = simple("bool");
export const intType: CelType = simple("int");
export const uintType: CelType = simple("uint");
export const doubleType: CelType = simple("double");
export const stringType: CelType = simple("string");
export const bytesType: CelType = simple("bytes");
export const timestampType: CelType = simple("timestamp");
export const durationType: CelType = simple("duration");

export const listType = (element: CelType): CelType => ({ kind: "list", name: "list", params: [element] });
export const mapType = (key: CelType, value: CelType): CelType => ({ kind: "map", name: "map", params: [key, value] });
export const typeType = (of: CelType): CelType => ({ kind: "type", name: "type", params: [of] });
export const opaqueType = (name: string, ...params: readonly CelType[]): CelType => ({ kind: "opaque", name, params });
export const optionalType = (of: CelType): CelType => opaqueType("optional_type", of);
export const paramType = (name: string): CelType => ({ kind: "param", name, params: [] });

/** An object type with the given fields, by their escaped names. */
export function objectType(name: string, fields: ReadonlyMap<string, CelType>): CelType {
  return { kind: "object", name, params: [], field: (field) => fields.get(field) };
}

/** The same type, for values of at most so many elements. */
export const bounded = (type: CelType, maxElements: number): CelType => ({ ...type, maxElements });

export const isOptional = (type: CelType): boolean => type.kind === "opaque" && type.name === "optional_type";
/** The type inside an optional; any other type itself. */
export const unwrapOptional = (type: CelType): CelType => (isOptional(type) ? type.params[0] ?? dynType : type);

/** True when nothing is known of values before they are there. */
export const isDynamic = (type: CelType): boolean => type.kind === "dyn" || type.kind === "error";

/** As cel-go prints it: `list(int)`, `map(string, dyn)`. Upstream: cel-go checker FormatCelType */
export function typeText(type: CelType): string {
  return type.params.length === 0 ? type.name : `${type.name}(${type.params.map(typeText).join(", ")})`;
}

/** `(int, string)`, or `string.(int)` of a member call. */
export function argumentsText(args: readonly CelType[], member: boolean): string {
  const [first] = args;
  if (member && first !== undefined) return `${typeText(first)}.(${args.slice(1).map(typeText).join(", ")})`;
  return `(${args.map(typeText).join(", ")})`;
}

/** Same type, whatever the bounds. */
export function sameType(a: CelType, b: CelType): boolean {
  return a === b || (a.kind === b.kind && a.name === b.name && a.params.length === b.params.length
    && a.params.every((param, i) => sameType(param, b.params[i] ?? errorType)));
}
