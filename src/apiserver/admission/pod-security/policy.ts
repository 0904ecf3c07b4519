/** What the labels of a namespace ask for. Upstream: pod-security-admission/api/helpers.go */
import type { Cause } from "#apimachinery/status.ts";
import { invalidValue } from "#apimachinery/validation/causes.ts";

export type Level = "privileged" | "baseline" | "restricted";
/** The minor of a version of Kubernetes whose rules hold; the newest ones where left out. */
export interface LevelVersion { readonly level: Level; readonly minor?: number }
export type Mode = "enforce" | "audit" | "warn";
export type Policy = Readonly<Record<Mode, LevelVersion>> & { readonly causes: readonly Cause[] };

const prefix = "pod-security.kubernetes.io/";
const levels: readonly Level[] = ["privileged", "baseline", "restricted"];
export const modes: readonly Mode[] = ["enforce", "audit", "warn"];

/** `restricted:latest`, `baseline:v1.25`. */
export const levelText = ({ level, minor }: LevelVersion): string => `${level}:${minor === undefined ? "latest" : `v1.${minor}`}`;

/** Negative when `a` forbids less than `b`. */
export const compareLevels = (a: Level, b: Level): number => levels.indexOf(a) - levels.indexOf(b);

/** A level that cannot be read forbids the most where it is enforced, and says nothing elsewhere. Upstream: PolicyToEvaluate */
export function policyOf(labels: Readonly<Record<string, string>> = {}): Policy {
  const read = modes.map((mode) => readMode(labels, mode));
  const [enforce, audit, warn] = read.map(({ found }) => found);
  const nothing: LevelVersion = { level: "privileged" };
  return { enforce: enforce ?? nothing, audit: audit ?? nothing, warn: warn ?? nothing, causes: read.flatMap(({ causes }) => causes) };
}

function readMode(labels: Readonly<Record<string, string>>, mode: Mode): { readonly found: LevelVersion; readonly causes: readonly Cause[] } {
  const [levelKey, versionKey] = [`${prefix}${mode}`, `${prefix}${mode}-version`];
  const levelLabel = labels[levelKey] ?? "privileged";
  const versionLabel = labels[versionKey] ?? "latest";
  const level = levels.find((known) => known === levelLabel);
  const minor = /^v1\.(0|[1-9][0-9]*)$/.exec(versionLabel)?.[1];
  const causes = [
    ...(level === undefined ? [invalidValue(`metadata.labels[${levelKey}]`, levelLabel, `must be one of ${levels.join(", ")}`)] : []),
    ...(minor === undefined && versionLabel !== "latest" ? [invalidValue(`metadata.labels[${versionKey}]`, versionLabel, 'must be "latest" or "v1.x"')] : []),
  ];
  return { found: { level: level ?? (mode === "enforce" ? "restricted" : "privileged"), ...(minor !== undefined && { minor: Number(minor) }) }, causes };
}
