/** How quickly an autoscaler may move: windows, policies, least and most. Pure. Upstream: pkg/controller/podautoscaler/horizontal.go */
import type { HorizontalPodAutoscaler, HPAScalingPolicy, HPAScalingRules } from "#api/gen/autoscaling-v2.ts";
import { defaultAutoscaling, type AutoscalerSettings } from "./settings.ts";

/** What an autoscaler remembers between two looks; it ends with the process. Times in ms. */
export interface History {
  readonly recommendations: readonly { readonly replicas: number; readonly at: number }[];
  readonly ups: readonly Change[];
  readonly downs: readonly Change[];
}
export interface Change { readonly by: number; readonly at: number }
export interface Verdict { readonly replicas: number; readonly reason: string; readonly message: string }

/** Whose number of replicas is now this, and is to be that. */
export interface Move { readonly current: number; readonly wanted: number; readonly least: number; readonly most: number; readonly now: number }

type Windows = Pick<AutoscalerSettings, "downWindowMs">;
type Behavior = HorizontalPodAutoscaler["spec"]["behavior"];

/** An autoscaler that was just met: that there are so many is all that it knows. Upstream: recordInitialRecommendation */
export const firstHistory = (replicas: number, now: number): History => ({ recommendations: [{ replicas, at: now }], ups: [], downs: [] });

/** What was asked for lately holds it back: the least of the up window, the most of the down window. */
export function stabilized({ current, wanted, now }: Move, behavior: Behavior, { recommendations }: History, settings: Windows = defaultAutoscaling): Verdict {
  const windowMs = windowsOf(behavior, settings);
  const since = (ms: number): number[] => recommendations.filter(({ at }) => at > now - ms).map(({ replicas }) => replicas);
  const up = Math.min(wanted, ...since(windowMs.up));
  const down = Math.max(wanted, ...since(windowMs.down));
  const replicas = behavior === undefined ? down : Math.min(Math.max(current, up), down);
  if (replicas === wanted) return { replicas, reason: "ReadyForNewScale", message: "recommended size matches current size" };
  return behavior !== undefined && wanted >= current
    ? { replicas, reason: "ScaleUpStabilized", message: "recent recommendations were lower than current one, applying the lowest recent recommendation" }
    : { replicas, reason: "ScaleDownStabilized", message: "recent recommendations were higher than current one, applying the highest recent recommendation" };
}

const inRange = { reason: "DesiredWithinRange", message: "the desired count is within the acceptable range" };
const tooFew = { reason: "TooFewReplicas", message: "the desired replica count is less than the minimum replica count" };
const tooMany = { reason: "TooManyReplicas", message: "the desired replica count is more than the maximum replica count" };
const tooFast = { reason: "ScaleUpLimit", message: "the desired replica count is increasing faster than the maximum scale rate" };
const tooFastDown = { reason: "ScaleDownLimit", message: "the desired replica count is decreasing faster than the maximum scale rate" };

/** Within least and most, and no faster than the policies allow. */
export const limited = (move: Move, behavior: Behavior, history: History): Verdict => (behavior === undefined ? limitedByDefault(move) : limitedByRules(move, behavior, history));

/** Upstream: convertDesiredReplicasWithRules, calculateScaleUpLimit */
function limitedByDefault({ current, wanted, least, most }: Move): Verdict {
  const fastest = Math.max(2 * current, 4);
  const [limit, why] = most > fastest ? [fastest, tooFast] : [most, tooMany];
  if (wanted < least) return { replicas: least, ...tooFew };
  return wanted > limit ? { replicas: limit, ...why } : { replicas: wanted, ...inRange };
}

/** Upstream: convertDesiredReplicasWithBehaviorRate */
function limitedByRules(move: Move, behavior: NonNullable<Behavior>, history: History): Verdict {
  const { current, wanted, least, most } = move;
  if (wanted > current) {
    const fastest = Math.max(current, upLimit(move, behavior.scaleUp ?? {}, history));
    const [limit, why] = most > fastest ? [fastest, tooFast] : [most, tooMany];
    if (wanted > limit) return { replicas: limit, ...why };
  } else if (wanted < current) {
    const fastest = Math.min(current, downLimit(move, behavior.scaleDown ?? {}, history));
    const [limit, why] = least < fastest ? [fastest, tooFastDown] : [least, tooFew];
    if (wanted < limit) return { replicas: limit, ...why };
  }
  return { replicas: wanted, ...inRange };
}

/** As many as there were when the policy's period began, and what it lets be added. */
function upLimit({ current, now }: Move, { selectPolicy, policies = [] }: HPAScalingRules, history: History): number {
  if (selectPolicy === "Disabled") return current;
  const limits = policies.map(({ type, value, periodSeconds }) => {
    const before = replicasBefore(periodSeconds, current, history, now);
    return type === "Pods" ? before + value : Math.ceil(before * (1 + value / 100));
  });
  return selectPolicy === "Min" ? Math.min(...limits) : Math.max(...limits);
}

function downLimit({ current, now }: Move, { selectPolicy, policies = [] }: HPAScalingRules, history: History): number {
  if (selectPolicy === "Disabled") return current;
  const limits = policies.map(({ type, value, periodSeconds }) => {
    const before = replicasBefore(periodSeconds, current, history, now);
    return type === "Pods" ? before - value : Math.trunc(before * (1 - value / 100));
  });
  return selectPolicy === "Min" ? Math.max(...limits) : Math.min(...limits);
}

function replicasBefore(periodSeconds: number, current: number, { ups, downs }: History, now: number): number {
  const changed = (changes: readonly Change[]): number => changes.filter(({ at }) => at > now - periodSeconds * 1000).reduce((sum, { by }) => sum + by, 0);
  return current - changed(ups) + changed(downs);
}

/** The history with what was wanted now; what no window reaches is forgotten. */
export function recommended(history: History, replicas: number, behavior: Behavior, now: number, settings: Windows = defaultAutoscaling): History {
  const { up, down } = windowsOf(behavior, settings);
  return { ...history, recommendations: [...history.recommendations.filter(({ at }) => at >= now - Math.max(up, down)), { replicas, at: now }] };
}

/** The history with a change of the number of replicas; only policies ask for it. Upstream: storeScaleEvent */
export function changed(history: History, from: number, to: number, behavior: Behavior, now: number): History {
  if (behavior === undefined) return history;
  const kept = (changes: readonly Change[], rules: HPAScalingRules | undefined): readonly Change[] => changes.filter(({ at }) => at >= now - longest(rules?.policies ?? []) * 1000);
  const [ups, downs] = [kept(history.ups, behavior.scaleUp), kept(history.downs, behavior.scaleDown)];
  return to > from ? { ...history, ups: [...ups, { by: to - from, at: now }], downs } : { ...history, ups, downs: [...downs, { by: from - to, at: now }] };
}

const longest = (policies: readonly HPAScalingPolicy[]): number => Math.max(0, ...policies.map(({ periodSeconds }) => periodSeconds));

const windowsOf = (behavior: Behavior, { downWindowMs }: Windows): { readonly up: number; readonly down: number } => ({
  up: (behavior?.scaleUp?.stabilizationWindowSeconds ?? 0) * 1000,
  down: behavior?.scaleDown?.stabilizationWindowSeconds === undefined ? downWindowMs : behavior.scaleDown.stabilizationWindowSeconds * 1000,
});
