/** What is done about one autoscaler. Pure. Upstream: pkg/controller/podautoscaler/horizontal.go reconcileAutoscaler */
import { setCondition } from "#api/conditions.ts";
import type { Scale } from "#api/gen/autoscaling-v1.ts";
import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerCondition, HorizontalPodAutoscalerStatus, MetricStatus } from "#api/gen/autoscaling-v2.ts";
import { timestamp } from "#apimachinery/time.ts";
import type { Told } from "../told.ts";
import type { Computed } from "./compute.ts";
import { changed, limited, recommended, stabilized, type History, type Verdict } from "./limits.ts";
import { defaultAutoscaling, type AutoscalerSettings } from "./settings.ts";

export interface Plan {
  readonly history: History;
  readonly events: readonly Told[];
  /** What is to be when `rescale` is absent or done. */
  readonly status: HorizontalPodAutoscalerStatus;
  readonly rescale?: {
    readonly replicas: number;
    readonly reason: string;
    /** What is to be when the scale could not be written. */
    readonly failed: (why: string) => HorizontalPodAutoscalerStatus;
    /** The history when it was. */
    readonly history: History;
  };
}

export interface State {
  readonly hpa: HorizontalPodAutoscaler;
  readonly scale: Scale;
  readonly history: History;
  readonly now: number;
  readonly settings?: AutoscalerSettings;
}

const leastOf = ({ spec }: HorizontalPodAutoscaler): number => spec.minReplicas ?? 1;
const replicasOf = ({ spec }: Scale): number => spec.replicas ?? 0;

/** What is done where no metric is asked: the target is switched off, or has more or fewer replicas than allowed. Undefined when the metrics decide. */
export function planOutOfBounds(state: State): Plan | undefined {
  const { hpa, scale, history, now } = state;
  const [current, least, most] = [replicasOf(scale), leastOf(hpa), hpa.spec.maxReplicas];
  const conditions = found(state);
  const to = (replicas: number, reason: string): Plan => rescaled(state, replicas, reason, { conditions, metrics: [], history, events: [] });
  if (current === 0 && least !== 0) {
    return { history, events: [], status: statusOf(hpa, 0, 0, [], condition(conditions, now, "ScalingActive", "False", "ScalingDisabled", "scaling is disabled since the replica count of the target is zero")) };
  }
  if (current > most) return to(most, "Current number of replicas above Spec.MaxReplicas");
  return current < least ? to(least, "Current number of replicas below Spec.MinReplicas") : undefined;
}

/** The target, or its number of replicas, could not be read. */
export const withoutScale = ({ status }: HorizontalPodAutoscaler, why: string, now: number): HorizontalPodAutoscalerStatus =>
  ({ ...status, conditions: condition(status.conditions, now, "AbleToScale", "False", "FailedGetScale", `the HPA controller was unable to get the target's current scale: ${why}`) });

type Conditions = HorizontalPodAutoscalerCondition[];
interface SoFar { readonly conditions: Conditions; readonly metrics: MetricStatus[]; readonly history: History; readonly events: readonly Told[] }

/** What is done about what the metrics ask for. */
export function planByMetrics(state: State, computed: Computed): Plan {
  const { hpa, scale, now } = state;
  const conditions = found(state);
  const current = replicasOf(scale);
  const { metrics, events } = computed;
  if (computed.replicas === undefined) {
    const { reason, message, error } = computed;
    const status = statusOf(hpa, current, hpa.status.desiredReplicas, metrics, condition(conditions, now, "ScalingActive", "False", reason, message));
    return { history: state.history, status, events: [...events, { type: "Warning", reason: "FailedComputeMetricsReplicas", message: error }] };
  }
  const active = condition(conditions, now, "ScalingActive", "True", "ValidMetricFound", `the HPA was able to successfully calculate a replica count from ${computed.metric}`);
  const reason = computed.replicas > current ? `${computed.metric} above target` : computed.replicas < current ? "All metrics below target" : "";
  const { history, conditions: told, replicas } = normalized(state, computed.replicas, active);
  const next: SoFar = { conditions: told, metrics, history, events };
  return replicas === current ? { history, events, status: statusOf(hpa, current, current, metrics, told) } : rescaled(state, replicas, reason, next);
}

/** Upstream: normalizeDesiredReplicas, normalizeDesiredReplicasWithBehaviors */
function normalized({ hpa, scale, history, now, settings = defaultAutoscaling }: State, wanted: number, conditions: Conditions): { readonly replicas: number; readonly conditions: Conditions; readonly history: History } {
  const { behavior } = hpa.spec;
  const move = { current: replicasOf(scale), wanted, least: leastOf(hpa), most: hpa.spec.maxReplicas, now };
  const stable = stabilized(move, behavior, history, settings);
  const verdict = limited({ ...move, wanted: stable.replicas }, behavior, history);
  const told = (list: Conditions, type: string, status: "True" | "False", { reason, message }: Verdict): Conditions => condition(list, now, type, status, reason, message);
  return {
    replicas: verdict.replicas, history: recommended(history, wanted, behavior, now, settings),
    conditions: told(told(conditions, "AbleToScale", "True", stable), "ScalingLimited", verdict.replicas === stable.replicas ? "False" : "True", verdict),
  };
}

function rescaled({ hpa, scale, now }: State, replicas: number, reason: string, { conditions, metrics, history, events }: SoFar): Plan {
  const current = replicasOf(scale);
  const able = (status: "True" | "False", why: string, message: string): Conditions => condition(conditions, now, "AbleToScale", status, why, message);
  return {
    history, events,
    status: { ...statusOf(hpa, current, replicas, metrics, able("True", "SucceededRescale", `the HPA controller was able to update the target scale to ${replicas}`)), lastScaleTime: timestamp(now) },
    rescale: {
      replicas, reason, history: changed(history, current, replicas, hpa.spec.behavior, now),
      failed: (why) => statusOf(hpa, current, hpa.status.desiredReplicas, metrics, able("False", "FailedUpdateScale", `the HPA controller was unable to update the target scale: ${why}`)),
    },
  };
}

const found = ({ hpa, now }: State): Conditions => condition(hpa.status.conditions, now, "AbleToScale", "True", "SucceededGetScale", "the HPA controller was able to get the target's current scale");

const condition = (conditions: readonly HorizontalPodAutoscalerCondition[] | undefined, now: number, type: string, status: "True" | "False", reason: string, message: string): Conditions =>
  setCondition(conditions, { type, status, reason, message }, now);

function statusOf({ status: { lastScaleTime } }: HorizontalPodAutoscaler, currentReplicas: number, desiredReplicas: number, currentMetrics: MetricStatus[], conditions: Conditions): HorizontalPodAutoscalerStatus {
  return { ...(lastScaleTime !== undefined && { lastScaleTime }), currentReplicas, desiredReplicas, ...(currentMetrics.length > 0 && { currentMetrics }), conditions };
}
