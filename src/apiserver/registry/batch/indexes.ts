/** Sets of completion indexes as text: `0,2-5,9`. Upstream: pkg/apis/batch/validation validateIndexesFormat, parseIndexInterval */
import { quote } from "#apimachinery/quote.ts";

type Interval = readonly [first: number, last: number];
type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

const good = <T>(value: T): Parsed<T> => ({ ok: true, value });
const bad = <T>(problem: string): Parsed<T> => ({ ok: false, problem });

/** How many indexes the text names, or what is wrong with it. @param completions the indexes are below it */
export function countIndexes(text: string, completions: number): Parsed<number> {
  if (text === "") return good(0);
  let total = 0;
  let last: number | undefined;
  for (const part of text.split(",")) {
    const interval = parseInterval(part, completions);
    if (!interval.ok) return interval;
    const [from, to] = interval.value;
    if (last !== undefined && last >= from) return bad(`non-increasing order, previous: ${last}, current: ${from}`);
    total += to - from + 1;
    last = to;
  }
  return good(total);
}

/** The first index that both name. What cannot be read is passed over: it is told elsewhere. */
export function overlap(one: string, other: string, completions: number): number | undefined {
  const others = intervals(other, completions);
  for (const [from, to] of intervals(one, completions)) {
    const hit = others.find(([first, last]) => from <= last && first <= to);
    if (hit !== undefined) return Math.max(from, hit[0]);
  }
  return undefined;
}

const intervals = (text: string, completions: number): readonly Interval[] =>
  (text === "" ? [] : text.split(",").flatMap((part) => {
    const parsed = parseInterval(part, completions);
    return parsed.ok ? [parsed.value] : [];
  }));

function parseInterval(text: string, completions: number): Parsed<Interval> {
  const limits = text.split("-");
  if (limits.length > 2) return bad(`the fragment ${quote(text)} violates the requirement that an index interval can have at most two parts separated by '-'`);
  const [from, to] = limits.map((limit) => parseIndex(limit, completions));
  if (from === undefined || !from.ok) return from ?? bad("");
  if (to === undefined) return good([from.value, from.value]);
  if (!to.ok) return to;
  return from.value >= to.value ? bad(`non-increasing order, previous: ${from.value}, current: ${to.value}`) : good([from.value, to.value]);
}

function parseIndex(text: string, completions: number): Parsed<number> {
  if (!/^[+-]?\d+$/.test(text)) return bad(`cannot convert string to integer for index: ${quote(text)}`);
  return Number(text) >= completions ? bad(`too large index: ${quote(text)}`) : good(Number(text));
}
