import assert from "node:assert/strict";
import { test } from "node:test";
import type { DaemonSet } from "#api/gen/apps-v1.ts";
import { cells, changed, made, refusals, texts } from "../fixture.ts";
import { daemonSets } from "./daemon-set.ts";

const selector = { matchLabels: { app: "log" } };
const template = { metadata: { labels: { app: "log" } }, spec: { nodeSelector: { disk: "ssd" }, containers: [{ name: "log", image: "log:1" }] } };
const setOf = (spec: object = {}): DaemonSet => made(daemonSets, { spec: { selector, template, ...spec } });
const generation = "deprecated.daemonset.template.generation";

test("a DaemonSet replaces one pod at a time", () => {
  const { spec, metadata } = setOf();
  assert.deepEqual([spec.updateStrategy, spec.revisionHistoryLimit, metadata.annotations], [{ type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } }, 10, { [generation]: "1" }]);
});

test("it counts the changes of its template, whatever the user writes", () => {
  const old = setOf();
  const scribbled = changed(daemonSets, old, (next) => { next.metadata.annotations = { [generation]: "7" }; });
  const renewed = changed(daemonSets, old, (next) => { next.spec.template.spec = { containers: [{ name: "log", image: "log:2" }] }; });
  assert.deepEqual([scribbled, renewed].map(({ metadata }) => metadata.annotations?.[generation]), ["1", "2"]);
});

// Upstream: pkg/apis/apps/validation ValidateDaemonSetSpec
const cases: readonly { readonly name: string; readonly spec: object; readonly want: readonly string[] }[] = [
  { name: "what does", spec: {}, want: [] },
  { name: "a selector of everything", spec: { selector: {} }, want: ["spec.selector: Invalid value: {}: empty selector is invalid for daemonset"] },
  { name: "a selector that cannot be read", spec: { selector: { matchExpressions: [{ key: "app", operator: "Exists", values: ["log"] }] } }, want: ["spec.selector.matchExpressions[0].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'"] },
  { name: "leaving and surging", spec: { updateStrategy: { rollingUpdate: { maxUnavailable: 1, maxSurge: "10%" } } }, want: ['spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: "10%": may not be set when maxUnavailable is non-zero'] },
  { name: "neither", spec: { updateStrategy: { rollingUpdate: { maxUnavailable: 0 } } }, want: ["spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0"] },
  { name: "more than all", spec: { updateStrategy: { rollingUpdate: { maxUnavailable: "101%" } } }, want: ['spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%'] },
  { name: "another strategy", spec: { updateStrategy: { type: "Recreate" } }, want: ['spec.updateStrategy: Unsupported value: {"type":"Recreate"}: supported values: "RollingUpdate", "OnDelete"'] },
];
for (const { name, spec, want } of cases) test(`refused or not: ${name}`, () => assert.deepEqual(refusals(daemonSets, setOf(spec)), want));

test("its selector stays", () => {
  const old = setOf();
  const next = changed(daemonSets, old, ({ spec }) => { spec.selector = { matchLabels: { app: "x" } }; });
  assert.deepEqual(texts(daemonSets.validateUpdate?.(next, old)), ['spec.selector: Invalid value: {"matchLabels":{"app":"x"}}: field is immutable']);
});

test("its line", () => {
  const set = { ...setOf(), status: { currentNumberScheduled: 2, numberMisscheduled: 0, desiredNumberScheduled: 3, numberReady: 1, updatedNumberScheduled: 2 } };
  assert.deepEqual(cells(daemonSets, set), ["x", 3, 2, 1, 2, 0, "disk=ssd", "<unknown>", "log", "log:1", "app=log"]);
});
