import assert from "node:assert/strict";
import { test } from "node:test";
import type { ReplicationController } from "#api/gen/core-v1.ts";
import { cells, made, refusals } from "../fixture.ts";
import { replicationControllers } from "./replication-controller.ts";

const template = { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "web", image: "web:1" }] } };
const controllerOf = (spec: object = {}): ReplicationController => made(replicationControllers, { spec: { template, ...spec } });

test("the template's labels stand in for selector and labels", () => {
  const { metadata, spec } = controllerOf();
  assert.deepEqual([metadata.labels, spec.selector, spec.replicas], [{ app: "web" }, { app: "web" }, 1]);
});

// Upstream: pkg/apis/core/validation ValidateReplicationControllerSpec
const cases: readonly { readonly name: string; readonly spec: object; readonly want: readonly string[] }[] = [
  { name: "what does", spec: {}, want: [] },
  { name: "no template", spec: { template: undefined }, want: ["spec.selector: Required value", "spec.template: Required value"] },
  { name: "fewer than none", spec: { replicas: -1, minReadySeconds: -1 }, want: ["spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0", "spec.replicas: Invalid value: -1: must be greater than or equal to 0"] },
  { name: "a selector of others", spec: { selector: { app: "db" } }, want: ['spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`'] },
  { name: "pods that end", spec: { template: { ...template, spec: { ...template.spec, restartPolicy: "Never", activeDeadlineSeconds: 1 } } }, want: [
    'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"', "spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicationController is not Supported",
  ] },
];
for (const { name, spec, want } of cases) test(`refused or not: ${name}`, () => assert.deepEqual(refusals(replicationControllers, controllerOf(spec)), want));

test("its line", () => assert.deepEqual(cells(replicationControllers, { ...controllerOf({ replicas: 3 }), status: { replicas: 2, readyReplicas: 1 } }), ["x", 3, 2, 1, "<unknown>", "web", "web:1", "app=web"]));
