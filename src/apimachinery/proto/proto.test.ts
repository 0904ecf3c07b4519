import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ApiSchema, FieldSchema } from "../schema.ts";
import { decodeProto } from "./decode.ts";
import { encodeProto } from "./encode.ts";
import { envelopeHead, envelopeTail, fieldHead, lengthDelimited, openEnvelope } from "./envelope.ts";

const schemaOf = (fields: Record<string, FieldSchema>, inner: Record<string, FieldSchema> = {}): ApiSchema => ({ types: { "t/v1.T": { fields }, "t/v1.Inner": { fields: inner } }, enums: {} });
const hex = (schema: ApiSchema, value: object): string => encodeProto(schema, "t/v1.T", value).toString("hex");

describe("one field", () => {
  const cases: readonly [what: string, field: FieldSchema, value: unknown, hex: string][] = [
    ["an absent string is written empty", { type: "string", number: 1, omitempty: true }, undefined, "0a00"],
    ["an absent pointer is not written", { type: "string", number: 1, pointer: true }, undefined, ""],
    ["a pointer to the empty string is written", { type: "string", number: 1, pointer: true }, "", "0a00"],
    ["an absent number is 0", { type: "int32", number: 2 }, undefined, "1000"],
    ["a negative number takes ten bytes", { type: "int32", number: 2 }, -1, "10ffffffffffffffffff01"],
    ["a number beyond 32 bits", { type: "int64", number: 2 }, 2 ** 40, "10808080808020"],
    ["a number of 31 bits", { type: "int64", number: 2 }, 2 ** 31 - 1, "10ffffffff07"],
    ["an absent flag is false", { type: "bool", number: 3 }, undefined, "1800"],
    ["a field number beyond 15 takes two bytes", { type: "bool", number: 16 }, true, "800101"],
    ["an absent list is not written", { type: "string", shape: "list", number: 1 }, undefined, ""],
    ["an empty list is not written", { type: "string", shape: "list", number: 1 }, [], ""],
    ["a list keeps its order", { type: "string", shape: "list", number: 1 }, ["b", "a"], "0a01620a0161"],
    ["numbers in lists are not packed", { type: "int64", shape: "list", number: 1 }, [1, 2], "08010802"],
    ["a map is sorted by key", { type: "string", shape: "map", number: 1 }, { b: "2", a: "1" }, "0a060a01611201310a060a0162120132"],
    ["an empty value of a map of bytes is written", { type: "bytes", shape: "map", number: 1 }, { a: "" }, "0a050a01611200"],
    ["absent bytes are not written", { type: "bytes", number: 1 }, undefined, ""],
    ["text beyond ASCII", { type: "string", number: 1 }, "ü€😀", "0a09c3bce282acf09f9880"],
    ["lists within a map", { type: "string", shape: "lists", number: 1 }, { a: ["x", "y"] }, "0a0b0a016112060a01780a0179"],
    ["an absent struct is written with its zero values", { type: "t/v1.Inner", number: 1 }, undefined, "0a0208 00".replace(" ", "")],
    ["an absent pointer to a struct is not written", { type: "t/v1.Inner", number: 1, pointer: true }, undefined, ""],
    ["an absent time is an empty message", { type: "Time", number: 8 }, undefined, "4200"],
    ["a time has its nanoseconds, always 0", { type: "Time", number: 8 }, "2026-01-01T00:00:00Z", "42080880f2d6ca061000"],
    ["a time before 1970", { type: "Time", number: 8, pointer: true }, "1969-12-31T23:59:59Z", "420d08ffffffffffffffffff011000"],
    ["a time of microseconds keeps them", { type: "MicroTime", number: 1, pointer: true }, "2026-01-01T00:00:00.000001Z", "0a090880f2d6ca0610e807"],
    ["an absent quantity is 0", { type: "Quantity", number: 1 }, undefined, "0a030a0130"],
    ["a quantity is text", { type: "Quantity", number: 1 }, "100m", "0a060a043130306d"],
    ["a number or text, absent", { type: "IntOrString", number: 1 }, undefined, "0a06080010001a00"],
    ["a number or text, a number", { type: "IntOrString", number: 1 }, 80, "0a06080010501a00"],
    ["a number or text, text", { type: "IntOrString", number: 1 }, "80%", "0a09080110001a03383025"],
    ["an absent extension is an empty message", { type: "RawExtension", number: 2 }, undefined, "1200"],
    ["an extension is JSON", { type: "RawExtension", number: 2 }, { a: 1 }, "12090a077b2261223a317d"],
    ["a double", { type: "double", number: 9, pointer: true }, 0.5, "49000000000000e03f"],
    ["verbs are a message of their own", { type: "string", shape: "list", number: 4, go: "v1.Verbs" }, ["get"], "22050a03676574"],
  ];
  for (const [what, field, value, expected] of cases) {
    test(what, () => {
      const schema = schemaOf({ f: field }, { n: { type: "int32", number: 1 } });
      assert.equal(hex(schema, value === undefined ? {} : { f: value }), expected);
      const back = decodeProto(schema, "t/v1.T", Buffer.from(expected, "hex"))["f"];
      if (value !== undefined && !(Array.isArray(value) && value.length === 0)) assert.deepEqual(back, value);
    });
  }
});

test("inlined messages are always written, between the other fields", () => {
  const schema = schemaOf({ a: { type: "string", number: 1 }, b: { type: "string", number: 1, via: [2] }, c: { type: "bool", number: 1, via: [2, 3], pointer: true }, d: { type: "bool", number: 3 } });
  assert.equal(hex(schema, {}), "0a0012040a001a001800");
  assert.equal(hex(schema, { b: "x", c: true }), "0a0012070a01781a0208011800");
});

test("a message of many bytes is written whole", () => {
  const schema = schemaOf({ f: { type: "string", shape: "map", number: 1 } });
  const value = { f: Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`k${i}`, "x".repeat(i * 7)])) };
  assert.deepEqual(decodeProto(schema, "t/v1.T", encodeProto(schema, "t/v1.T", value)), value);
});

test("a value of the wrong type leaves nothing behind", () => {
  const schema = schemaOf({ a: { type: "string", number: 1 }, f: { type: "int64", number: 2 } });
  assert.throws(() => hex(schema, { a: 1, f: 7 }));
  assert.equal(hex(schema, { a: "x", f: 7 }), "0a01781007");
});

test("the envelope is what upstream writes into etcd", () => {
  const sealed = Buffer.concat([envelopeHead("v1", "Pod"), fieldHead(2, 2), Buffer.from([0x0a, 0]), envelopeTail]);
  assert.equal(sealed.toString("hex"), "6b3873000a090a0276311203506f6412020a001a002200");
  assert.deepEqual(openEnvelope(sealed), { apiVersion: "v1", kind: "Pod", raw: Uint8Array.of(0x0a, 0) });
});

for (const [what, bytes, message] of [
  ["without the magic", "7b7d", "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]"],
  ["of nothing", "", "empty data"],
  ["of the magic alone", "6b387300", "empty body"],
  ["that ends early", "6b3873000a09", "unexpected EOF"],
] as const) {
  test(`a body ${what} is refused`, () => assert.throws(() => openEnvelope(Buffer.from(bytes, "hex")), { name: "WireError", message }));
}

test("a frame begins with its length", () => assert.equal(lengthDelimited([Buffer.from("ab"), Buffer.from("c")]).toString("hex"), "00000003616263"));
