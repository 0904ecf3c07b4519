/** Evicts pods that hold more of the disk than they may. Looked at every ten seconds; what is long to count, once a minute (`stats/disk.ts`). */
import type { Pod } from "#api/gen/core-v1.ts";
import type { Clock } from "#base/clock.ts";
import { loop, type Component } from "#base/component.ts";
import { messageOf } from "#base/error-message.ts";
import type { Logger } from "#base/log.ts";
import { containersOf } from "../containers/containers.ts";
import { uidOf } from "../names.ts";
import { instanceOf } from "../runtime/pod-runtime.ts";
import type { RuntimeCache } from "../runtime/runtime-cache.ts";
import type { DiskUsage } from "../stats/disk-usage.ts";
import { isLimited, overLimit, type LocalStorage } from "./storage-limits.ts";

/** Upstream: eviction monitoringInterval */
const intervalMs = 10_000;

export interface StorageEvictionDeps {
  /** Those that take of the node's resources. */
  readonly pods: () => readonly Pod[];
  readonly cache: RuntimeCache;
  readonly disk: (pods: readonly Pod[]) => Promise<DiskUsage>;
  readonly evict: (uid: string, message: string) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

export function storageEviction(deps: StorageEvictionDeps): Component {
  const { clock, log } = deps;
  const run = (signal: AbortSignal): Promise<void> =>
    loop(signal, async () => {
      await clock.sleep(intervalMs, signal);
      await lookOnce(deps).catch((err: unknown) => log.warn({ err: messageOf(err) }, "pods' use of the disk not looked at"));
    });
  return { name: "storage-eviction", run };
}

/** One look at the pods that have limits. */
async function lookOnce({ pods, cache, disk, evict }: StorageEvictionDeps): Promise<void> {
  const limited = pods().filter(isLimited);
  if (limited.length === 0) return;
  const usage = await disk(limited);
  for (const pod of limited) {
    const message = overLimit(pod, await storageOf(pod, cache, usage));
    if (message !== undefined) evict(uidOf(pod), message);
  }
}

async function storageOf(pod: Pod, cache: RuntimeCache, { pods, writable }: DiskUsage): Promise<LocalStorage> {
  const runtime = await cache.get(uidOf(pod));
  const own = pods.get(uidOf(pod));
  const held = (name: string): number => (writable.get(instanceOf(runtime, name)?.id ?? "")?.bytes ?? 0) + (own?.logs.get(name)?.bytes ?? 0);
  return {
    volumes: new Map(own?.volumes.filter(({ ephemeral }) => ephemeral).map(({ name, size }) => [name, size.bytes])),
    containers: new Map(containersOf(pod).map(({ container: { name } }) => [name, held(name)])),
    files: own?.files.bytes ?? 0,
  };
}
