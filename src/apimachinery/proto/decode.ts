/**
 * From protobuf to the JSON value of the same object, driven by the schema tables. What comes out still has the zero
 * values that Go writes: `decode` makes the canonical form of it, as of any JSON.
 */
import { plansOf } from "./plans.ts";
import type { ApiSchema, FieldSchema, TypeName } from "../schema.ts";
import { isPrimitive } from "../schema.ts";
import { setOwn } from "../records.ts";
import { timestamp } from "../time.ts";
import { fieldsOf, signed, varint, WireError, type WireField } from "./wire.ts";

type Known = { readonly name: string; readonly field: FieldSchema };
/** Fields of one message by number: a field of the type, or an inlined message with fields of the same type. */
interface Plan { readonly fields: Map<number, Known>; readonly inlined: Map<number, Plan> }

/** Deepest nesting of messages. */
const maxDepth = 100;
const planOf = plansOf<Plan>(compile);

/** The JSON value of a message. Throws WireError; numbers that the type does not have are passed over, as upstream does. */
export function decodeProto(schema: ApiSchema, type: TypeName, bytes: Uint8Array): Record<string, unknown> {
  const target: Record<string, unknown> = {};
  read(schema, planOf(schema, type), bytes, target, 0);
  return target;
}

function read(schema: ApiSchema, plan: Plan, bytes: Uint8Array, target: Record<string, unknown>, depth: number): void {
  if (depth > maxDepth) throw new WireError("proto: nesting too deep");
  for (const wire of fieldsOf(bytes)) {
    const known = plan.fields.get(wire.number);
    const inlined = plan.inlined.get(wire.number);
    if (known !== undefined) assign(schema, known, wire, target, depth);
    else if (inlined !== undefined) read(schema, inlined, bytesOf(wire), target, depth + 1);
  }
}

function assign(schema: ApiSchema, { name, field }: Known, wire: WireField, target: Record<string, unknown>, depth: number): void {
  if (field.shape === "map" || field.shape === "lists") {
    const [key, value] = entry(schema, field, bytesOf(wire), depth);
    setOwn((target[name] ??= {}) as Record<string, unknown>, key, value);
  } else if (field.shape === "list") {
    const list = (target[name] ??= []) as unknown[];
    if (field.go === "v1.Verbs") return void list.push(...strings(bytesOf(wire)));
    if (wire.wire === 2 && isVarint(field.type)) list.push(...unpacked(field, wire.value));
    else list.push(element(schema, field, wire, depth));
  } else {
    target[name] = element(schema, field, wire, depth);
  }
}

function entry(schema: ApiSchema, field: FieldSchema, bytes: Uint8Array, depth: number): readonly [key: string, value: unknown] {
  let key = "";
  let value: unknown = field.shape === "lists" ? [] : zero(field.type);
  for (const wire of fieldsOf(bytes)) {
    if (wire.number === 1) key = text(bytesOf(wire));
    if (wire.number === 2) value = field.shape === "lists" ? strings(bytesOf(wire)) : element(schema, field, wire, depth);
  }
  return [key, value];
}

/** A list of strings that is a message of its own. */
const strings = (bytes: Uint8Array): string[] => [...fieldsOf(bytes)].map((item) => text(bytesOf(item)));

const zero = (type: string): unknown => (type === "string" || type === "bytes" ? "" : type === "Quantity" ? "0" : isPrimitive(type) ? 0 : {});

const varints: ReadonlySet<string> = new Set(["int32", "int64", "uint8", "uint32", "uint64", "bool"]);
const isVarint = (type: string): boolean => varints.has(type);

function unpacked(field: FieldSchema, bytes: Uint8Array): unknown[] {
  const values: unknown[] = [];
  for (let at = 0; at < bytes.length;) {
    const [value, next] = varint(bytes, at);
    values.push(field.type === "bool" ? value !== 0n : signed(value));
    at = next;
  }
  return values;
}

function element(schema: ApiSchema, field: FieldSchema, wire: WireField, depth: number): unknown {
  if (wire.wire === 0) return field.type === "bool" ? wire.value !== 0n : signed(wire.value);
  switch (field.type) {
    case "string": return text(wire.value);
    case "bytes": return Buffer.from(wire.value).toString("base64");
    case "double": return Buffer.from(wire.value).readDoubleLE();
    case "Time": return time(wire.value, false);
    case "MicroTime": return time(wire.value, true);
    case "Quantity": return text(first(wire.value));
    case "IntOrString": return intOrString(wire.value);
    case "Duration": return duration(wire.value);
    case "RawExtension": return json(first(wire.value));
    case "Any": return unions[field.go ?? ""]?.(wire.value, (bytes) => message(schema, schemaProps, bytes, depth + 1)) ?? json(first(wire.value));
    default: return message(schema, field.type, wire.value, depth + 1);
  }
}

