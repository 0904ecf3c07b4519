import type { Event } from "#api/gen/core-v1.ts";
import type { Clock } from "#base/clock.ts";
import { LruMap } from "./lru-map.ts";

/** Upstream: client-go/tools/record/events_cache.go */
const cacheSize = 4096;
const similarLimit = 10;
const similarWindowMs = 600_000;
const spamBurst = 25;
const spamRefillMs = 300_000;

/** What to do with an event: write it anew, count up the one written before, or nothing (a flood). */
export type Correlated =
  | { readonly action: "create"; readonly event: Event }
  | { readonly action: "count"; readonly event: Event; readonly name: string; readonly namespace: string }
  | { readonly action: "drop" };

interface Observed { readonly name: string; readonly namespace: string; readonly count: number; readonly firstTimestamp: string | undefined }

/** Finds events that repeat or resemble each other. It remembers 4,096 of each sort, the longest unused forgotten first. */
export class EventCorrelator {
  readonly #clock: Clock;
  readonly #similar = new LruMap<string, { messages: Set<string>; last: number }>(cacheSize);
  readonly #written = new LruMap<string, Observed>(cacheSize);
  readonly #spam = new LruMap<string, { tokens: number; at: number }>(cacheSize);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param event as it would be written if it were the only one: count 1 */
  correlate(event: Event): Correlated {
    const { event: known, key } = this.#aggregate(event);
    const before = this.#written.get(key);
    const counted = before === undefined ? known : { ...known, count: before.count + 1, firstTimestamp: before.firstTimestamp ?? known.firstTimestamp ?? "" };
    this.#written.set(key, { name: before?.name ?? known.metadata.name, namespace: known.metadata.namespace ?? "", count: counted.count ?? 1, firstTimestamp: counted.firstTimestamp });
    if (this.#isSpam(event)) return { action: "drop" };
    return before === undefined ? { action: "create", event: counted } : { action: "count", event: counted, name: before.name, namespace: before.namespace };
  }

  /** Many messages of one reason become one event that counts them. */
  #aggregate(event: Event): { readonly event: Event; readonly key: string } {
    const now = this.#clock.now();
    const group = groupKey(event);
    const record = this.#similar.get(group);
    const fresh = record !== undefined && now - record.last <= similarWindowMs;
    const messages = fresh ? record.messages : new Set<string>();
    messages.add(event.message ?? "");
    this.#similar.set(group, { messages, last: now });
    if (messages.size < similarLimit) return { event, key: `${group}\0${event.involvedObject.fieldPath ?? ""}\0${event.message ?? ""}` };
    for (const message of messages) {
      if (messages.size <= similarLimit) break;
      messages.delete(message);
    }
    return { event: { ...event, message: `(combined from similar events): ${event.message ?? ""}` }, key: group };
  }

  /** A bucket of 25 per object, one more every five minutes. */
  #isSpam(event: Event): boolean {
    const now = this.#clock.now();
    const key = objectKey(event);
    const bucket = this.#spam.get(key) ?? { tokens: spamBurst, at: now };
    const tokens = Math.min(spamBurst, bucket.tokens + (now - bucket.at) / spamRefillMs);
    this.#spam.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now });
    return tokens < 1;
  }
}

const objectKey = ({ source, involvedObject: about }: Event): string =>
  [source?.component, source?.host, about.kind, about.namespace, about.name, about.uid, about.apiVersion].join("\0");

const groupKey = (event: Event): string => [objectKey(event), event.type, event.reason, event.reportingComponent, event.reportingInstance].join("\0");
