/** Jobs and pods for this folder's tests. */
import type { Job, JobSpec, JobStatus } from "#api/gen/batch-v1.ts";
import type { Pod, PodStatus } from "#api/gen/core-v1.ts";
import type { ObjectMeta } from "#apimachinery/meta.ts";
import { indexKey, trackingFinalizer } from "./names.ts";

/** 2026-01-01T00:10:00Z. */
export const now: number = Date.parse("2026-01-01T00:10:00Z");

/** As the server has defaulted it. */
export const newJob = (spec: Partial<JobSpec> = {}, status: JobStatus = {}): Job => ({
  metadata: { name: "work", namespace: "default", uid: "job-uid" },
  spec: { parallelism: 1, completions: 1, backoffLimit: 6, completionMode: "NonIndexed", suspend: false, podReplacementPolicy: "TerminatingOrFailed", template: { spec: { containers: [{ name: "c" }], restartPolicy: "Never" } }, ...spec },
  status: { startTime: "2026-01-01T00:00:00Z", ...status },
});

/** A pod of this name and uid, held by the finalizer. */
export const newPod = (name: string, status: PodStatus, metadata: Partial<ObjectMeta> = {}): Pod => ({
  metadata: { name, namespace: "default", uid: name, creationTimestamp: "2026-01-01T00:00:00Z", finalizers: [trackingFinalizer], ...metadata },
  spec: { containers: [{ name: "c" }] }, status,
});

/** The same with an index. */
export const indexed = (name: string, index: number, status: PodStatus, annotations: Record<string, string> = {}, metadata: Partial<ObjectMeta> = {}): Pod =>
  newPod(name, status, { annotations: { [indexKey]: `${index}`, ...annotations }, ...metadata });

export const running: PodStatus = { phase: "Running", conditions: [{ type: "Ready", status: "True" }] };
export const pending: PodStatus = { phase: "Pending" };
export const succeeded: PodStatus = { phase: "Succeeded" };
export const leaving: Partial<ObjectMeta> = { deletionTimestamp: "2026-01-01T00:09:55Z", deletionGracePeriodSeconds: 0 };

/** A pod whose container ended with this code so many seconds ago. */
export const exited = (exitCode: number, secondsAgo = 0): PodStatus => ({
  phase: exitCode === 0 ? "Succeeded" : "Failed",
  containerStatuses: [{ name: "c", image: "", imageID: "", ready: false, restartCount: 0, state: { terminated: { exitCode, finishedAt: `${new Date(now - secondsAgo * 1000).toISOString().slice(0, 19)}Z` } } }],
});