function message(schema: ApiSchema, type: TypeName, bytes: Uint8Array, depth: number): Record<string, unknown> {
  const target: Record<string, unknown> = {};
  read(schema, planOf(schema, type), bytes, target, depth);
  return target;
}

const schemaProps: TypeName = "apiextensions/v1.JSONSchemaProps";
type Union = (bytes: Uint8Array, props: (bytes: Uint8Array) => Record<string, unknown>) => unknown;

/** Types of apiextensions that are one of several JSON shapes. Upstream: apiextensions/v1/generated.proto */
const unions: Readonly<Record<string, Union>> = {
  "v1.CustomResourceSubresourceStatus": () => ({}),
  "v1.JSONSchemaPropsOrArray": (bytes, props) => eitherOf(bytes, props, props),
  "v1.JSONSchemaDependencies": (bytes, props) => eitherOf(bytes, props, text),
  "v1.JSONSchemaPropsOrBool": (bytes, props) => {
    const [allows, one] = [1, 2].map((number) => [...fieldsOf(bytes)].findLast((wire) => wire.number === number));
    return one === undefined ? allows?.wire === 0 && allows.value !== 0n : props(bytesOf(one));
  },
};

/** Field 1 holds one, field 2 is a list; the list wins. */
function eitherOf<T, L>(bytes: Uint8Array, one: (bytes: Uint8Array) => T, item: (bytes: Uint8Array) => L): T | L[] {
  const wires = [...fieldsOf(bytes)];
  const list = wires.filter(({ number }) => number === 2).map((wire) => item(bytesOf(wire)));
  return list.length > 0 ? list : one(bytesOf(wires.findLast(({ number }) => number === 1) ?? { number: 1, wire: 2, value: new Uint8Array() }));
}

function bytesOf(wire: WireField): Uint8Array {
  if (wire.wire === 0) throw new WireError(`proto: wrong wireType = 0 for field ${wire.number}`);
  return wire.value;
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
function text(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new WireError("proto: string field contains invalid UTF-8", { cause });
  }
}

/** Field 1 of a message that holds nothing else. */
function first(bytes: Uint8Array): Uint8Array {
  for (const wire of fieldsOf(bytes)) if (wire.number === 1) return bytesOf(wire);
  return new Uint8Array();
}

/** `Timestamp{seconds, nanos}`; Go's zero time is absent. */
function time(bytes: Uint8Array, micro: boolean): string | null {
  let seconds = 0;
  let nanos = 0;
  for (const wire of fieldsOf(bytes)) {
    if (wire.wire !== 0) continue;
    if (wire.number === 1) seconds = signed(wire.value);
    if (wire.number === 2) nanos = signed(wire.value);
  }
  if (bytes.length === 0 || Math.abs(seconds) > 62_135_596_800) return null;
  const whole = timestamp(seconds * 1000);
  return micro ? `${whole.slice(0, -1)}.${String(Math.trunc(nanos / 1000)).padStart(6, "0")}Z` : whole;
}

function intOrString(bytes: Uint8Array): number | string {
  let isText = false;
  let number = 0;
  let string = "";
  for (const wire of fieldsOf(bytes)) {
    if (wire.number === 1 && wire.wire === 0) isText = wire.value === 1n;
    if (wire.number === 2 && wire.wire === 0) number = signed(wire.value);
    if (wire.number === 3) string = text(bytesOf(wire));
  }
  return isText ? string : number;
}

/** Nanoseconds as Go prints a duration of whole seconds or less. */
function duration(bytes: Uint8Array): string {
  for (const wire of fieldsOf(bytes)) if (wire.wire === 0 && wire.number === 1) return `${signed(wire.value) / 1e9}s`;
  return "0s";
}

function json(bytes: Uint8Array): unknown {
  if (bytes.length === 0) return null;
  try {
    return JSON.parse(text(bytes)) as unknown;
  } catch (cause) {
    throw new WireError("proto: embedded JSON is broken", { cause });
  }
}

function compile(schema: ApiSchema, type: TypeName): Plan {
  const root: Plan = { fields: new Map(), inlined: new Map() };
  for (const [name, field] of Object.entries(schema.types[type]?.fields ?? {})) {
    if (field.number === undefined) continue;
    let plan = root;
    for (const number of field.via ?? []) {
      let inner = plan.inlined.get(number);
      if (inner === undefined) plan.inlined.set(number, (inner = { fields: new Map(), inlined: new Map() }));
      plan = inner;
    }
    plan.fields.set(field.number, { name, field });
  }
  return root;
}
