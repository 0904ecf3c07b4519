/** Keeps the node itself from running short: tells it in its conditions, reclaims what nobody uses, and evicts pods, one at a time. Upstream: pkg/kubelet/eviction/eviction_manager.go */
import type { Pod } from "#api/gen/core-v1.ts";
import { parseDuration } from "#apimachinery/go-duration.ts";
import type { Clock } from "#base/clock.ts";
import { loop, type Component } from "#base/component.ts";
import { messageOf } from "#base/error-message.ts";
import type { Logger } from "#base/log.ts";
import { formatPod, uidOf } from "../names.ts";
import { graceOf } from "../containers/container-killer.ts";
import { isCritical } from "../resources/resources.ts";
import type { KubeletSettings } from "../settings/settings.ts";
import { evictionWords, type EvictionWords } from "./messages.ts";
import { conditionsAt, mostUrgent, nextPressure, noPressure, type PressureState } from "./pressure.ts";
import { ranked } from "./ranking.ts";
import { meanings, type Observations, type PressureCondition, type Signal } from "./signals.ts";
import type { EvictionSource } from "./source.ts";
import { passed, thresholdsOf, type Threshold } from "./thresholds.ts";

const intervalMs = 10_000;
/** An evicted pod has this long to go before the next look. */
const cleanupMs = 30_000;
const cleanupPollMs = 1_000;
/** The runtime gives back the room of what was removed a moment later: so often it is looked for before somebody must go. */
const givenBackLooks = 5;
const givenBackPollMs = 1_000;

export interface EvictionDeps {
  readonly settings: KubeletSettings;
  readonly source: EvictionSource;
  /** Those that take of the node's resources. */
  readonly pods: () => readonly Pod[];
  /** True when nothing of the pod runs or is mounted any more. */
  readonly isGone: (uid: string) => boolean;
  readonly evict: (uid: string, words: EvictionWords, graceSeconds: number) => void;
  /** Removes what nobody uses: dead containers, then images. True when containers were removed. */
  readonly reclaimDisk: () => Promise<boolean>;
  /** The node's conditions are others now. */
  readonly changed: () => void;
  /** An event about the node. */
  readonly say: (reason: string, message: string) => void;
  readonly evicted: (signal: Signal) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

export class EvictionManager implements Component {
  readonly name = "eviction";
  readonly #deps: EvictionDeps;
  readonly #thresholds: readonly Threshold[];
  readonly #transitionMs: number;
  #state: PressureState = noPressure;
  #conditions: readonly PressureCondition[] = [];

  constructor(deps: EvictionDeps) {
    this.#deps = deps;
    this.#thresholds = thresholdsOf(deps.settings);
    this.#transitionMs = parseDuration(deps.settings.evictionPressureTransitionPeriod) ?? 0;
  }

  /** What the node runs short of, as of the last look. */
  get conditions(): readonly PressureCondition[] {
    return this.#conditions;
  }

  run = (signal: AbortSignal): Promise<void> =>
    loop(signal, async () => {
      const evicted = await this.lookOnce(signal).catch((err: unknown) => {
        this.#deps.log.warn({ err: messageOf(err) }, "not looked whether the node runs short");
        return undefined;
      });
      if (evicted === undefined) await this.#deps.clock.sleep(intervalMs, signal);
      else await this.#awaitGone(uidOf(evicted), signal);
    });

  /** One look; returns the pod that was evicted. */
  async lookOnce(signal: AbortSignal): Promise<Pod | undefined> {
    if (this.#thresholds.length === 0) return undefined;
    const observations = await this.#deps.source.observe();
    const now = this.#deps.clock.now();
    this.#state = nextPressure(this.#state, this.#thresholds, observations, now);
    this.#setConditions(conditionsAt(this.#state, this.#transitionMs, now));
    const threshold = mostUrgent(this.#state.due);
    return threshold && this.#relieve(threshold, observations, signal);
  }

  async #relieve(threshold: Threshold, observations: Observations, signal: AbortSignal): Promise<Pod | undefined> {
    const { resource } = meanings[threshold.signal];
    this.#deps.log.warn({ resource, signal: threshold.signal }, "the node runs short");
    this.#deps.say("EvictionThresholdMet", `Attempting to reclaim ${resource}`);
    if (await this.#reclaimed(threshold.signal, signal)) return undefined;
    return this.#evictOne(threshold, observations);
  }

  /** True when enough is left again without anybody having to go. */
  async #reclaimed(of: Signal, signal: AbortSignal): Promise<boolean> {
    const { reclaimDisk, source, clock, log } = this.#deps;
    if (meanings[of].condition !== "DiskPressure") return false;
    if (of.startsWith("nodefs") && (await source.imagesApart())) return false; // images are elsewhere
    const removed = await reclaimDisk().catch((err: unknown) => { log.warn({ err: messageOf(err) }, "what nobody uses could not be removed"); });
    for (let looks = removed === true ? givenBackLooks : 0; ; looks--) {
      if (passed(this.#thresholds, await source.observe(), true).length === 0) return true;
      if (looks === 0) return false;
      await clock.sleep(givenBackPollMs, signal);
    }
  }

  async #evictOne(threshold: Threshold, observations: Observations): Promise<Pod | undefined> {
    const { pods, source, evict, evicted, log, settings } = this.#deps;
    const { resource } = meanings[threshold.signal];
    const candidates = pods();
    const uses = await source.uses(candidates);
    const pod = ranked(candidates, threshold.signal, uses, await source.imagesApart()).find((p) => !isCritical(p) && !this.#deps.isGone(uidOf(p)));
    if (pod === undefined) return undefined;
    const words = evictionWords(resource, pod, this.#state.due, observations, uses.get(uidOf(pod)));
    log.warn({ pod: formatPod(pod), message: words.message }, "pod evicted");
    evict(uidOf(pod), words, threshold.graceMs === 0 ? 0 : Math.min(settings.evictionMaxPodGracePeriod, graceOf(pod)));
    evicted(threshold.signal);
    return pod;
  }

  #setConditions(conditions: readonly PressureCondition[]): void {
    if (conditions.join() === this.#conditions.join()) return;
    this.#conditions = conditions;
    this.#deps.changed();
  }

  async #awaitGone(uid: string, signal: AbortSignal): Promise<void> {
    const { clock, isGone } = this.#deps;
    const until = clock.now() + cleanupMs;
    while (!isGone(uid) && clock.now() < until) await clock.sleep(cleanupPollMs, signal);
  }
}
