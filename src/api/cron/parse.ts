/** Schedules as cron writes them, with upstream's words for what is wrong. Upstream: github.com/robfig/cron/v3 ParseStandard */
import { quote } from "#apimachinery/quote.ts";
import { isTimeZone } from "./time-zone.ts";
import { parseDuration } from "#apimachinery/go-duration.ts";

/** The values that fit, and whether the field was left open (`*`). */
export interface Field { readonly values: ReadonlySet<number>; readonly any: boolean }

export interface Times { readonly kind: "times"; readonly minute: Field; readonly hour: Field; readonly day: Field; readonly month: Field; readonly weekday: Field; /** Of a `TZ=` prefix. */ readonly zone: string | undefined }
export interface Every { readonly kind: "every"; readonly ms: number }
export type Schedule = Times | Every;

export type ParsedSchedule = { readonly ok: true; readonly schedule: Schedule } | { readonly ok: false; readonly problem: string };

interface Bounds { readonly min: number; readonly max: number; readonly names?: readonly string[] }

const bounds = {
  minute: { min: 0, max: 59 }, hour: { min: 0, max: 23 }, day: { min: 1, max: 31 },
  month: { min: 1, max: 12, names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"] },
  weekday: { min: 0, max: 6, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] },
} as const satisfies Record<string, Bounds>;

const shorthands: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
};

class Malformed extends Error {
  override readonly name = "Malformed";
}

function fail(problem: string): never {
  throw new Malformed(problem);
}

/** Reads `minute hour day month weekday`, `@hourly` and the like, or `@every 1h30m`; with `TZ=zone ` before it where somebody still writes that. */
export function parseSchedule(text: string): ParsedSchedule {
  try {
    return { ok: true, schedule: read(text) };
  } catch (err) {
    if (err instanceof Malformed) return { ok: false, problem: err.message };
    throw err;
  }
}

function read(text: string): Schedule {
  if (text === "") fail("empty spec string");
  const prefix = /^(?:CRON_)?TZ=([^ ]*) ?/.exec(text);
  const zone = prefix?.[1];
  if (zone !== undefined && !isTimeZone(zone)) fail(`provided bad location ${zone}: unknown time zone ${zone}`);
  const rest = text.slice(prefix?.[0].length ?? 0).trim();
  return rest.startsWith("@") ? readShorthand(rest, zone) : readFields(rest, zone);
}

function readShorthand(text: string, zone: string | undefined): Schedule {
  const known = Object.hasOwn(shorthands, text) ? shorthands[text] : undefined;
  if (known !== undefined) return readFields(known, zone);
  if (!text.startsWith("@every ")) return fail(`unrecognized descriptor: ${text}`);
  const span = text.slice("@every ".length);
  const ms = parseDuration(span);
  if (ms === undefined) return fail(`failed to parse duration ${text}: time: invalid duration ${quote(span)}`);
  return { kind: "every", ms: Math.max(1000, Math.trunc(ms / 1000) * 1000) };
}

function readFields(text: string, zone: string | undefined): Schedule {
  const fields = text.split(/\s+/).filter((field) => field !== "");
  if (fields.length !== 5) fail(`expected exactly 5 fields, found ${fields.length}: [${fields.join(" ")}]`);
  const [minute = "", hour = "", day = "", month = "", weekday = ""] = fields;
  return {
    kind: "times", zone,
    minute: readField(minute, bounds.minute), hour: readField(hour, bounds.hour), day: readField(day, bounds.day), month: readField(month, bounds.month), weekday: readField(weekday, bounds.weekday),
  };
}

function readField(text: string, of: Bounds): Field {
  const ranges = text.split(",").filter((range) => range !== "").map((range) => readRange(range, of));
  return { values: new Set(ranges.flatMap(({ values }) => values)), any: ranges.some(({ any }) => any) };
}

function readRange(text: string, of: Bounds): { readonly values: readonly number[]; readonly any: boolean } {
  const [range = "", stepText, ...moreSteps] = text.split("/");
  const { start, end, open } = readEnds(range, text, of);
  if (moreSteps.length > 0) fail(`too many slashes: ${text}`);
  const step = stepText === undefined ? 1 : readNumber(stepText);
  const last = stepText !== undefined && !range.includes("-") ? of.max : end;
  if (start < of.min) fail(`beginning of range (${start}) below minimum (${of.min}): ${text}`);
  if (last > of.max) fail(`end of range (${last}) above maximum (${of.max}): ${text}`);
  if (start > last) fail(`beginning of range (${start}) beyond end of range (${last}): ${text}`);
  if (step === 0) fail(`step of range should be a positive number: ${text}`);
  const values = Array.from({ length: Math.floor((last - start) / step) + 1 }, (_, i) => start + i * step);
  return { values, any: open && step === 1 };
}

function readEnds(range: string, text: string, of: Bounds): { readonly start: number; readonly end: number; readonly open: boolean } {
  const [low = "", high, ...more] = range.split("-");
  if (low === "*" || low === "?") return { start: of.min, end: of.max, open: true };
  const start = readNumberOrName(low, of);
  if (more.length > 0) fail(`too many hyphens: ${text}`);
  return { start, end: high === undefined ? start : readNumberOrName(high, of), open: false };
}

function readNumberOrName(text: string, { min, names = [] }: Bounds): number {
  const at = names.indexOf(text.toLowerCase());
  return at < 0 ? readNumber(text) : min + at;
}

function readNumber(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) fail(`failed to parse int from ${text}: strconv.Atoi: parsing ${quote(text)}: invalid syntax`);
  const value = Number(text);
  return value < 0 ? fail(`negative number (${value}) not allowed: ${text}`) : value;
}
