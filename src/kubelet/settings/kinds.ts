import { Quantity } from "#apimachinery/quantity.ts";
import { parseDuration } from "#apimachinery/go-duration.ts";
import type { KubeletSettings, ShutdownPeriod } from "./settings.ts";

/** What may stand in a setting, and how a flag says it. */
export interface Kind {
  /** Completes "must be …". */
  readonly words: string;
  fits(value: unknown): boolean;
  /** Undefined for what cannot be meant. */
  fromFlag(text: string): unknown;
}

const duration: Kind = { words: "a duration like 1m30s", fits: (value) => typeof value === "string" && (parseDuration(value) ?? -1) >= 0, fromFlag: (text) => text };
const truth: Kind = { words: "true or false", fits: (value) => typeof value === "boolean", fromFlag: (text) => ({ true: true, false: false })[text] };
const names: Kind = { words: "a list of names", fits: (value) => Array.isArray(value) && value.every((v) => typeof v === "string"), fromFlag: (text) => text.split(",").filter((part) => part !== "") };
const path: Kind = { words: "an absolute path", fits: (value) => typeof value === "string" && (value === "" || value.startsWith("/")), fromFlag: (text) => text };
const amount: Kind = { words: "an amount like 10Mi", fits: (value) => typeof value === "string" && isQuantity(value), fromFlag: (text) => text };

const whole = (from: number, to: number = 2 ** 31): Kind => ({
  words: to < 2 ** 31 ? `a whole number from ${from} to ${to}` : `a whole number of at least ${from}`,
  fits: (value) => Number.isInteger(value) && Number(value) >= from && Number(value) <= to,
  fromFlag: (text) => (text === "" ? undefined : Number(text)),
});

const pairs = (words: string, isValue: (text: string) => boolean, sign: "=" | "<"): Kind => ({
  words,
  fits: (value) => typeof value === "object" && value !== null && !Array.isArray(value) && Object.values(value).every((v) => typeof v === "string" && isValue(v)),
  fromFlag(text) {
    const split = text.split(",").filter((part) => part !== "").map((part) => part.split(sign).map((word) => word.trim()));
    return split.every((pair) => pair.length === 2) ? Object.fromEntries(split) : undefined;
  },
});
const amounts = pairs("amounts by resource, like cpu=100m,memory=1Gi", isQuantity, "=");
const durations = pairs("durations by signal, like memory.available=1m30s", (text) => duration.fits(text), "=");
const thresholds = pairs("amounts or percentages by signal, like memory.available<100Mi,nodefs.available<10%", isAmountOrShare, "<");
const reclaims = pairs("amounts or percentages by signal, like imagefs.available=2Gi", isAmountOrShare, "=");

const shutdownPeriods: Kind = {
  words: "a list of priority and shutdownGracePeriodSeconds",
  fits: (value) => Array.isArray(value) && value.every(({ priority, shutdownGracePeriodSeconds }: ShutdownPeriod) => Number.isInteger(priority) && whole(0).fits(shutdownGracePeriodSeconds)),
  fromFlag: () => undefined,
};

const crashLoopBackOff: Kind = {
  words: "a map with maxContainerRestartPeriod, a duration",
  fits: (value) => typeof value === "object" && value !== null && Object.keys(value).join() === "maxContainerRestartPeriod" && duration.fits(Object.values(value)[0]),
  fromFlag: () => undefined,
};

export const kinds: Readonly<Record<keyof KubeletSettings, Kind>> = {
  staticPodPath: path,
  maxPods: whole(0),
  podPidsLimit: whole(-1),
  kubeReserved: amounts,
  systemReserved: amounts,
  enforceNodeAllocatable: names,
  evictionHard: thresholds,
  evictionSoft: thresholds,
  evictionSoftGracePeriod: durations,
  evictionMinimumReclaim: reclaims,
  evictionPressureTransitionPeriod: duration,
  evictionMaxPodGracePeriod: whole(0),
  mergeDefaultEvictionSettings: truth,
  imageGCHighThresholdPercent: whole(0, 100),
  imageGCLowThresholdPercent: whole(0, 100),
  imageMinimumGCAge: duration,
  imageMaximumGCAge: duration,
  containerLogMaxSize: amount,
  containerLogMaxFiles: whole(2),
  containerLogMonitorInterval: duration,
  shutdownGracePeriod: duration,
  shutdownGracePeriodCriticalPods: duration,
  shutdownGracePeriodByPodPriority: shutdownPeriods,
  crashLoopBackOff,
  enableSystemLogHandler: truth,
};

export const kindOf = (field: string): Kind | undefined => (Object.hasOwn(kinds, field) ? kinds[field as keyof KubeletSettings] : undefined);

/** `10%`, `2.5%`: up to a hundred. */
function isAmountOrShare(text: string): boolean {
  const share = /^(\d+(?:\.\d+)?)%$/.exec(text);
  return share === null ? isQuantity(text) : Number(share[1]) <= 100;
}

function isQuantity(text: string): boolean {
  try {
    return Quantity.parse(text).sign >= 0;
  } catch {
    return false;
  }
}
