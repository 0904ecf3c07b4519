import type { QueuedPod } from "../queued-pod.ts";

/** The more important pod first, then the one that waits longer. Upstream: pkg/scheduler/framework/plugins/queuesort */
export const prioritySort = (a: QueuedPod, b: QueuedPod): boolean =>
  a.info.priority > b.info.priority || (a.info.priority === b.info.priority && a.enqueuedAt < b.enqueuedAt);
