import assert from "node:assert/strict";
import { test } from "node:test";
import type { Scale } from "#api/gen/autoscaling-v1.ts";
import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerSpec, HorizontalPodAutoscalerStatus, MetricSpec } from "#api/gen/autoscaling-v2.ts";
import type { Pod } from "#api/gen/core-v1.ts";
import { compute } from "./compute.ts";
import { firstHistory } from "./limits.ts";
import { planByMetrics, planOutOfBounds, withoutScale, type Plan } from "./plan.ts";
import type { Reading } from "./proposal.ts";
import { defaultAutoscaling, type AutoscalerSettings } from "./settings.ts";

const now = Date.parse("2026-01-01T01:00:00Z");
const scaleTargetRef = { apiVersion: "apps/v1", kind: "Deployment", name: "web" };
const cpu = (averageUtilization = 50): MetricSpec => ({ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization } } });
const queue = (target: object = { type: "AverageValue", averageValue: "30" }): MetricSpec => ({ type: "External", external: { metric: { name: "queue", selector: { matchLabels: { app: "web" } } }, target } }) as MetricSpec;
const hpaOf = (spec: Partial<HorizontalPodAutoscalerSpec> = {}, status: Partial<HorizontalPodAutoscalerStatus> = {}): HorizontalPodAutoscaler =>
  ({ metadata: { name: "web", namespace: "shop" }, spec: { scaleTargetRef, minReplicas: 1, maxReplicas: 10, metrics: [cpu()], ...spec }, status: { desiredReplicas: 0, ...status } });
const scaleOf = (replicas: number): Scale => ({ metadata: { name: "web", namespace: "shop" }, spec: { replicas }, status: { replicas, selector: "app=web" } });
const podsOf = (count: number): Pod[] => Array.from({ length: count }, (_, i) => ({
  metadata: { name: `web-${i}`, namespace: "shop" }, spec: { containers: [{ name: "app", resources: { requests: { cpu: "100m" } } }] },
  status: { phase: "Running", startTime: "2026-01-01T00:00:00Z", conditions: [{ type: "Ready", status: "True", lastTransitionTime: "2026-01-01T00:00:10Z" }] },
}) as unknown as Pod);
/** Each pod uses so many thousandths. */
const used = (count: number, value: number): Reading => ({ pods: new Map(podsOf(count).map(({ metadata }) => [metadata.name, { value, at: now, windowMs: 15_000 }])) });

function planned(hpa: HorizontalPodAutoscaler, replicas: number, readings: readonly Reading[], since = now - 600_000): Plan {
  const scale = scaleOf(replicas);
  const state = { hpa, scale, history: firstHistory(replicas, since), now };
  return planOutOfBounds(state) ?? planByMetrics(state, compute({ hpa, scale, pods: podsOf(replicas), readings, now }));
}
const conditionsOf = ({ conditions = [] }: HorizontalPodAutoscalerStatus): string[] => conditions.map(({ type, status, reason = "", message = "" }) => `${type} ${status} ${reason}: ${message}`);
const able = "AbleToScale True SucceededGetScale: the HPA controller was able to get the target's current scale";
const valid = "ScalingActive True ValidMetricFound: the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of request)";
const inRange = "ScalingLimited False DesiredWithinRange: the desired count is within the acceptable range";

test("more load, more replicas", () => {
  const { status, rescale, events } = planned(hpaOf(), 2, [used(2, 90)]);
  assert.deepEqual([rescale?.replicas, rescale?.reason, events], [4, "cpu resource utilization (percentage of request) above target", []]);
  assert.deepEqual(status, {
    currentReplicas: 2, desiredReplicas: 4, lastScaleTime: "2026-01-01T01:00:00Z",
    currentMetrics: [{ type: "Resource", resource: { name: "cpu", current: { averageUtilization: 90, averageValue: "90m" } } }], conditions: status.conditions,
  });
  assert.deepEqual(conditionsOf(status), ["AbleToScale True SucceededRescale: the HPA controller was able to update the target scale to 4", valid, inRange]);
});

test("a scale that cannot be written", () => {
  const { rescale } = planned(hpaOf({}, { desiredReplicas: 2 }), 2, [used(2, 90)]);
  const status = rescale?.failed("the object has been modified");
  assert(status !== undefined);
  assert.deepEqual([status.desiredReplicas, status.lastScaleTime, conditionsOf(status)[0]], [2, undefined, "AbleToScale False FailedUpdateScale: the HPA controller was unable to update the target scale: the object has been modified"]);
});

