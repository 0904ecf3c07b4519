import type { Clock } from "#base/clock.ts";
import { loop, type Component } from "#base/component.ts";
import type { Logger } from "#base/log.ts";
import type { Runtime } from "#cri/runtime.ts";
import { containerState, sandboxState } from "#cri/states.ts";
import type { ContainerState, PodSandboxState } from "#cri/gen/cri-v1.ts";
import { labelNames } from "../names.ts";
import type { KubeletMetrics } from "../metrics.ts";
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
        const { owners } = this.#cache;
        const uid = owners.of(id);
        const stands = type === "created" || type === "started";
        if (stands && (this.#cache.knows(id) || (uid === undefined && owners.areMaking))) continue; // our own doing: its answer says more
        if (uid === undefined && type === "deleted") continue;
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
    const stop = this.#cache.owners.stopOf(id);
    await stop?.catch(() => {});
    for (const ms of stop === undefined && !this.#cache.isSandbox(id) ? bookedMs : []) {
      const answer = await this.#runtime.containerStatus({ containerId: id }, { signal }).catch(() => undefined);
      if (answer?.status?.state !== "CONTAINER_RUNNING") break; // or it is a sandbox after all: those are booked before they are told
      await this.#clock.sleep(ms, signal).catch(() => {});
    }
    this.#tell(uid);
  }

  async #relist(): Promise<void> {
    const known = this.#cache.owners.ids();
    const [sandboxes, containers] = await Promise.all([this.#runtime.listPodSandbox({}), this.#runtime.listContainers({})]);
    this.#healthyAt = this.#clock.now();
    const now = new Map<string, string[]>();
    const [news, later] = [new Set<string>(), new Set<string>()];
    const owners = new Map<string, string>();
    const note = (id: string, uid: string | undefined, state: PodSandboxState | ContainerState): void => {
      if (uid === undefined) return; // not a pod of ours
      owners.set(id, uid);
      if (!this.#cache.agrees(id, state)) (this.#cache.owners.isMakingFor(uid) ? later : news).add(uid);
      now.set(uid, [...(now.get(uid) ?? []), `${id}=${state}`]);
    };
    for (const s of sandboxes.items ?? []) note(s.id ?? "", s.labels?.[labelNames.podUid], sandboxState(s));
    for (const c of containers.containers ?? []) note(c.id ?? "", c.labels?.[labelNames.podUid], containerState(c));
    this.#cache.owners.listed(owners, known);
    this.#cache.prune(this.#cache.owners.ids());
    const seen = new Map([...now].map(([uid, entries]) => [uid, entries.sort().join(" ")]));
    const before = this.#seen;
    for (const uid of later) seen.set(uid, before.get(uid) ?? ""); // looked at again when nothing is being made of it
    this.#seen = seen;
    for (const uid of new Set([...seen.keys(), ...before.keys()])) if (seen.get(uid) !== before.get(uid) && (news.has(uid) || lost(before.get(uid), seen.get(uid)))) this.#tell(uid);
  }

  #tell(uid: string): void {
    this.#cache.invalidate(uid);
    this.#changed(uid);
  }
}

/** True when something is not there any more. */
const lost = (before: string | undefined, now: string | undefined): boolean => {
  const idsOf = (entries: string | undefined): string[] => (entries ?? "").split(" ").map((entry) => entry.slice(0, entry.indexOf("=")));
  const left = new Set(idsOf(now));
  return idsOf(before).some((id) => id !== "" && !left.has(id));
};
