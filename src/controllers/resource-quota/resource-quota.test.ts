import assert from "node:assert/strict";
import { test } from "node:test";
import type { ResourceQuota } from "#api/gen/core-v1.ts";
import { evaluatorOf } from "#api/quota/evaluators.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { plan, type Counted } from "./plan.ts";

const quotaOf = (hard: Record<string, string>, status: object = {}, spec: object = {}): ResourceQuota => ({ metadata: { name: "q", namespace: "default" }, spec: { hard, ...spec }, status }) as ResourceQuota;
const pod = (cpu: string, spec: object = {}): KubeObject => ({ metadata: { name: "p" }, spec: { containers: [{ name: "a", resources: { requests: { cpu } } }], ...spec }, status: {} }) as unknown as KubeObject;
const counted = (resource: string, ...objects: readonly KubeObject[]): Counted => ({ evaluator: evaluatorOf({ group: "", resource }), objects });

test("what is there is added up, each name on its own", () => {
  const status = plan(quotaOf({ pods: "5", "requests.cpu": "1000m", secrets: "3" }), [counted("pods", pod("300m"), pod("1")), counted("secrets", pod("0"))], 0);
  assert.deepEqual(status, { hard: { pods: "5", "requests.cpu": "1", secrets: "3" }, used: { pods: "2", "requests.cpu": "1300m", secrets: "1" } });
});

test("nothing of it is zero, and known", () => assert.deepEqual(plan(quotaOf({ pods: "5" }), [counted("pods")], 0)?.used, { pods: "0" }));

test("only what is in the scope counts", () => {
  const quota = quotaOf({ pods: "5" }, {}, { scopes: ["Terminating"] });
  assert.deepEqual(plan(quota, [counted("pods", pod("1"), pod("1", { activeDeadlineSeconds: 5 }))], 0)?.used, { pods: "1" });
});

test("what nobody can count keeps its amount while it is limited", () => {
  const quota = quotaOf({ "count/widgets.example.com": "5" }, { hard: {}, used: { "count/widgets.example.com": "2", pods: "1" } });
  assert.deepEqual(plan(quota, [], 0)?.used, { "count/widgets.example.com": "2" });
});

test("what is said already is not said again", () => {
  const quota = quotaOf({ "requests.cpu": "1000m" }, { hard: { "requests.cpu": "1" }, used: { "requests.cpu": "300m" } });
  assert.equal(plan(quota, [counted("pods", pod("300m"))], 0), undefined);
});
