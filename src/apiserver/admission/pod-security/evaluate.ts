import type { ObjectMeta } from "#apimachinery/meta.ts";
import type { PodSpec } from "#api/gen/core-v1.ts";
import { baselineChecks } from "./baseline.ts";
import type { Check, Violation } from "./check.ts";
import type { LevelVersion } from "./policy.ts";
import { restrictedChecks } from "./restricted.ts";

/** Everything that a level forbids about a pod, in upstream's order: none when it fits. Upstream: pod-security-admission/policy/registry.go EvaluatePod */
export function evaluate({ level, minor = Infinity }: LevelVersion, metadata: Pick<ObjectMeta, "annotations"> | undefined, spec: PodSpec): readonly Violation[] {
  const pod = { annotations: metadata?.annotations ?? {}, spec };
  return checksOf(level, minor).flatMap((check) => check.run(pod, minor) ?? []);
}

function checksOf(level: LevelVersion["level"], minor: number): readonly Check[] {
  const known = (checks: readonly Check[]): readonly Check[] => checks.filter(({ since }) => since <= minor);
  switch (level) {
    case "privileged": return [];
    case "baseline": return known(baselineChecks);
    case "restricted": {
      const own = known(restrictedChecks);
      return [...known(baselineChecks).filter(({ id }) => !own.some(({ overrides }) => overrides === id)), ...own];
    }
  }
}

/** `reason (detail), reason (detail)`. */
export const violationText = (violations: readonly Violation[]): string => violations.map(({ reason, detail }) => (detail === "" ? reason : `${reason} (${detail})`)).join(", ");
