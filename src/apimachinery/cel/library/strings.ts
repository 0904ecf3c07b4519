/** Strings, in code points. Upstream: cel-go common/stdlib, ext/strings.go */
import { costLimitExceeded, traversalFactor } from "../budget.ts";
import { sameSize, searching, traverse, wholeList, type CallCost, type Sized } from "../call-costs.ts";
import { ArrayList, codePoints, sizeOf, type ListValue } from "../containers.ts";
import { overload, type Overload } from "../declarations.ts";
import { formatString } from "./format-string.ts";
import type { Int } from "../numbers.ts";
import { plus, times, traversal, unknownSize, type Range } from "../sizes.ts";
import { quote } from "../../quote.ts";
import { CelError, isError, type Value } from "../values.ts";

/** Nothing may grow beyond what a request could carry many times over. */
const maxLength = 64 * 1024 * 1024;
const isAscii = (text: string): boolean => !/[\u0080-\uffff]/.test(text);
/** The text as units that count as CEL counts. */
const points = (text: string): string | readonly string[] => (isAscii(text) ? text : Array.from(text));
const cut = (text: string | readonly string[], from: number, to?: number): string => (typeof text === "string" ? text.slice(from, to) : text.slice(from, to).join(""));
const outOfRange = (index: Int): CelError => new CelError(`index out of range: ${index}`);

function charAt(text: string, index: Int): Value {
  const all = points(text);
  if (index < 0 || index > all.length) return outOfRange(index);
  return all[Number(index)] ?? "";
}

function indexOf(text: string, part: string, from: Int): Value {
  const all = points(text);
  if (from < 0 || from > all.length) return outOfRange(from);
  const start = cut(all, 0, Number(from)).length;
  return pointIndex(text, text.indexOf(part, start));
}

function lastIndexOf(text: string, part: string, from?: Int): Value {
  if (from === undefined) return pointIndex(text, text.lastIndexOf(part));
  const all = points(text);
  if (from < 0 || from >= all.length) return part === "" && from === all.length ? from : outOfRange(from);
  return pointIndex(text, text.lastIndexOf(part, cut(all, 0, Number(from)).length));
}

const pointIndex = (text: string, unit: number): number => (unit < 0 ? unit : codePoints(text.slice(0, unit)));

function substring(text: string, from: Int, to?: Int): Value {
  const all = points(text);
  const end = to ?? all.length;
  if (from < 0 || from > all.length) return outOfRange(from);
  if (end < 0 || end > all.length) return outOfRange(end);
  return from > end ? new CelError(`invalid substring range. start: ${from}, end: ${end}`) : cut(all, Number(from), Number(end));
}

function replace(text: string, from: string, to: string, limit: Int = -1): Value {
  const pieces = from === "" ? ["", ...Array.from(text), ""] : text.split(from);
  const count = Math.min(pieces.length - 1, limit < 0 ? Infinity : Number(limit));
  if (text.length + count * to.length > maxLength) throw costLimitExceeded;
  if (count === pieces.length - 1) return pieces.join(to);
  return [...pieces.slice(0, count + 1)].join(to) + (count + 1 < pieces.length ? from + pieces.slice(count + 1).join(from) : "");
}

function split(text: string, separator: string, limit: Int = -1): Value {
  if (limit === 0) return new ArrayList([]);
  const pieces = separator === "" ? Array.from(text) : text.split(separator);
  if (limit < 0 || pieces.length <= limit) return new ArrayList(pieces);
  const kept = Number(limit) - 1;
  return new ArrayList([...pieces.slice(0, kept), pieces.slice(kept).join(separator)]);
}

function join(list: ListValue, separator = ""): Value {
  const parts: string[] = [];
  let length = 0;
  for (let i = 0; i < list.length; i++) {
    const item = list.at(i);
    if (typeof item !== "string") return isError(item) ? item : new CelError("no such overload");
    if ((length += item.length + separator.length) > maxLength) throw costLimitExceeded;
    parts.push(item);
  }
  return parts.join(separator);
}

const lower = (text: string): string => text.replace(/[A-Z]+/g, (part) => part.toLowerCase());
const upper = (text: string): string => text.replace(/[a-z]+/g, (part) => part.toUpperCase());
const white = "[\\t-\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
const leading = new RegExp(`^${white}+`);
const whites = new RegExp(white);

function trim(text: string): string {
  const start = text.replace(leading, "");
  let end = start.length;
  while (end > 0 && whites.test(start[end - 1] ?? "")) end--;
  return start.slice(0, end);
}

