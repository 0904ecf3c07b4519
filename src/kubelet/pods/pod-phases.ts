/**
 * Where a pod's worker stands. A pod goes down this list and never up.
 * - `syncing`: its containers should run, or run to their end.
 * - `terminating`: they should stop.
 * - `terminated`: none runs; volumes, cgroup and sandbox are to be cleaned up.
 * - `finished`: nothing of it is left but its API object and what its logs are read from.
 */
export type Phase = "syncing" | "terminating" | "terminated" | "finished";

/**
 * - `deleted`: the API object is being deleted, or is gone. `failed`: rejected, past its deadline, or evicted.
 * - `containersDone`: all have ended for good. `containersStopped`: none runs any more. `cleanedUp`: nothing is left.
 */
export type Event = "changed" | "deleted" | "failed" | "containersDone" | "containersStopped" | "cleanedUp";

/** Every phase answers every event: a new one does not compile until its row or column is filled. */
export const next: Record<Phase, Record<Event, Phase>> = {
  syncing: {
    changed: "syncing",
    deleted: "terminating",
    failed: "terminating",
    containersDone: "terminating",
    containersStopped: "syncing",
    cleanedUp: "syncing",
  },
  terminating: {
    changed: "terminating",
    deleted: "terminating",
    failed: "terminating",
    containersDone: "terminating",
    containersStopped: "terminated",
    cleanedUp: "terminating",
  },
  terminated: {
    changed: "terminated",
    deleted: "terminated",
    failed: "terminated",
    containersDone: "terminated",
    containersStopped: "terminated",
    cleanedUp: "finished",
  },
  finished: {
    changed: "finished",
    deleted: "finished",
    failed: "finished",
    containersDone: "finished",
    containersStopped: "finished",
    cleanedUp: "finished",
  },
};
