/**
 * From the JSON value of an object to protobuf, driven by the schema tables. Written as Go's generated code writes it:
 * what is no pointer is always there, zero or not; pointers, lists and maps only when they hold something; fields by
 * number, maps by key. Upstream: the generated.pb.go of each package
 */
import { plansOf } from "./plans.ts";
import type { ApiSchema, FieldSchema, TypeName } from "../schema.ts";
import { writeElement, zeroOf, type MessageWriter } from "./elements.ts";
import { ReverseWriter } from "./writer.ts";

type FieldWriter = (to: ReverseWriter, value: unknown) => void;
/** `name` is absent for an inlined message: it is made of the same object. */
interface Step { readonly number: number; readonly name?: string; readonly write: FieldWriter }
/** Steps of one message, highest number first. */
type Plan = readonly Step[];

const planOf = plansOf<Plan>(compile);
const scratch = new ReverseWriter();

/** The message of an object, without the envelope. `value` is in canonical form, as `decode` makes it. */
export function encodeProto(schema: ApiSchema, type: TypeName, value: object): Buffer {
  try {
    writeFields(scratch, planOf(schema, type), value as Record<string, unknown>);
    return scratch.take();
  } catch (err) {
    scratch.clear();
    throw err;
  }
}

function writeFields(to: ReverseWriter, plan: Plan, object: Readonly<Record<string, unknown>>): void {
  for (const { name, write } of plan) write(to, name === undefined ? object : object[name]);
}

function compile(schema: ApiSchema, type: TypeName): Plan {
  const message: MessageWriter = (to, inner, value) => writeFields(to, planOf(schema, inner), value);
  const fields = Object.entries(schema.types[type]?.fields ?? {}).map(([name, field]): Located => ({ name, field, via: field.via ?? [] }));
  return steps(message, fields.filter(({ field }) => field.number !== undefined));
}

interface Located { readonly name: string; readonly field: FieldSchema; /** What is left of the way into inlined messages. */ readonly via: readonly number[] }

function steps(message: MessageWriter, fields: readonly Located[]): Plan {
  const own = fields.filter(({ via }) => via.length === 0).map(({ name, field }): Step => ({ number: field.number ?? 0, name, write: fieldWriter(message, field) }));
  const inlined = Map.groupBy(fields.filter(({ via }) => via.length > 0), ({ via }) => via[0] ?? 0);
  const embedded = [...inlined].map(([number, inner]): Step => {
    const plan = steps(message, inner.map((located) => ({ ...located, via: located.via.slice(1) })));
    return { number, write: nested(number, (to, value) => writeFields(to, plan, value as Record<string, unknown>)) };
  });
  return [...own, ...embedded].sort((a, b) => b.number - a.number);
}

/** A message within a message. */
const nested = (number: number, write: FieldWriter): FieldWriter => (to, value) => {
  const before = to.size;
  write(to, value);
  to.close(number, before);
};

function fieldWriter(message: MessageWriter, field: FieldSchema): FieldWriter {
  const number = field.number ?? 0;
  const one = writeElement(message, field, number);
  if (field.shape === "map" || field.shape === "lists") return mapWriter(number, field.shape === "map" ? writeElement(message, field, 2) : nested(2, listWriter(writeElement(message, field, 1))));
  if (field.shape === "list") return field.go === "v1.Verbs" ? present(nested(number, listWriter(writeElement(message, field, 1)))) : listWriter(one);
  const zero = field.pointer === true ? undefined : zeroOf(field.type);
  return zero === undefined ? present(one) : (to, value) => one(to, value ?? zero);
}

const present = (write: FieldWriter): FieldWriter => (to, value) => {
  if (value !== undefined && value !== null) write(to, value);
};

const listWriter = (write: FieldWriter): FieldWriter => (to, value) => {
  const items = (value ?? []) as readonly unknown[];
  for (let i = items.length - 1; i >= 0; i--) write(to, items[i]);
};

function mapWriter(number: number, write: FieldWriter): FieldWriter {
  const key = writeElement(() => {}, { type: "string" }, 1);
  return present((to, value) => {
    const map = value as Readonly<Record<string, unknown>>;
    for (const name of Object.keys(map).sort().reverse()) {
      const before = to.size;
      write(to, map[name]);
      key(to, name);
      to.close(number, before);
    }
  });
}
