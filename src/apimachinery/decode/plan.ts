/** A type's schema compiled once into closures. */
import { isRecord } from "../equal.ts";
import { goElementText, goStructName, goTypeText, goWord } from "../go-types.ts";
import { setOwn } from "../records.ts";
import { isPrimitive, type ApiSchema, type FieldSchema, type TypeName } from "../schema.ts";
import type { DecodeContext } from "./context.ts";
import { scalarReader, scalarZero, type Reader } from "./scalars.ts";
import { unionReader } from "./unions.ts";

interface FieldPlan {
  readonly name: string;
  readonly read: Reader;
  /** Go leaves an empty value out; of objects, only empty maps. */
  readonly omitEmpty: "no" | "scalar" | "map";
  /** What stands for an absent value, made anew each time. */
  readonly fill: (() => unknown) | undefined;
}

interface StructPlan {
  readonly name: string;
  readonly goType: string;
  readonly fields: readonly FieldPlan[];
  readonly byName: ReadonlyMap<string, FieldPlan>;
}

/** The compiled types of one schema. */
export class Plans {
  readonly #schema: ApiSchema;
  readonly #structs = new Map<TypeName, StructPlan>();

  constructor(schema: ApiSchema) { this.#schema = schema; }

  /** Reads a struct. Throws Error for a type that the schema does not have. */
  struct(type: TypeName, value: unknown, context: DecodeContext): Record<string, unknown> {
    return readStruct(this.#plan(type), value, context);
  }

  #plan(type: TypeName): StructPlan {
    const known = this.#structs.get(type);
    if (known !== undefined) return known;
    const schema = this.#schema.types[type];
    if (schema === undefined) throw new Error(`the schema has no type ${type}`);
    const fields = Object.entries(schema.fields).map(([name, field]) => this.#field(name, field));
    const plan = { name: goStructName(type), goType: goWord(type), fields, byName: new Map(fields.map((f) => [f.name, f])) };
    this.#structs.set(type, plan);
    return plan;
  }

  #field(name: string, field: FieldSchema): FieldPlan {
    const reader = this.#element(field);
    const goType = goTypeText(field);
    const read = field.shape === undefined ? reader
      : field.shape === "list" ? listReader(reader, goType, this.#elementZero(field))
      : field.type === "string" && field.shape === "map" ? stringMapReader(goType, goElementText(field))
      : mapReader(field.shape === "lists" ? listReader(reader, goElementText(field), this.#elementZero(field)) : reader, goType, this.#elementZero(field));
    const keeps = !field.omitempty || field.pointer || (field.type === "Quantity" && field.shape === undefined);
    return { name, read, omitEmpty: keeps ? "no" : field.shape === "map" || field.shape === "lists" ? "map" : "scalar", fill: this.#fill(field) };
  }

  #element(field: FieldSchema): Reader {
    const { type } = field;
    const goType = field.shape === undefined ? goTypeText(field) : goElementText(field);
    const union = unionReader(goType, (value, context) => this.struct("apiextensions/v1.JSONSchemaProps", value, context));
    if (union !== undefined) return union;
    if (isPrimitive(type)) return scalarReader(type, field.shape === "lists" ? goWord(type) : goType);
    let plan: StructPlan | undefined; // found on first use: types refer to themselves
    return (value, context) => readStruct((plan ??= this.#plan(type)), value, context);
  }

  #elementZero({ type }: FieldSchema): () => unknown {
    return isPrimitive(type) ? () => scalarZero(type) : () => this.#zero(type);
  }

  #fill(field: FieldSchema): (() => unknown) | undefined {
    if (field.pointer) return undefined;
    const { type } = field;
    if (field.shape !== undefined) return field.omitempty ? undefined : field.shape === "list" ? () => [] : () => ({});
    if (!isPrimitive(type)) return () => this.#zero(type);
    const zero = scalarZero(type);
    return zero === undefined || (field.omitempty && type !== "Quantity") ? undefined : () => zero;
  }

  #zero(type: TypeName): Record<string, unknown> {
    const zero: Record<string, unknown> = {};
    for (const { name, fill } of this.#plan(type).fields) if (fill !== undefined) zero[name] = fill();
    return zero;
  }
}

function readStruct(plan: StructPlan, value: unknown, context: DecodeContext): Record<string, unknown> {
  if (!isRecord(value)) return context.mismatch(value, plan.goType);
  const outer = context.struct;
  context.struct = plan.name;
  const result = context.documentOrder ? visitFields(plan, value, context) : readFields(plan, value, context);
  context.struct = outer;
  return result;
}

function readFields(plan: StructPlan, value: Record<string, unknown>, context: DecodeContext): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  let met = 0;
  for (const { name, read, omitEmpty, fill } of plan.fields) {
    const given = value[name];
    if (given !== undefined) met++;
    if (given === undefined || given === null) {
      if (fill !== undefined) result[name] = fill();
      continue;
    }
    context.path.push(name);
    const item = read(given, context);
    context.path.pop();
    if (omitEmpty === "no" || !isEmpty(item, omitEmpty)) result[name] = item;
  }
  let keys = 0;
  for (const _ in value) keys++;
  if (keys !== met) for (const key of Object.keys(value)) if (!plan.byName.has(key)) context.unknownField(key);
  return result;
}

/** Only for what it reports: the fields in the order of the document. */
function visitFields(plan: StructPlan, value: Record<string, unknown>, context: DecodeContext): Record<string, unknown> {
  for (const key of Object.keys(value)) {
    const field = plan.byName.get(key);
    if (field === undefined) context.unknownField(key);
    else if (value[key] !== null && value[key] !== undefined) {
      context.path.push(key);
      field.read(value[key], context);
      context.path.pop();
    }
  }
  return {};
}

function isEmpty(value: unknown, kind: "scalar" | "map"): boolean {
  if (value === "" || value === 0 || value === false) return true;
  if (typeof value !== "object" || value === null) return false;
  if (kind === "scalar") return Array.isArray(value) && value.length === 0;
  for (const _ in value) return false;
  return true;
}

function listReader(read: Reader, goType: string, zero: () => unknown): Reader {
  return (value, context) => {
    if (!Array.isArray(value)) return context.mismatch(value, goType);
    return value.map((item: unknown, i) => {
      if (item === null) return zero();
      context.path.push(i);
      const result = read(item, context);
      context.path.pop();
      return result;
    });
  };
}

/** Labels, annotations, data: the map itself where all is well. */
function stringMapReader(goType: string, element: string): Reader {
  return (value, context) => {
    if (!isRecord(value)) return context.mismatch(value, goType);
    for (const key in value) {
      if (value[key] === null) return withoutNulls(value, context, element);
      if (typeof value[key] !== "string") context.mismatch(value[key], element);
    }
    return value;
  };
}

function withoutNulls(value: Record<string, unknown>, context: DecodeContext, element: string): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) setOwn(result, key, item === null ? "" : typeof item === "string" ? item : context.mismatch(item, element));
  return result;
}

function mapReader(read: Reader, goType: string, zero: () => unknown): Reader {
  return (value, context) => {
    if (!isRecord(value)) return context.mismatch(value, goType);
    const result: Record<string, unknown> = {};
    for (const [key, item] of Object.entries(value)) {
      context.path.push({ key });
      setOwn(result, key, item === null ? zero() : read(item, context));
      context.path.pop();
    }
    return result;
  };
}
