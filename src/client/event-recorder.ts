import type { KubeObject } from "#apimachinery/meta.ts";
import { isStatus, StatusError } from "#apimachinery/status.ts";
import type { Event } from "#api/gen/core-v1.ts";
import { events } from "#api/resources.ts";
import { timestamp } from "#apimachinery/time.ts";
import { systemClock, type Clock } from "#base/clock.ts";
import { Backoff } from "./backoff.ts";
import type { Client } from "./client.ts";
import { EventCorrelator } from "./event-correlator.ts";
import type { EventOptions, EventRecorder } from "./events.ts";

/** Events that wait to be written; those that come when it is full are dropped. Upstream: client-go/tools/record maxQueuedEvents */
const maxQueued = 1000;
/** About two minutes, as upstream's twelve tries are; but a server that starts beside its node is there after the first few. */
const maxTries = 17;
const [firstRetryMs, maxRetryMs] = [250, 10_000];

/** A recorder whose queue can be waited for. */
export interface QueuedEventRecorder extends EventRecorder {
  /** Resolves when everything recorded so far has been written or given up. */
  flush(): Promise<void>;
}

/**
 * Writes core/v1 Events in the background, in order.
 * @param component for `source.component` and `reportingComponent`, e.g. `deployment-controller`
 * @param host node name for `source.host`, where the component is a node's
 * @param signal stops the waiting between tries
 */
export function newEventRecorder(client: Client, component: string, host?: string, clock: Clock = systemClock, signal: AbortSignal = new AbortController().signal): QueuedEventRecorder {
  return new Recorder(client, { component, ...(host !== undefined && { host }) }, clock, signal);
}

class Recorder implements QueuedEventRecorder {
  readonly #client: Client;
  readonly #source: { readonly component: string; readonly host?: string };
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #correlator: EventCorrelator;
  readonly #queue: Event[] = [];
  #draining: Promise<void> | undefined;
  #serial = 0;

  constructor(client: Client, source: { readonly component: string; readonly host?: string }, clock: Clock, signal: AbortSignal) {
    this.#client = client;
    this.#source = source;
    this.#clock = clock;
    this.#signal = signal;
    this.#correlator = new EventCorrelator(clock);
  }

  event(about: KubeObject, type: "Normal" | "Warning", reason: string, message: string, options: EventOptions = {}): void {
    if (this.#queue.length >= maxQueued || this.#signal.aborted) return;
    this.#queue.push(this.#eventOf(about, type, reason, message, options));
    this.#draining ??= this.#drain();
  }

  async flush(): Promise<void> {
    await this.#draining;
  }

  async #drain(): Promise<void> {
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) await this.#record(next);
    this.#draining = undefined;
  }

  async #record(event: Event): Promise<void> {
    const correlated = this.#correlator.correlate(event);
    if (correlated.action === "drop") return;
    const waits = new Backoff(firstRetryMs, maxRetryMs);
    for (let attempt = 1; attempt <= maxTries && !this.#signal.aborted; attempt++) {
      try {
        if (correlated.action === "count" && (await this.#count(correlated.event, correlated.name, correlated.namespace))) return;
        await this.#client.resource(events).create({ ...correlated.event, ...(correlated.action === "count" && { metadata: { ...correlated.event.metadata, name: correlated.name } }) });
        return;
      } catch (err) {
        if (err instanceof StatusError || attempt === maxTries) return; // refused (a namespace that is going): this event is not worth more
        await this.#clock.sleep(waits.next(), this.#signal).catch(() => {});
      }
    }
  }

  /** False when the event that was written before has expired meanwhile. */
  async #count({ count, lastTimestamp, message }: Event, name: string, namespace: string): Promise<boolean> {
    try {
      await this.#client.resource(events).patch(name, namespace, { type: "strategic", body: { count, lastTimestamp, message } });
      return true;
    } catch (err) {
      if (isStatus(err, "NotFound")) return false;
      throw err;
    }
  }

  #eventOf({ apiVersion, kind, metadata }: KubeObject, type: string, reason: string, message: string, { fieldPath, annotations }: EventOptions): Event {
    const now = this.#clock.now();
    const at = timestamp(now);
    const namespace = metadata.namespace !== undefined && metadata.namespace !== "" ? metadata.namespace : "default";
    const { name, uid, resourceVersion } = metadata;
    return {
      kind: "Event", apiVersion: "v1",
      metadata: { name: `${name}.${this.#nanoseconds(now).toString(16)}`, namespace, ...(annotations && { annotations: { ...annotations } }) },
      involvedObject: {
        ...(kind && { kind }), ...(metadata.namespace && { namespace: metadata.namespace }), name, ...(uid && { uid }), ...(apiVersion && { apiVersion }),
        ...(resourceVersion && { resourceVersion }), ...(fieldPath && { fieldPath }),
      },
      reason, message, source: this.#source, firstTimestamp: at, lastTimestamp: at, count: 1, type,
      reportingComponent: this.#source.component, reportingInstance: this.#source.host ?? "",
    };
  }

  /** Distinct within one millisecond, so that names do not collide. */
  #nanoseconds(now: number): bigint {
    this.#serial = (this.#serial + 1) % 1_000_000;
    return BigInt(Math.trunc(now)) * 1_000_000n + BigInt(this.#serial);
  }
}
