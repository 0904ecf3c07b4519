import type { Pod } from "#api/gen/core-v1.ts";
import { messageOf } from "#base/error-message.ts";
import type { Allocation } from "../resources/allocation.ts";
import type { StartFailure } from "../status/container-statuses.ts";
import type { PodContext } from "./pod-context.ts";
import { StartError } from "../containers/start-error.ts";
import { fieldPathOf, type PodContainer } from "../containers/containers.ts";
import { about } from "../names.ts";

/** One sync of one pod. */
export interface SyncTask {
  readonly ctx: PodContext;
  /** As it was given to this node. */
  readonly pod: Pod;
  readonly allocation: Allocation;
  /** Why containers could not be started, by name; kept over the syncs. */
  readonly failures: Map<string, StartFailure>;
  /** Something that users can see has changed. */
  readonly changed: () => void;
  /** Aborts when the pod is to end. */
  readonly signal: AbortSignal;
}

const firstRetryMs = 1_000;
const maxRetryMs = 10_000;
const imageReasons: ReadonlySet<string> = new Set(["ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName", "ImageInspectError"]);

/** Writes an event about one of the pod's containers. */
export function say({ ctx, pod }: SyncTask, c: PodContainer, type: "Normal" | "Warning", reason: string, message: string): void {
  ctx.events.event(about(pod), type, reason, message, { fieldPath: fieldPathOf(c) });
}

/** Remembers why a container did not start, and says so. Returns when to try again, in milliseconds since 1970. Throws when the sync was aborted. */
export function startFailed(task: SyncTask, c: PodContainer, err: unknown): number {
  const { ctx, failures, signal } = task;
  signal.throwIfAborted();
  const { reason, notBefore } = err instanceof StartError ? err : new StartError("RunContainerError", messageOf(err));
  const tries = (failures.get(c.container.name)?.tries ?? 0) + 1;
  const again = notBefore ?? ctx.clock.now() + Math.min(maxRetryMs, firstRetryMs * 2 ** Math.min(tries - 1, 10));
  failures.set(c.container.name, { reason, message: messageOf(err), notBefore: again, tries });
  const told = reason === "CrashLoopBackOff" || reason === "PostStartHookError"; // they have events of their own
  if (!told) say(task, c, "Warning", "Failed", `Error: ${imageReasons.has(reason) ? reason : messageOf(err)}`);
  return again;
}
