import assert from "node:assert/strict";
import { test } from "node:test";
import type { HorizontalPodAutoscaler, MetricSpec } from "#api/gen/autoscaling-v2.ts";
import { cells, made, refusals } from "../fixture.ts";
import { toV1, toV2 } from "./convert.ts";
import { horizontalPodAutoscalers, horizontalPodAutoscalersV1 } from "./horizontal-pod-autoscaler.ts";

const scaleTargetRef = { apiVersion: "apps/v1", kind: "Deployment", name: "web" };
const hpaOf = (spec: object = {}): HorizontalPodAutoscaler => made(horizontalPodAutoscalers, { spec: { scaleTargetRef, maxReplicas: 5, ...spec } });
const external: MetricSpec = { type: "External", external: { metric: { name: "queue" }, target: { type: "AverageValue", averageValue: "30" } } };

test("an autoscaler goes by CPU unless it says otherwise, and fills in how quickly", () => {
  const { spec } = hpaOf({ behavior: { scaleDown: { stabilizationWindowSeconds: 60 } } });
  assert.deepEqual([spec.minReplicas, spec.metrics], [1, [{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } } }]]);
  assert.deepEqual(spec.behavior, {
    scaleUp: { stabilizationWindowSeconds: 0, selectPolicy: "Max", policies: [{ type: "Pods", value: 4, periodSeconds: 15 }, { type: "Percent", value: 100, periodSeconds: 15 }] },
    scaleDown: { stabilizationWindowSeconds: 60, selectPolicy: "Max", policies: [{ type: "Percent", value: 100, periodSeconds: 15 }] },
  });
});

// Upstream: pkg/apis/autoscaling/validation
const cases: readonly { readonly name: string; readonly spec: object; readonly want: readonly string[] }[] = [
  { name: "what does", spec: { metrics: [external] }, want: [] },
  { name: "no most", spec: { maxReplicas: 0 }, want: ["spec.maxReplicas: Invalid value: 0: must be greater than 0", "spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`"] },
  { name: "none at all", spec: { minReplicas: 0 }, want: ["spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas", "spec.minReplicas: Invalid value: 0: must be greater than or equal to 1"] },
  { name: "nothing to scale", spec: { scaleTargetRef: { kind: "a/b", name: "" } }, want: ["spec.scaleTargetRef.kind: Invalid value: \"a/b\": may not contain '/'", "spec.scaleTargetRef.name: Required value"] },
  { name: "an unknown metric", spec: { metrics: [{ type: "Moon" }] }, want: Array.from({ length: 2 }, () => 'spec.metrics[0].type: Unsupported value: "Moon": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"') },
  { name: "another source than its type says", spec: { metrics: [{ type: "Pods", external: external.external }] }, want: ["spec.metrics[0].pods: Required value: must populate information for the given metric source"] },
  { name: "two sources", spec: { metrics: [{ ...external, pods: { metric: { name: "a" }, target: { type: "AverageValue", averageValue: "1" } } }] }, want: ["spec.metrics[0].pods: Forbidden: must populate the given metric source only"] },
  { name: "targets that are none", spec: { metrics: [{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 0, averageValue: "0" } } }] }, want: [
    'spec.metrics[0].resource.target.averageValue: Invalid value: "0": must be positive', "spec.metrics[0].resource.target.averageUtilization: Invalid value: 0: must be greater than 0",
    "spec.metrics[0].resource.target.averageValue: Forbidden: may not set both a target raw value and a target utilization",
  ] },
  { name: "odd behaviour", spec: { behavior: { scaleUp: { stabilizationWindowSeconds: 3601, selectPolicy: "Avg", policies: [{ type: "Half", value: 0, periodSeconds: 1801 }] } } }, want: [
    "spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to 3600",
    'spec.behavior.scaleUp.selectPolicy: Unsupported value: "Avg": supported values: "Disabled", "Max", "Min"',
    'spec.behavior.scaleUp.policies[0].type: Unsupported value: "Half": supported values: "Percent", "Pods"',
    "spec.behavior.scaleUp.policies[0].value: Invalid value: 0: must be greater than zero",
    "spec.behavior.scaleUp.policies[0].periodSeconds: Invalid value: 1801: must be less than or equal to 1800",
  ] },
];
for (const { name, spec, want } of cases) test(`refused or not: ${name}`, () => assert.deepEqual(refusals(horizontalPodAutoscalers, hpaOf(spec)), want));

test("version 1 shows the use of CPU and carries the rest in annotations", () => {
  const hpa = hpaOf({ metrics: [external, { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 70 } } }] });
  const shown = toV1({ ...hpa, status: { currentReplicas: 2, desiredReplicas: 3, conditions: [{ type: "AbleToScale", status: "True" }] } });
  assert.equal(shown.spec.targetCPUUtilizationPercentage, 70);
  assert.deepEqual(shown.metadata.annotations, {
    "autoscaling.alpha.kubernetes.io/metrics": '[{"type":"External","external":{"metricName":"queue","targetAverageValue":"30"}}]',
    "autoscaling.alpha.kubernetes.io/conditions": '[{"type":"AbleToScale","status":"True"}]',
  });
});

test("what went through version 1 comes back whole", () => {
  const hpa = hpaOf({ metrics: [external, { type: "ContainerResource", containerResource: { name: "memory", container: "a", target: { type: "AverageValue", averageValue: "1Gi" } } }], behavior: {} });
  const back = toV2(toV1(hpa));
  assert.deepEqual([back.spec, back.metadata.annotations], [hpa.spec, undefined]);
});

test("an autoscaler of version 1 is stored as one of version 2", () => {
  const old = made(horizontalPodAutoscalersV1, { spec: { scaleTargetRef, maxReplicas: 3, targetCPUUtilizationPercentage: 50 } });
  const stored = horizontalPodAutoscalersV1.storedAs?.to(old) as HorizontalPodAutoscaler;
  assert.deepEqual([stored.apiVersion, stored.spec.metrics?.[0]?.resource?.target.averageUtilization], ["autoscaling/v2", 50]);
  assert.deepEqual(cells(horizontalPodAutoscalersV1, old), ["x", "Deployment/web", "cpu: <unknown>/50%", "1", 3, 0, "<unknown>"]);
});
