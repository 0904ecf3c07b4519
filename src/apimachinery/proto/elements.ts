/** How one value of each type is written, with its field's tag. */
import { isPrimitive, type FieldSchema, type Primitive, type TypeName } from "../schema.ts";
import { isRecord } from "../equal.ts";
import { canonicalSeconds } from "../time.ts";
import type { ReverseWriter } from "./writer.ts";

/** Writes the fields of a message of this type. */
export type MessageWriter = (to: ReverseWriter, type: TypeName, value: Readonly<Record<string, unknown>>) => void;
type ElementWriter = (to: ReverseWriter, value: unknown) => void;

/** What is written for a value that is absent and no pointer; undefined: nothing. */
export function zeroOf(type: string): unknown {
  if (!isPrimitive(type)) return {};
  switch (type) {
    case "string": return "";
    case "bool": return false;
    case "Quantity": return "0";
    case "Time": case "MicroTime": return "";
    case "bytes": case "Any": return undefined;
    case "RawExtension": return null;
    case "double": case "int32": case "int64": case "uint8": case "uint32": case "uint64": case "Duration": case "IntOrString": return 0;
  }
}

/** @param number of the field that the value stands in */
export function writeElement(message: MessageWriter, field: FieldSchema, number: number): ElementWriter {
  const { type } = field;
  if (!isPrimitive(type)) return within(number, (to, value) => message(to, type, value as Record<string, unknown>));
  if (type === "Any") return within(number, unions[field.go ?? ""]?.(message) ?? json);
  return primitive(type, number);
}

function primitive(type: Exclude<Primitive, "Any">, number: number): ElementWriter {
  switch (type) {
    case "string": return within(number, (to, value) => to.text(value as string));
    case "bytes": return within(number, (to, value) => to.bytes(Buffer.from(value as string, "base64")));
    case "bool": return (to, value) => tagged(to, number, value === true ? 1 : 0);
    case "double": return (to, value) => {
      to.double(value as number);
      to.tag(number, 1);
    };
    case "Time": return within(number, (to, value) => time(to, value as string, "time"));
    case "MicroTime": return within(number, (to, value) => time(to, value as string, "micro"));
    case "Duration": return within(number, (to, value) => tagged(to, 1, nanoseconds(String(value))));
    case "Quantity": return within(number, (to, value) => text(to, 1, String(value)));
    case "IntOrString": return within(number, intOrString);
    case "RawExtension": return within(number, json);
    case "int32": case "int64": case "uint8": case "uint32": case "uint64": return (to, value) => tagged(to, number, value as number);
  }
}

const within = (number: number, write: ElementWriter): ElementWriter => (to, value) => {
  const before = to.size;
  write(to, value);
  to.close(number, before);
};

function tagged(to: ReverseWriter, number: number, value: number): void {
  to.varint(value);
  to.tag(number, 0);
}

function text(to: ReverseWriter, number: number, value: string): void {
  const before = to.size;
  to.text(value);
  to.close(number, before);
}

/** `Timestamp{seconds, nanos}`; nothing for Go's zero time. Upstream: metav1 Time.ProtoTime drops fractions, MicroTime.ProtoMicroTime keeps six digits */
function time(to: ReverseWriter, value: string, kind: "time" | "micro"): void {
  if (value === "") return;
  const seconds = canonicalSeconds(value);
  if (seconds === -62_135_596_800) return;
  tagged(to, 2, kind === "micro" ? Number(value.slice(20, 26)) * 1000 : 0);
  tagged(to, 1, seconds);
}

function intOrString(to: ReverseWriter, value: unknown): void {
  const isText = typeof value === "string";
  text(to, 3, isText ? value : "");
  tagged(to, 2, isText ? 0 : Number(value));
  tagged(to, 1, isText ? 1 : 0);
}

/** JSON text in a message that holds nothing else, nothing for null: RawExtension, FieldsV1, apiextensions' JSON. */
function json(to: ReverseWriter, value: unknown): void {
  if (value !== null && value !== undefined) text(to, 1, JSON.stringify(value));
}

const units: Readonly<Record<string, number>> = { h: 3.6e12, m: 6e10, s: 1e9, ms: 1e6, us: 1e3, "µs": 1e3, ns: 1 };

/** A duration as Go prints one: `1h2m3.5s`. */
function nanoseconds(value: string): number {
  const parts = [...value.matchAll(/([\d.]+)([a-zµ]+)/g)].map(([, digits = "0", unit = "ns"]) => Number(digits) * (units[unit] ?? 1));
  return Math.round(parts.reduce((sum, part) => sum + part, 0)) * (value.startsWith("-") ? -1 : 1);
}

const schemaProps: TypeName = "apiextensions/v1.JSONSchemaProps";

/** Types of apiextensions that are one of several JSON shapes, and messages all the same. Upstream: apiextensions/v1/generated.proto */
const unions: Readonly<Record<string, (message: MessageWriter) => ElementWriter>> = {
  "v1.CustomResourceSubresourceStatus": () => () => {},
  "v1.JSONSchemaPropsOrArray": (message) => (to, value) => {
    const one = within(1, (inner, item) => message(inner, schemaProps, item as Record<string, unknown>));
    const many = within(2, (inner, item) => message(inner, schemaProps, item as Record<string, unknown>));
    if (Array.isArray(value)) for (const item of value.toReversed()) many(to, item);
    else one(to, value);
  },
  "v1.JSONSchemaPropsOrBool": (message) => (to, value) => {
    if (isRecord(value)) within(2, (inner, item) => message(inner, schemaProps, item as Record<string, unknown>))(to, value);
    tagged(to, 1, value === false ? 0 : 1);
  },
  "v1.JSONSchemaDependencies": (message) => (to, value) => {
    if (Array.isArray(value)) for (const item of value.toReversed()) text(to, 2, String(item));
    else within(1, (inner, item) => message(inner, schemaProps, item as Record<string, unknown>))(to, value);
  },
};