const cases: readonly { readonly name: string; readonly hpa: HorizontalPodAutoscaler; readonly at: number; readonly readings?: readonly Reading[]; readonly since?: number; readonly to?: number; readonly reason?: string; readonly conditions: readonly string[]; readonly events?: readonly string[] }[] = [
  { name: "as it should be", hpa: hpaOf(), at: 3, readings: [used(3, 50)], conditions: ["AbleToScale True ReadyForNewScale: recommended size matches current size", valid, inRange] },
  { name: "less load, fewer replicas", hpa: hpaOf(), at: 4, readings: [used(4, 20)], to: 2, reason: "All metrics below target", conditions: ["AbleToScale True SucceededRescale: the HPA controller was able to update the target scale to 2", valid, inRange] },
  { name: "but not so soon", hpa: hpaOf(), at: 4, readings: [used(4, 20)], since: now - 60_000, conditions: ["AbleToScale True ScaleDownStabilized: recent recommendations were higher than current one, applying the highest recent recommendation", valid, inRange] },
  { name: "no more than the most", hpa: hpaOf({ maxReplicas: 3 }), at: 3, readings: [used(3, 90)], conditions: ["AbleToScale True ReadyForNewScale: recommended size matches current size", valid, "ScalingLimited True TooManyReplicas: the desired replica count is more than the maximum replica count"] },
  { name: "above the most", hpa: hpaOf({ maxReplicas: 3 }), at: 5, to: 3, reason: "Current number of replicas above Spec.MaxReplicas", conditions: ["AbleToScale True SucceededRescale: the HPA controller was able to update the target scale to 3"] },
  { name: "below the fewest", hpa: hpaOf({ minReplicas: 3 }), at: 1, to: 3, reason: "Current number of replicas below Spec.MinReplicas", conditions: ["AbleToScale True SucceededRescale: the HPA controller was able to update the target scale to 3"] },
  { name: "switched off", hpa: hpaOf(), at: 0, conditions: [able, "ScalingActive False ScalingDisabled: scaling is disabled since the replica count of the target is zero"] },
  {
    name: "no metrics at all", hpa: hpaOf(), at: 1, readings: [{ failure: "no metrics returned from resource metrics API" }],
    conditions: [able, "ScalingActive False FailedGetResourceMetric: the HPA was unable to compute the replica count: failed to get cpu utilization: unable to get metrics for resource cpu: no metrics returned from resource metrics API"],
    events: ["FailedGetResourceMetric: failed to get cpu utilization: unable to get metrics for resource cpu: no metrics returned from resource metrics API", "FailedComputeMetricsReplicas: invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource metric value: failed to get cpu utilization: unable to get metrics for resource cpu: no metrics returned from resource metrics API"],
  },
  {
    name: "one of two fails, and the other asks for more", hpa: hpaOf({ metrics: [queue(), cpu()] }), at: 1, readings: [{ failure: "gone" }, used(1, 90)], to: 2, reason: "cpu resource utilization (percentage of request) above target",
    conditions: ["AbleToScale True SucceededRescale: the HPA controller was able to update the target scale to 2", valid, inRange],
    events: ["FailedGetExternalMetric: unable to get external metric shop/queue/&LabelSelector{MatchLabels:map[string]string{app: web,},MatchExpressions:[]LabelSelectorRequirement{},}: gone"].map((text) => text.replace("unable", "failed to get queue external metric: unable")),
  },
  {
    name: "one of two fails, and the other asks for fewer", hpa: hpaOf({ metrics: [cpu(), { type: "Pods", pods: { metric: { name: "hits" }, target: { type: "AverageValue", averageValue: "1" } } }] }), at: 4, readings: [used(4, 10), { failure: "gone" }],
    conditions: [able, "ScalingActive False FailedGetPodsMetric: the HPA was unable to compute the replica count: unable to get metric hits: gone"],
    events: ["FailedGetPodsMetric: unable to get metric hits: gone", "FailedComputeMetricsReplicas: invalid metrics (1 invalid out of 2), first error is: failed to get pods metric value: unable to get metric hits: gone"],
  },
];
for (const { name, hpa, at, readings = [], since, to, reason, conditions, events = [] } of cases) {
  test(name, () => {
    const found = planned(hpa, at, readings, since);
    assert.deepEqual([found.rescale?.replicas, found.rescale?.reason, conditionsOf(found.status), found.events.map((e) => `${e.reason}: ${e.message}`)], [to, reason, conditions, events]);
  });
}

test("of several metrics the one that asks for most counts, and each is shown", () => {
  const metrics = [cpu(), queue(), queue({ type: "Value", value: "20" })];
  const { status, rescale } = planned(hpaOf({ metrics }), 2, [used(2, 50), { value: 200_000 }, { value: 10_000 }]);
  assert.deepEqual([rescale?.replicas, rescale?.reason], [4, "external metric queue(&LabelSelector{MatchLabels:map[string]string{app: web,},MatchExpressions:[]LabelSelectorRequirement{},}) above target"]);
  assert.deepEqual(status.currentMetrics?.map((m) => m.resource?.current ?? m.external?.current), [{ averageUtilization: 50, averageValue: "50m" }, { averageValue: "100" }, { value: "10" }]);
});

test("a target that is not there", () => {
  assert.deepEqual(conditionsOf(withoutScale(hpaOf(), 'deployments/scale.apps "web" not found', now)), ['AbleToScale False FailedGetScale: the HPA controller was unable to get the target\'s current scale: deployments/scale.apps "web" not found']);
});

test("what is tolerated, and how long CPU is not believed, are settings", () => {
  const [hpa, scale] = [hpaOf(), scaleOf(2)];
  const asked = (settings: Partial<AutoscalerSettings>, value: number, pods = podsOf(2)): unknown => {
    const found = compute({ hpa, scale, pods, readings: [used(2, value)], now, settings: { ...defaultAutoscaling, ...settings } });
    return found.replicas ?? found.reason;
  };
  assert.deepEqual([asked({}, 60), asked({ tolerance: 0.3 }, 60)], [3, 2]);
  const young = podsOf(2).map((pod) => ({ ...pod, status: { ...pod.status, startTime: "2026-01-01T00:58:00Z", conditions: [{ type: "Ready", status: "False" as const, lastTransitionTime: "2026-01-01T00:58:50Z" }] } }));
  assert.deepEqual([asked({}, 90, young), asked({ cpuInitializationMs: 60_000 }, 90, young), asked({ cpuInitializationMs: 60_000, initialReadinessMs: 90_000 }, 90, young)], ["FailedGetResourceMetric", 4, "FailedGetResourceMetric"]);
});