const size = (args: readonly Sized[], i: number): Range => args[i]?.size ?? unknownSize;

/** Upstream: apiserver/pkg/cel/library/cost.go "replace" */
function replacedSize(args: readonly Sized[]): Range {
  const [text, from, to] = [size(args, 0), size(args, 1), size(args, 2)];
  const max = from.min === 0 ? (text.max + 1) * to.max + text.max : to.max <= from.min ? text.max : Math.ceil(text.max / from.min) * to.max;
  const min = from.max === 0 ? (text.min + 1) * to.min + text.min : from.max <= to.min ? text.min : Math.ceil(text.min / from.max) * to.min;
  return { min: Number.isNaN(min) ? 0 : min, max: Number.isNaN(max) ? Infinity : max };
}

const quotedSize = ([text]: readonly Sized[]): Range => ({ min: (text?.size.min ?? 0) + 2, max: (text?.size.max ?? Infinity) * 2 + 2 });

const joining: CallCost = {
  run: (args) => Math.ceil(joinedLength(args) * 2 * traversalFactor),
  estimate: (args) => {
    const [list] = args;
    const count = list?.size ?? unknownSize;
    const gaps: Range = { min: Math.max(0, count.min - 1), max: Math.max(0, count.max - 1) };
    const result = plus(times(count, list?.element ?? unknownSize), args.length > 1 ? times(size(args, 1), gaps) : { min: 0, max: 0 });
    return { cost: traversal(result), size: result };
  },
};

function joinedLength([list, separator]: readonly Value[]): number {
  const items = (list as ListValue).toArray();
  return items.reduce<number>((sum, item) => sum + (typeof item === "string" ? item.length : 0), 0) + (typeof separator === "string" ? separator.length * Math.max(0, items.length - 1) : 0);
}

/** The arguments are read as often as their text is printed: everything in them counts. */
const formatting: CallCost = {
  run: (args) => Math.ceil(sizeOf(args[0] ?? null) * traversalFactor) + wholeList.run(args.slice(1)),
  estimate: (args) => ({ cost: traversal(size(args, 0)), size: plus(size(args, 0), size(args, 1)) }),
};

const splitting = traverse(0, 2, (args) => ({ min: 0, max: size(args, 0).max }));
const replacing = traverse(0, 2, replacedSize);
const sameLength = traverse(0, 1, sameSize);
const prefixCost: CallCost = { run: traverse(0).run, estimate: traverse(1).estimate };

export const stringLibrary: readonly Overload[] = [
  overload("string.contains(string) -> bool", (text: string, part: string) => text.includes(part), searching),
  overload("string.startsWith(string) -> bool", (text: string, part: string) => text.startsWith(part), prefixCost),
  overload("string.endsWith(string) -> bool", (text: string, part: string) => text.endsWith(part), prefixCost),
  overload("string.charAt(int) -> string", charAt),
  overload("string.indexOf(string) -> int", (text: string, part: string) => pointIndex(text, text.indexOf(part)), traverse(0)),
  overload("string.indexOf(string, int) -> int", indexOf, traverse(0)),
  overload("string.lastIndexOf(string) -> int", (text: string, part: string) => lastIndexOf(text, part), traverse(0)),
  overload("string.lastIndexOf(string, int) -> int", lastIndexOf, traverse(0)),
  overload("list(string).join() -> string", (list: ListValue) => join(list), joining),
  overload("list(string).join(string) -> string", join, joining),
  overload("string.lowerAscii() -> string", lower, sameLength),
  overload("string.upperAscii() -> string", upper, sameLength),
  overload("string.trim() -> string", trim, sameLength),
  overload("string.substring(int) -> string", (text: string, from: Int) => substring(text, from), sameLength),
  overload("string.substring(int, int) -> string", substring, sameLength),
  overload("string.replace(string, string) -> string", (text: string, from: string, to: string) => replace(text, from, to), replacing),
  overload("string.replace(string, string, int) -> string", replace, replacing),
  overload("string.split(string) -> list(string)", (text: string, separator: string) => split(text, separator), splitting),
  overload("string.split(string, int) -> list(string)", split, splitting),
  overload("string.reverse() -> string", (text: string) => Array.from(text).reverse().join(""), sameLength),
  overload("string.format(list(A)) -> string", formatString, formatting),
  overload("strings::quote(string) -> string", quote, traverse(0, 1, quotedSize)),
];
