/** Functions as they are declared: a signature that reads like the documentation, and what runs. */
import type { CallCost } from "./call-costs.ts";
import * as types from "./types.ts";
import type { CelType } from "./types.ts";
import type { Value, ValueKind } from "./values.ts";

export interface Overload {
  readonly name: string;
  readonly member: boolean;
  /** With the receiver of a member function first. */
  readonly args: readonly CelType[];
  readonly result: CelType;
  /** Called with values of the declared kinds, never with errors. */
  readonly run: (...args: Value[]) => Value;
  /** One unit where there is none. */
  readonly cost: CallCost | undefined;
  /** The run-time kind that each argument must have; undefined where any does. */
  readonly kinds: readonly (ValueKind | undefined)[];
}

/** Overloads by name, global and member ones together. */
export type FunctionTable = ReadonlyMap<string, readonly Overload[]>;

/**
 * `size(string) -> int` is global, `string.charAt(int) -> string` a member; capital letters are type parameters.
 * The implementation may ask for exactly the kinds that the signature names.
 */
export function overload(signature: string, run: (...args: never[]) => Value, cost?: CallCost): Overload {
  const { receiver, name, args, result } = readSignature(signature);
  const all = [...(receiver === undefined ? [] : [receiver]), ...args].map(readType);
  return { name, member: receiver !== undefined, args: all, result: readType(result), run: run as Overload["run"], cost, kinds: all.map(kindOfType) };
}

/** All overloads by name. */
export function functionTable(...libraries: readonly (readonly Overload[])[]): FunctionTable {
  return Map.groupBy(libraries.flat(), (one) => one.name);
}

interface Signature { readonly receiver: string | undefined; readonly name: string; readonly args: readonly string[]; readonly result: string }

/** A receiver is a type with or without parameters before the last dot; names such as `sets.contains` are told by `::`. */
function readSignature(signature: string): Signature {
  const [head = "", result = "dyn"] = signature.split(" -> ");
  const open = argumentsStart(head);
  const callee = head.slice(0, open);
  const args = splitTypes(head.slice(open + 1, -1));
  const dot = callee.includes("::") || /^[@_!-]/.test(callee) ? -1 : callee.lastIndexOf(".");
  return { receiver: dot < 0 ? undefined : callee.slice(0, dot), name: callee.slice(dot + 1).replace("::", "."), args, result };
}

/** The parenthesis that the last one closes. */
function argumentsStart(head: string): number {
  let depth = 0;
  for (let i = head.length - 1; i >= 0; i--) {
    if (head[i] === ")") depth++;
    if (head[i] === "(" && --depth === 0) return i;
  }
  throw new Error(`no arguments in signature ${head}`);
}

function splitTypes(text: string): string[] {
  const parts: string[] = [];
  let depth = 0, from = 0;
  for (let i = 0; i <= text.length; i++) {
    if (text[i] === "(") depth++;
    if (text[i] === ")") depth--;
    if (i === text.length || (text[i] === "," && depth === 0)) { if (i > from) parts.push(text.slice(from, i).trim()); from = i + 1; }
  }
  return parts;
}

const simple: ReadonlyMap<string, CelType> = new Map([
  types.dynType, types.nullType, types.boolType, types.intType, types.uintType, types.doubleType, types.stringType, types.bytesType,
  types.timestampType, types.durationType,
].map((type) => [type.name, type]));

/** `list(A)`, `map(string, dyn)`, `optional(A)`, `net.IP`. */
function readType(text: string): CelType {
  const known = simple.get(text);
  if (known !== undefined) return known;
  if (/^[A-Z]$/.test(text)) return types.paramType(text);
  const open = text.indexOf("(");
  const params = open < 0 ? [] : splitTypes(text.slice(open + 1, -1)).map(readType);
  const [first = types.dynType, second = types.dynType] = params;
  switch (open < 0 ? text : text.slice(0, open)) {
    case "list": return types.listType(first);
    case "map": return types.mapType(first, second);
    case "type": return types.typeType(first);
    case "optional": return types.optionalType(first);
    default: return types.opaqueType(text);
  }
}

function kindOfType(type: CelType): ValueKind | undefined {
  if (type.kind === "param" || types.isDynamic(type)) return undefined;
  return type.kind === "null" ? "null_type" : type.name;
}
