import assert from "node:assert/strict";
import { test } from "node:test";
import type { ResourceQuota } from "#api/gen/core-v1.ts";
import { nextTurn } from "#base/clock.ts";
import { outcome, requestFor } from "./fixture.ts";
import { resourceQuota } from "./resource-quota.ts";
import type { Clock } from "#base/clock.ts";

const clock: Clock = { now: () => 0, sleep: () => Promise.resolve() };
const pod = (requests: object = {}, name = "web"): object => ({ metadata: { name, namespace: "default" }, spec: { containers: [{ name: "a", resources: { requests } }] }, status: {} });
const quotaOf = (hard: Record<string, string>, used: Record<string, string> | undefined = Object.fromEntries(Object.keys(hard).map((name) => [name, "0"])), spec: object = {}): ResourceQuota =>
  ({ metadata: { name: "quota", namespace: "default", resourceVersion: "1" }, spec: { hard, ...spec }, status: { hard, used } }) as ResourceQuota;

/** A plugin over quotas that stand in memory; the first `lost` writes are lost to others, who charge nothing. */
function over(quotas: ResourceQuota[], lost = 0): { readonly plugin: ReturnType<typeof resourceQuota>; readonly writes: readonly string[] } {
  const writes: string[] = [];
  let losing = lost;
  const plugin = resourceQuota(clock, async (quota) => {
    await nextTurn();
    if (losing-- > 0) return false;
    writes.push(JSON.stringify(quota.status.used));
    quotas.splice(0, quotas.length, ...quotas.map((q) => (q.metadata.name === quota.metadata.name ? quota : q)));
    return true;
  });
  return { plugin, writes };
}
const ask = (plugin: ReturnType<typeof resourceQuota>, quotas: readonly object[], object: object, given: object = {}): Promise<string | undefined> =>
  outcome(plugin, requestFor("pods", { resourcequotas: quotas }, given), object);

// Upstream: apiserver/pkg/admission/plugin/resourcequota/admission_test.go
const cases: readonly { readonly name: string; readonly quota: ResourceQuota; readonly pod: object; readonly want: string | undefined; readonly used?: object }[] = [
  { name: "is charged", quota: quotaOf({ pods: "2", "requests.cpu": "1" }), pod: pod({ cpu: "300m" }), want: undefined, used: { pods: "1", "requests.cpu": "300m" } },
  { name: "is one too many", quota: quotaOf({ pods: "1" }, { pods: "1" }), pod: pod(), want: "exceeded quota: quota, requested: pods=1, used: pods=1, limited: pods=1" },
  { name: "asks for too much", quota: quotaOf({ "requests.cpu": "1", "requests.memory": "1Gi" }, { "requests.cpu": "500m", "requests.memory": "1Gi" }), pod: pod({ cpu: "600m", memory: "1Mi" }), want: "exceeded quota: quota, requested: requests.cpu=600m,requests.memory=1Mi, used: requests.cpu=500m,requests.memory=1Gi, limited: requests.cpu=1,requests.memory=1Gi" },
  { name: "does not say what is counted", quota: quotaOf({ "limits.cpu": "1" }), pod: pod({ cpu: "1m" }), want: "failed quota: quota: must specify limits.cpu for: a" },
  { name: "comes before anything is counted", quota: quotaOf({ pods: "1" }, {}), pod: pod(), want: "status unknown for quota: quota, resources: pods" },
  { name: "is out of the quota's scope", quota: quotaOf({ pods: "0" }, { pods: "0" }, { scopes: ["Terminating"] }), pod: pod(), want: undefined },
  { name: "is counted as an object, too", quota: quotaOf({ "count/pods": "0" }), pod: pod(), want: "exceeded quota: quota, requested: count/pods=1, used: count/pods=0, limited: count/pods=0" },
];
for (const { name, quota, pod: object, want, used } of cases) {
  test(`a pod that ${name}`, async () => {
    const quotas = [quota];
    const { plugin } = over(quotas);
    assert.equal(await ask(plugin, quotas, object), want && `pods "web" is forbidden: ${want}`);
    if (used !== undefined) assert.deepEqual(quotas[0]?.status.used, used);
  });
}

test("many that come at once share one write, and the last ones find nothing left", async () => {
  const quotas = [quotaOf({ pods: "3" })];
  const { plugin, writes } = over(quotas);
  const outcomes = await Promise.all(Array.from({ length: 5 }, () => ask(plugin, quotas, pod())));
  assert.deepEqual(outcomes.map((text) => text === undefined), [true, true, true, false, false]);
  assert.deepEqual([quotas[0]?.status.used, writes.length <= 2], [{ pods: "3" }, true]);
});

test("a lost race is tried again, not for ever", async () => {
  const quotas = [quotaOf({ pods: "3" })];
  assert.equal(await ask(over(quotas, 3).plugin, quotas, pod()), undefined);
  assert.deepEqual(quotas[0]?.status.used, { pods: "1" });
  await assert.rejects(ask(over(quotas, 4).plugin, quotas, pod()), /the status of quota quota could not be updated/);
});

test("a rehearsal is judged and not charged", async () => {
  const quotas = [quotaOf({ pods: "1" })];
  const { plugin, writes } = over(quotas);
  assert.equal(await ask(plugin, quotas, pod(), { dryRun: true }), undefined);
  assert.deepEqual(writes, []);
});

test("a Service that changes its type costs the difference; a pod that changes costs nothing", async () => {
  const quotas = [quotaOf({ "services.nodeports": "1", pods: "0" })];
  const { plugin } = over(quotas);
  const service = (type: string, ports: number): object => ({ metadata: { name: "web", namespace: "default" }, spec: { type, ports: Array.from({ length: ports }, () => ({ port: 1 })) } });
  const update = (next: object, oldObject: object, plural: string): Promise<string | undefined> => outcome(plugin, requestFor(plural, { resourcequotas: quotas }, { operation: "UPDATE", oldObject: oldObject as never }), next);
  assert.equal(await update(service("NodePort", 2), service("NodePort", 1), "services"), undefined);
  assert.equal(await update(service("NodePort", 2), service("ClusterIP", 2), "services"), 'services "web" is forbidden: exceeded quota: quota, requested: services.nodeports=2, used: services.nodeports=1, limited: services.nodeports=1');
  assert.equal(await update(pod(), pod(), "pods"), undefined);
});
