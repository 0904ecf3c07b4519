import type { Cause } from "#apimachinery/status.ts";
import { isTimeZone } from "#api/cron/time-zone.ts";
import { invalidValue } from "#apimachinery/validation/causes.ts";

const part = /^[A-Za-z.\-_0-9+]{1,14}$/;
const isPart = (text: string): boolean => text !== "." && text !== ".." && !text.startsWith("-") && part.test(text);

/** Names of zones as IANA makes them. Upstream: pkg/apis/batch/validation validateTimeZone */
export function validateTimeZone(zone: string | undefined, field: string): readonly Cause[] {
  if (zone === undefined) return [];
  if (zone === "") return [invalidValue(field, zone, "timeZone must be nil or non-empty string")];
  const unknown = invalidValue(field, zone, `unknown time zone ${zone}`);
  if (!zone.split("/").every(isPart)) return [unknown];
  if (zone.toLowerCase() === "local") return [invalidValue(field, zone, "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"), ...(zone === "Local" ? [] : [unknown])];
  return isTimeZone(zone) ? [] : [unknown];
}
