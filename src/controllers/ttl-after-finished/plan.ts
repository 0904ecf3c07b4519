import type { Job } from "#api/gen/batch-v1.ts";
import { getCondition } from "#api/conditions.ts";
import { millis } from "../time.ts";

/**
 * Milliseconds until a finished Job is to go: 0 when it is, undefined for one that stays.
 * Upstream: pkg/controller/ttlafterfinished/ttlafterfinished_controller.go timeLeft
 */
export function timeLeft({ metadata, spec, status }: Job, now: number): number | undefined {
  const end = (["Complete", "Failed"] as const).map((type) => getCondition(status.conditions, type)).find((condition) => condition?.status === "True");
  if (metadata.deletionTimestamp !== undefined || spec.ttlSecondsAfterFinished === undefined || end?.lastTransitionTime === undefined) return undefined;
  return Math.max(0, millis(end.lastTransitionTime) + spec.ttlSecondsAfterFinished * 1000 - now);
}
