/** When something runs short. Upstream: pkg/kubelet/eviction/helpers.go ParseThresholdConfig, thresholdsMet */
import { Quantity } from "#apimachinery/quantity.ts";
import { parseDuration } from "#apimachinery/go-duration.ts";
import type { KubeletSettings } from "../settings/settings.ts";
import type { Observation, Observations, Signal } from "./signals.ts";

/** So much, or this share of all there is. */
export type Amount = { readonly whole: number } | { readonly share: number };

/** Passed when less than `least` is left. */
export interface Threshold {
  readonly signal: Signal;
  readonly least: Amount;
  /** It must be passed for so long; 0 for a hard one. */
  readonly graceMs: number;
  /** Once passed, so much more than `least` must be left again. */
  readonly reclaim?: Amount;
}

export type ThresholdSettings = Pick<KubeletSettings, "evictionHard" | "evictionSoft" | "evictionSoftGracePeriod" | "evictionMinimumReclaim" | "enforceNodeAllocatable">;

/** Settings that were found valid, as thresholds; those of nothing at all are left out. */
export function thresholdsOf(settings: ThresholdSettings): Threshold[] {
  const { evictionHard, evictionSoft, evictionSoftGracePeriod, evictionMinimumReclaim, enforceNodeAllocatable } = settings;
  const threshold = ([signal, text]: [string, string], graceMs: number): Threshold => {
    const reclaim = evictionMinimumReclaim[signal];
    return { signal: signal as Signal, least: amountOf(text), graceMs, ...(reclaim !== undefined && { reclaim: amountOf(reclaim) }) };
  };
  const hard = Object.entries(evictionHard).map((entry) => threshold(entry, 0));
  const soft = Object.entries(evictionSoft).map((entry) => threshold(entry, parseDuration(evictionSoftGracePeriod[entry[0]] ?? "0s") ?? 0));
  const ofPods = enforceNodeAllocatable.includes("pods") ? hard.filter(({ signal }) => signal === "memory.available") : [];
  const all = [...hard, ...soft, ...ofPods.map((t): Threshold => ({ ...t, signal: "allocatableMemory.available" }))];
  return all.filter(({ least }) => ("share" in least ? least.share : least.whole) > 0);
}

/** Those that are passed, in the order given. @param withReclaim true: as much as must be reclaimed counts, too */
export function passed(thresholds: readonly Threshold[], observations: Observations, withReclaim: boolean): Threshold[] {
  return thresholds.filter(({ signal, least, reclaim }) => {
    const seen = observations.get(signal);
    if (seen === undefined) return false;
    const more = withReclaim && reclaim !== undefined ? quantityOf(reclaim, seen) : 0;
    return quantityOf(least, seen) + more > seen.available;
  });
}

/** An amount as bytes, inodes or processes; shares are single precision, as upstream keeps them. */
export const quantityOf = (amount: Amount, { capacity }: Observation): number =>
  "whole" in amount ? amount.whole : Math.trunc(capacity * amount.share);

/** @param text `100Mi` or `10%` */
export function amountOf(text: string): Amount {
  if (text.endsWith("%")) return { share: Math.fround(Math.fround(Number(text.slice(0, -1))) / 100) };
  return { whole: Quantity.parse(text).value };
}
