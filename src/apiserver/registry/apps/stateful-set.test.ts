import assert from "node:assert/strict";
import { test } from "node:test";
import type { StatefulSet } from "#api/gen/apps-v1.ts";
import { cells, changed, made, refusals, statusRefusals, texts } from "../fixture.ts";
import { statefulSets } from "./stateful-set.ts";

const selector = { matchLabels: { app: "db" } };
const template = { metadata: { labels: { app: "db" } }, spec: { containers: [{ name: "db", image: "db:1", volumeMounts: [{ name: "data", mountPath: "/data" }] }] } };
const claim = { metadata: { name: "data" }, spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } } };
const setOf = (spec: object = {}): StatefulSet => made(statefulSets, { spec: { selector, template, serviceName: "db", volumeClaimTemplates: [claim], ...spec } });

test("a StatefulSet rolls one by one, in order, and keeps its claims", () => {
  const { spec } = setOf();
  assert.deepEqual([spec.replicas, spec.podManagementPolicy, spec.updateStrategy, spec.revisionHistoryLimit, spec.persistentVolumeClaimRetentionPolicy], [
    1, "OrderedReady", { type: "RollingUpdate", rollingUpdate: { partition: 0, maxUnavailable: 1 } }, 10, { whenDeleted: "Retain", whenScaled: "Retain" },
  ]);
  const [first] = spec.volumeClaimTemplates ?? [];
  assert.deepEqual([first?.apiVersion, first?.kind, first?.spec.volumeMode, first?.status.phase], ["v1", "PersistentVolumeClaim", "Filesystem", "Pending"]);
});

test("its template may mount what its claims bring", () => assert.deepEqual(refusals(statefulSets, setOf()), []));

// Upstream: pkg/apis/apps/validation ValidateStatefulSetSpec
const cases: readonly { readonly name: string; readonly spec: object; readonly want: readonly string[] }[] = [
  { name: "another order", spec: { podManagementPolicy: "Random" }, want: [`spec.podManagementPolicy: Invalid value: "Random": must be 'OrderedReady' or 'Parallel'`] },
  { name: "another strategy", spec: { updateStrategy: { type: "Recreate" } }, want: [`spec.updateStrategy: Invalid value: {"type":"Recreate"}: must be 'RollingUpdate' or 'OnDelete'`] },
  { name: "a partition of what does not roll", spec: { updateStrategy: { type: "OnDelete", rollingUpdate: { partition: 1 } } }, want: [`spec.updateStrategy.rollingUpdate: Invalid value: {"partition":1}: only allowed for updateStrategy 'RollingUpdate'`] },
  { name: "rolling none at a time", spec: { updateStrategy: { rollingUpdate: { partition: -1, maxUnavailable: 0 } } }, want: [
    "spec.updateStrategy.rollingUpdate.partition: Invalid value: -1: must be greater than or equal to 0", "spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: 0: cannot be 0",
  ] },
  { name: "another end for claims", spec: { persistentVolumeClaimRetentionPolicy: { whenScaled: "Keep" } }, want: ['spec.persistentVolumeClaimRetentionPolicy.whenScaled: Unsupported value: "Keep": supported values: "Retain", "Delete"'] },
  { name: "ordinals below zero", spec: { ordinals: { start: -1 } }, want: ["spec.ordinals.start: Invalid value: -1: must be greater than or equal to 0"] },
  { name: "a selector of everything", spec: { selector: {} }, want: ["spec.selector: Invalid value: {}: empty selector is invalid for statefulset"] },
  { name: "a selector that cannot be read, of a template that is hardly looked at", spec: { selector: { matchLabels: { app: "-" } }, template: { spec: { activeDeadlineSeconds: 5, containers: [] } } }, want: [
    `spec.selector.matchLabels: Invalid value: "-": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`,
    'spec.selector: Invalid value: {"matchLabels":{"app":"-"}}', "spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in StatefulSet is not Supported",
  ] },
  { name: "pods with a deadline", spec: { template: { ...template, spec: { ...template.spec, activeDeadlineSeconds: 5 } } }, want: ["spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in StatefulSet is not Supported"] },
  { name: "a mount without a claim", spec: { volumeClaimTemplates: [] }, want: ['spec.template.spec.containers[0].volumeMounts[0].name: Not found: "data"'] },
];
for (const { name, spec, want } of cases) test(`refused: ${name}`, () => assert.deepEqual(refusals(statefulSets, setOf(spec)), want));

test("its name must do for the names of its pods", () => assert.match(statefulSets.validateName?.("a.b", false)[0] ?? "", /must not contain dots/));

test("what its pods depend on may not change", () => {
  const old = setOf();
  assert.deepEqual(texts(statefulSets.validateUpdate?.(changed(statefulSets, old, ({ spec }) => { spec.serviceName = "other"; }), old)), [
    "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
  ]);
  const next = changed(statefulSets, old, ({ spec }) => {
    spec.replicas = 3;
    spec.minReadySeconds = 5;
    spec.revisionHistoryLimit = 2;
  });
  assert.deepEqual(texts(statefulSets.validateUpdate?.(next, old)), []);
});

test("what its controller counts must fit together", () => {
  const old = { ...setOf(), status: { replicas: 2, collisionCount: 2 } };
  const next = { ...old, status: { replicas: 1, readyReplicas: 1, availableReplicas: 2, collisionCount: 1 } };
  assert.deepEqual(statusRefusals(statefulSets, next, old), [
    "status.availableReplicas: Invalid value: 2: cannot be greater than status.replicas", "status.availableReplicas: Invalid value: 2: cannot be greater than status.readyReplicas",
    "status.collisionCount: Invalid value: 1: cannot be decremented",
  ]);
});

test("its line", () => assert.deepEqual(cells(statefulSets, setOf({ replicas: 3 })), ["x", "0/3", "<unknown>", "db", "db:1"]));
