import assert from "node:assert/strict";
import { test } from "node:test";
import type { Deployment, ReplicaSet } from "#api/gen/apps-v1.ts";
import { texts } from "../fixture.ts";
import { deployments } from "./deployment.ts";
import { replicaSets } from "./replica-set.ts";

const now = Date.parse("2026-01-01T00:10:00Z");
const template = { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "web", image: "nginx:1" }] } };
const deploymentOf = (spec: object = {}, status: object = {}): Deployment => {
  const deployment = { metadata: { name: "web", creationTimestamp: "2026-01-01T00:00:00Z" }, spec: structuredClone({ selector: { matchLabels: { app: "web" } }, template, ...spec }), status } as unknown as Deployment;
  deployments.defaults?.(deployment);
  return deployment;
};

test("a Deployment rolls by a quarter, remembers ten revisions and waits ten minutes", () => {
  const { spec } = deploymentOf();
  assert.deepEqual([spec.replicas, spec.strategy, spec.revisionHistoryLimit, spec.progressDeadlineSeconds], [1, { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "25%", maxSurge: "25%" } }, 10, 600]);
  assert.equal(spec.template.spec?.restartPolicy, "Always");
});

// Upstream: pkg/apis/apps/validation ValidateDeploymentSpec
const refusals: readonly { readonly name: string; readonly spec: object; readonly want: readonly string[] }[] = [
  { name: "fewer pods than none", spec: { replicas: -1 }, want: ["spec.replicas: Invalid value: -1: must be greater than or equal to 0"] },
  { name: "no selector", spec: { selector: undefined }, want: ["spec.selector: Required value", 'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`'] },
  { name: "a selector of everything", spec: { selector: {} }, want: ["spec.selector: Invalid value: {}: empty selector is invalid for deployment"] },
  { name: "a selector of others", spec: { selector: { matchLabels: { app: "db" } } }, want: ['spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`'] },
  { name: "a selector that cannot be read, of a template that is not looked at", spec: { selector: { matchExpressions: [{ key: "app", operator: "In" }] }, template: {} }, want: [
    "spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
    'spec.selector: Invalid value: {"matchExpressions":[{"key":"app","operator":"In"}]}: invalid label selector',
  ] },
  { name: "pods that end", spec: { template: { ...template, spec: { ...template.spec, restartPolicy: "Never" } } }, want: ['spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"'] },
  { name: "rolling numbers of a strategy that does not roll", spec: { strategy: { type: "Recreate", rollingUpdate: {} } }, want: ["spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"] },
  { name: "rolling without moving", spec: { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } }, want: ["spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0"] },
  { name: "more than all", spec: { strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "101%" } } }, want: ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%'] },
  { name: "a deadline before readiness counts", spec: { minReadySeconds: 700 }, want: ["spec.progressDeadlineSeconds: Invalid value: 600: must be greater than minReadySeconds"] },
];
for (const { name, spec, want } of refusals) test(`refused: ${name}`, () => assert.deepEqual(texts(deployments.validate?.(deploymentOf(spec))), want));

test("a Deployment keeps its selector", () => {
  const next = deploymentOf({ selector: { matchLabels: { app: "db" } } });
  assert.deepEqual(texts(deployments.validateUpdate?.(next, deploymentOf())), ['spec.selector: Invalid value: {"matchLabels":{"app":"db"}}: field is immutable']);
});

test("the lines of workloads", () => {
  const deployment = deploymentOf({ replicas: 3 }, { readyReplicas: 2, updatedReplicas: 3, availableReplicas: 1 });
  assert.deepEqual(deployments.columns.map((c) => c.cell(deployment, now)), ["web", "2/3", 3, 1, "10m", "web", "nginx:1", "app=web"]);
  const set = { ...deployment, spec: { replicas: 3, selector: deployment.spec.selector, template }, status: { replicas: 2, readyReplicas: 1 } } as unknown as ReplicaSet;
  assert.deepEqual(replicaSets.columns.map((c) => c.cell(set, now)), ["web", 3, 2, 1, "10m", "web", "nginx:1", "app=web"]);
});

test("what a controller counts must fit together", () => {
  const status = deployments.subresources?.["status"];
  assert(status?.type === "write");
  assert.deepEqual(texts(status.validateUpdate?.(deploymentOf({}, { replicas: 1, readyReplicas: 1, availableReplicas: 2 }), deploymentOf())), [
    "status.availableReplicas: Invalid value: 2: cannot be greater than status.replicas", "status.availableReplicas: Invalid value: 2: cannot be greater than readyReplicas",
  ]);
});
