import type { PodInfo } from "./pod-info.ts";

/** `active`: to be tried. `backoff`: to be tried, but not soon again. `waiting`: until something changes. `gated`: may not be tried at all. */
export type Place = "active" | "backoff" | "waiting" | "gated";

/** A pod that waits for a node, and how often it did in vain. */
export interface QueuedPod {
  info: PodInfo;
  place: Place;
  /** When it entered its place, milliseconds since 1970. */
  enqueuedAt: number;
  /** When a pod in back-off may be tried again. */
  backoffUntil: number;
  /** How often no node fitted. */
  unschedulable: number;
  /** How often in a row something failed that is not about nodes. */
  errors: number;
  /** The plugins that said no the last time; empty when none in particular did. */
  rejectedBy: ReadonlySet<string>;
  /** The plugin that does not let it enter; undefined where none does. */
  gatedBy: string | undefined;
}

export const newQueuedPod = (info: PodInfo, now: number): QueuedPod => ({ info, place: "active", enqueuedAt: now, backoffUntil: 0, unschedulable: 0, errors: 0, rejectedBy: new Set(), gatedBy: undefined });
