/** What many kinds' tables share: the first column, the age, and how upstream prints a span of time. */
import type { KubeObject } from "#apimachinery/meta.ts";
import type * as core from "#api/gen/core-v1.ts";
import type { Column } from "../resource.ts";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const pair = (major: number, majorUnit: string, minor: number, minorUnit: string): string =>
  (minor === 0 ? `${major}${majorUnit}` : `${major}${majorUnit}${minor}${minorUnit}`);

/** A span in at most two units, as `kubectl get` shows ages. @param ms milliseconds. Upstream: apimachinery/pkg/util/duration HumanDuration */
export function humanDuration(ms: number): string {
  const seconds = Math.trunc(ms / second);
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.trunc(ms / minute);
  if (minutes < 10) return pair(minutes, "m", seconds % 60, "s");
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.trunc(ms / hour);
  if (hours < 8) return pair(hours, "h", minutes % 60, "m");
  if (hours < 48) return `${hours}h`;
  const days = Math.trunc(hours / 24);
  if (hours < 24 * 8) return pair(days, "d", hours % 24, "h");
  if (hours < 24 * 365 * 2) return `${days}d`;
  const years = Math.trunc(days / 365);
  return hours < 24 * 365 * 8 ? pair(years, "y", days % 365, "d") : `${years}y`;
}

/** The time since `timestamp` (RFC 3339) at `now` (epoch milliseconds); `<unknown>` without one. Upstream: pkg/printers translateTimestampSince */
export const since = (timestamp: string | undefined, now: number): string =>
  (timestamp === undefined || timestamp === "" ? "<unknown>" : humanDuration(now - Date.parse(timestamp)));

export const nameColumn: Column<KubeObject> = {
  name: "Name", type: "string", format: "name", description: "Name of the object, unique within its namespace.", cell: ({ metadata }) => metadata.name,
};

export const ageColumn: Column<KubeObject> = {
  name: "Age", type: "string", description: "Time since the object was created.", cell: ({ metadata }, now) => since(metadata.creationTimestamp, now),
};

/** RBAC kinds and limit ranges show the moment instead of the age. */
export const createdAtColumn: Column<KubeObject> = {
  name: "Created At", type: "date", description: "When the object was created.", cell: ({ metadata }) => metadata.creationTimestamp ?? null,
};

/** `a=b,c=d` in key order, `<none>` when empty. Upstream: labels.FormatLabels */
export function formatLabels(labels: Readonly<Record<string, string>> | undefined): string {
  const keys = Object.keys(labels ?? {}).sort();
  return keys.length === 0 ? "<none>" : keys.map((key) => `${key}=${labels?.[key] ?? ""}`).join(",");
}

/** The wide columns of everything that has a pod template. */
export function templateColumns<T extends KubeObject>(template: (obj: T) => core.PodTemplateSpec | undefined): readonly Column<T>[] {
  const containers = (obj: T): readonly core.Container[] => template(obj)?.spec?.containers ?? [];
  return [
    {
      name: "Containers", type: "string", wide: true, description: "Names of each container in the template.",
      cell: (obj) => containers(obj).map((c) => c.name).join(","),
    },
    {
      name: "Images", type: "string", wide: true, description: "Images referenced by each container in the template.",
      cell: (obj) => containers(obj).map((c) => c.image ?? "").join(","),
    },
  ];
}
