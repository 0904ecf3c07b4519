import type { Clock } from "#base/clock.ts";
import { loop, type Component } from "#base/component.ts";
import type { Logger } from "#base/log.ts";
import type { Runtime } from "#cri/runtime.ts";
import { containerState, sandboxState } from "#cri/states.ts";
import { labelNames } from "./names.ts";
import type { KubeletMetrics } from "./metrics.ts";
import type { RuntimeCache } from "./runtime-cache.ts";

const relistMs = 30_000;
/** After an event about something unknown: soon, but not once per event. */
const soonMs = 20;
const reconnectMs = 500;
const bookedMs = [2, 5, 10, 20, 50, 100, 200, 500, 1_000];

/**
 * Says which pods have something new in the runtime: from the runtime's events, with a slow relist as the net under them.
 * Upstream: pkg/kubelet/pleg (generic and evented)
 */
export class Pleg implements Component {
  readonly name = "pleg";
  readonly #runtime: Runtime;
  readonly #cache: RuntimeCache;
  readonly #metrics: KubeletMetrics;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #changed: (uid: string) => void;
  /** The pod of every container and sandbox that was seen. */
  readonly #owners = new Map<string, string>();
  /** What the last relist saw of a pod. */
  #seen = new Map<string, string>();
  #relisting: Promise<void> | undefined;
  #healthyAt = 0;

  /** @param changed called with the pod's uid, after what the cache knew of it was dropped */
  constructor(deps: {
    readonly runtime: Runtime;
    readonly cache: RuntimeCache;
    readonly metrics: KubeletMetrics;
    readonly clock: Clock;
    readonly log: Logger;
    readonly changed: (uid: string) => void;
  }) {
    this.#runtime = deps.runtime;
    this.#cache = deps.cache;
    this.#metrics = deps.metrics;
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#changed = deps.changed;
  }

  /** When the runtime last answered, in milliseconds since 1970; 0 when it never did. */
  get healthyAt(): number {
    return this.#healthyAt;
  }
  /** The pods that the runtime had something of at the last relist. */
  get pods(): readonly string[] {
    return [...this.#seen.keys()];
  }
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([
      loop(signal, async () => {
        await this.#follow(signal);
        await this.#clock.sleep(reconnectMs, signal);
      }),
      loop(signal, async () => {
        await this.relist().catch((err: unknown) => this.#log.warn({ err: String(err) }, "runtime does not list its containers"));
        await this.#clock.sleep(relistMs, signal);
      }),
    ]);
  }

  /** Compares all that the runtime has with what was seen before. Rejects with `RuntimeError`. */
  relist(): Promise<void> {
    return (this.#relisting ??= this.#metrics.relist(() => this.#relist()).finally(() => {
      this.#relisting = undefined;
    }));
  }

  async #follow(signal: AbortSignal): Promise<void> {
    try {
      this.relist().catch(() => {}); // what happened while nobody listened
      for await (const { id, type } of this.#runtime.events(signal)) {
        const uid = this.#owners.get(id);
        if (uid !== undefined && type === "exited") void this.#tellWhenBooked(id, uid, signal);
        else if (uid !== undefined) this.#tell(uid);
        else
          void this.#clock
            .sleep(soonMs, signal)
            .then(() => this.relist())
            .catch(() => {});
      }
    } catch (err) {
      this.#log.warn({ err: String(err) }, "runtime's event stream broke");
    }
  }

  /** containerd's own exit event runs ahead of what its CRI part answers: for some milliseconds the container still counts as running. */
  async #tellWhenBooked(id: string, uid: string, signal: AbortSignal): Promise<void> {
    for (const ms of bookedMs) {
      const answer = await this.#runtime.containerStatus({ containerId: id }, { signal }).catch(() => undefined);
      if (answer?.status?.state !== "CONTAINER_RUNNING") break; // or it is a sandbox: those are booked before they are told
      await this.#clock.sleep(ms, signal).catch(() => {});
    }
    this.#tell(uid);
  }

  async #relist(): Promise<void> {
    const [sandboxes, containers] = await Promise.all([this.#runtime.listPodSandbox({}), this.#runtime.listContainers({})]);
    this.#healthyAt = this.#clock.now();
    const now = new Map<string, string[]>();
    const note = (id: string, uid: string | undefined, state: string): void => {
      if (uid === undefined) return; // not a pod of ours
      this.#owners.set(id, uid);
      now.set(uid, [...(now.get(uid) ?? []), `${id}=${state}`]);
    };
    for (const s of sandboxes.items ?? []) note(s.id ?? "", s.labels?.[labelNames.podUid], sandboxState(s));
    for (const c of containers.containers ?? []) note(c.id ?? "", c.labels?.[labelNames.podUid], containerState(c));
    const ids = new Set([...now.values()].flat().map((entry) => entry.slice(0, entry.indexOf("="))));
    for (const id of this.#owners.keys()) if (!ids.has(id)) this.#owners.delete(id);
    this.#cache.prune(ids);
    const seen = new Map([...now].map(([uid, entries]) => [uid, entries.sort().join(" ")]));
    const before = this.#seen;
    this.#seen = seen;
    for (const uid of new Set([...seen.keys(), ...before.keys()])) if (seen.get(uid) !== before.get(uid)) this.#tell(uid);
  }

  #tell(uid: string): void {
    this.#cache.invalidate(uid);
    this.#changed(uid);
  }
}
