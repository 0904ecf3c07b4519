/** Types out of the built-in schema tables. Upstream: client-go/applyconfigurations/internal, kube-openapi pkg/schemaconv */
import { isPrimitive, type ApiSchema, type FieldSchema, type Primitive, type TypeName } from "../schema.ts";
import { anyScalar, openAtomic, type ListKey, type MapType, type ScalarType, type Type } from "./types.ts";

const caches = new WeakMap<ApiSchema, SchemaTypes>();

/** The type of a struct of the tables. */
export function schemaType(schema: ApiSchema, name: TypeName): Type {
  let types = caches.get(schema);
  if (types === undefined) caches.set(schema, (types = new SchemaTypes(schema)));
  return types.struct(name, undefined);
}

const scalar = (of: ScalarType["of"]): ScalarType => ({ kind: "scalar", of });
const primitives: Readonly<Record<Primitive, Type>> = {
  string: scalar("string"), bytes: scalar("string"), Duration: scalar("string"), bool: scalar("boolean"),
  int32: scalar("numeric"), int64: scalar("numeric"), uint8: scalar("numeric"), uint32: scalar("numeric"), uint64: scalar("numeric"), double: scalar("numeric"),
  Time: anyScalar, MicroTime: anyScalar, Quantity: anyScalar, IntOrString: anyScalar, Any: openAtomic,
  RawExtension: { kind: "map", atomic: false, field: () => undefined, rest: openAtomic },
};

/** Structs are made when they are met, because they may hold themselves. */
class SchemaTypes {
  readonly #schema: ApiSchema;
  readonly #structs = new Map<string, MapType>();

  constructor(schema: ApiSchema) { this.#schema = schema; }

  /** @param structType what a field says of the struct it holds, instead of the struct's own word */
  struct(name: TypeName, structType: FieldSchema["structType"]): MapType {
    const said = structType ?? this.#schema.types[name]?.structType;
    const id = `${name} ${said ?? ""}`;
    let made = this.#structs.get(id);
    if (made === undefined) this.#structs.set(id, (made = this.#make(name, said === "atomic")));
    return made;
  }

  #make(name: TypeName, atomic: boolean): MapType {
    const fields = this.#schema.types[name]?.fields ?? {};
    const types = new Map<string, Type>();
    const field = (key: string): Type | undefined => {
      const known = types.get(key);
      if (known !== undefined || !Object.hasOwn(fields, key)) return known;
      const type = this.#field(fields[key] as FieldSchema);
      types.set(key, type);
      return type;
    };
    return { kind: "map", atomic, field, rest: undefined };
  }

  #field(field: FieldSchema): Type {
    const value = isPrimitive(field.type) ? primitives[field.type] : this.struct(field.type, field.structType);
    if (field.shape === undefined) return value;
    if (field.shape === "list") return { kind: "list", relation: field.listType ?? "atomic", keys: this.#keys(field), element: value };
    const rest: Type = field.shape === "map" ? value : { kind: "list", relation: "atomic", keys: [], element: value };
    return { kind: "map", atomic: field.mapType === "atomic", field: () => undefined, rest };
  }

  #keys({ type, listMapKeys = [] }: FieldSchema): readonly ListKey[] {
    const fields = this.#schema.types[type]?.fields ?? {};
    return [...listMapKeys].sort().map((name): ListKey => {
      const fallback = fallbackOf(fields[name]);
      return fallback === undefined ? { name } : { name, fallback };
    });
  }
}

/** What an absent key counts as: its default, or the zero value where Go always prints it. */
function fallbackOf(field: FieldSchema | undefined): ListKey["fallback"] {
  if (field === undefined) return undefined;
  if (field.default !== undefined && !field.default.startsWith("ref(")) return JSON.parse(field.default) as ListKey["fallback"];
  if (field.pointer || field.omitempty) return undefined;
  return field.type === "string" ? "" : field.type === "bool" ? false : isPrimitive(field.type) ? 0 : undefined;
}
