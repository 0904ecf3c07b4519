/** How long a Job waits before it tries again. Upstream: pkg/controller/job/backoff_utils.go */
import type { Pod } from "#api/gen/core-v1.ts";
import { getCondition, isRestartableInit } from "#api/pod.ts";
import { millis } from "../time.ts";
import { failuresBefore } from "./names.ts";

/** Failures since the last success. */
export interface Backoff { readonly failures: number; /** Milliseconds since 1970. */ readonly lastFailure: number }

const firstMs = 10_000;
const longestMs = 600_000;
const none: Backoff = { failures: 0, lastFailure: 0 };

/** With the pods that have ended since: a success ends the row of failures before it. */
export function continued(before: Backoff | undefined, succeeded: readonly Pod[], failed: readonly Pod[]): Backoff {
  const lastSuccess = Math.max(...succeeded.map(finishedAt));
  const later = failed.map(finishedAt).filter((at) => at > lastSuccess);
  const row = succeeded.length > 0 ? none : (before ?? none);
  return { failures: row.failures + later.length, lastFailure: Math.max(row.lastFailure, ...later) };
}

/** Milliseconds until the next pod may be made. */
export function remainingMs({ failures, lastFailure }: Backoff, now: number): number {
  if (failures === 0) return 0;
  return Math.max(0, Math.min(firstMs * 2 ** (failures - 1), longestMs) - (now - lastFailure));
}

/** The same for an index, from the pod that failed last in it. */
export function remainingOfIndexMs(failed: Pod | undefined, now: number): number {
  if (failed === undefined) return 0;
  const { counted, ignored } = failuresBefore(failed);
  return remainingMs({ failures: counted + ignored + 1, lastFailure: finishedAt(failed) }, now);
}

/** When a pod ended, as far as can be told; in milliseconds since 1970. Upstream: getFinishedTime */
export function finishedAt(pod: Pod): number {
  const { creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds = 0 } = pod.metadata;
  const ready = getCondition(pod.status.conditions, "Ready");
  const notReadySince = ready?.status === "False" ? ready.lastTransitionTime : undefined;
  const deleted = deletionTimestamp && millis(deletionTimestamp) - deletionGracePeriodSeconds * 1000;
  return containersFinishedAt(pod) ?? (notReadySince === undefined ? deleted || millis(creationTimestamp) : millis(notReadySince));
}

/** When its last container ended, sidecars included; undefined while one has not. */
function containersFinishedAt({ spec, status }: Pod): number | undefined {
  const sidecars = new Set((spec.initContainers ?? []).filter(isRestartableInit).map(({ name }) => name));
  const statuses = [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? []).filter(({ name }) => sidecars.has(name))];
  const ends = statuses.map(({ state }) => state?.terminated?.finishedAt);
  return ends.length > 0 && ends.every((end) => end !== undefined) ? Math.max(...ends.map(millis)) : undefined;
}
