import type { Pod, Service } from "#api/gen/core-v1.ts";
import { getCondition } from "#api/pod.ts";
import { keyOf } from "#apimachinery/meta.ts";
import { timestamp } from "#apimachinery/time.ts";
import { millis } from "./time.ts";

interface Seen { readonly pods: ReadonlyMap<string, number>; readonly service: number }

/**
 * When the change happened that a Service's endpoints follow, so that others can measure the delay: the earliest
 * of those not seen yet. Upstream: endpointslice/util TriggerTimeTracker
 */
export class TriggerTimes {
  readonly #seen = new Map<string, Seen>();

  /** RFC 3339; undefined when nothing new has happened. */
  next(service: Service, pods: readonly Pod[]): string | undefined {
    const key = keyOf(service);
    const before = this.#seen.get(key);
    const created = millis(service.metadata.creationTimestamp);
    const times = new Map(pods.map((pod) => [pod.metadata.name, millis(getCondition(pod.status.conditions, "Ready")?.lastTransitionTime)]));
    this.#seen.set(key, { pods: times, service: created });
    if (before === undefined) return created === 0 ? undefined : timestamp(created);
    const fresh = [...times].filter(([name, time]) => time > (before.pods.get(name) ?? 0)).map(([, time]) => time);
    if (created > before.service) fresh.push(created);
    return fresh.length === 0 ? undefined : timestamp(Math.min(...fresh));
  }

  forget(key: string): void {
    this.#seen.delete(key);
  }
}
