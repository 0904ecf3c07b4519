/** Evictions and quotas over the whole server: what is charged, and what is refused in whose words. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod } from "#api/gen/core-v1.ts";
import type { PodDisruptionBudget } from "#api/gen/policy-v1.ts";
import { namespaces, podDisruptionBudgets, pods, resourceQuotas } from "#api/resources.ts";
import { isStatus, type StatusError } from "#apimachinery/status.ts";
import type { Client } from "#client/client.ts";
import { startApiServer } from "../support/api-server.ts";

const ns = "shop";
const running = (...conditions: readonly string[]): Pod["status"] => ({ phase: "Running", conditions: conditions.map((type) => ({ type, status: "True" })) });

async function newPod(client: Client, name: string, status: Pod["status"]): Promise<void> {
  const pod = await client.resource(pods).create({ metadata: { name, namespace: ns, labels: { app: "web" } }, spec: { nodeName: "n", serviceAccountName: "default", automountServiceAccountToken: false, containers: [{ name: "web", image: "web:1" }] }, status: {} });
  await client.resource(pods).update({ ...pod, status }, { subresource: "status" });
}

async function newBudget(client: Client, name: string, status: PodDisruptionBudget["status"], spec: object = {}): Promise<void> {
  const made = await client.resource(podDisruptionBudgets).create({ metadata: { name, namespace: ns }, spec: { minAvailable: 1, selector: { matchLabels: { app: "web" } }, ...spec }, status: {} });
  await client.resource(podDisruptionBudgets).update({ ...made, status: { observedGeneration: 1, ...status } }, { subresource: "status" });
}

const evict = (client: Client, name: string, extra: object = {}, apiVersion = "policy/v1"): Promise<StatusError | undefined> =>
  client.resource(pods).createSubresource(name, ns, "eviction", { apiVersion, kind: "Eviction", metadata: { name, namespace: ns }, ...extra }).then(() => undefined, (err: unknown) => {
    if (isStatus(err, "TooManyRequests", "InternalError", "Conflict", "BadRequest")) return err;
    throw err;
  });
const budgetOf = (client: Client, name: string): Promise<PodDisruptionBudget["status"]> => client.resource(podDisruptionBudgets).get(name, ns).then(({ status }) => status);

async function inShop(t: Parameters<typeof startApiServer>[0]): Promise<Client> {
  const { client } = await startApiServer(t);
  await client.resource(namespaces).create({ metadata: { name: ns }, spec: {}, status: {} });
  await client.request({ method: "POST", path: `/api/v1/namespaces/${ns}/serviceaccounts`, body: { metadata: { name: "default" } } });
  return client;
}

test("an eviction costs its budget one disruption and tells the pod why it goes", async (t) => {
  const client = await inShop(t);
  for (const name of ["a", "b"]) await newPod(client, name, running("Ready"));
  await newBudget(client, "guard", { disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1, expectedPods: 2 });
  assert.equal(await evict(client, "a", { deleteOptions: { dryRun: ["All"] } }), undefined);
  assert.equal((await budgetOf(client, "guard")).disruptionsAllowed, 1);
  assert.equal(await evict(client, "a", {}, "policy/v1beta1"), undefined);
  const { disruptionsAllowed = 0, disruptedPods } = await budgetOf(client, "guard");
  assert.deepEqual([disruptionsAllowed, Object.keys(disruptedPods ?? {})], [0, ["a"]]);
  const leaving = await client.resource(pods).get("a", ns);
  assert.notEqual(leaving.metadata.deletionTimestamp, undefined);
  assert.deepEqual(leaving.status.conditions?.map((c) => [c.type, c.reason]), [["Ready", undefined], ["DisruptionTarget", "EvictionByEvictionAPI"]]);
  await newBudgetStatus(client, { disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1 });
  const refused = await evict(client, "b");
  assert.deepEqual([refused?.code, refused?.message, refused?.details?.causes], [
    429, "Cannot evict pod as it would violate the pod's disruption budget.", [{ reason: "DisruptionBudget", message: "The disruption budget guard needs 1 healthy pods and has 1 currently" }],
  ]);
  assert.equal((await client.resource(pods).get("b", ns)).metadata.deletionTimestamp, undefined);
});

async function newBudgetStatus(client: Client, status: PodDisruptionBudget["status"]): Promise<void> {
  const budget = await client.resource(podDisruptionBudgets).get("guard", ns);
  await client.resource(podDisruptionBudgets).update({ ...budget, status: { ...budget.status, ...status } }, { subresource: "status" });
}

test("a pod that is not ready goes where enough others are, and costs nothing", async (t) => {
  const client = await inShop(t);
  await newPod(client, "a", running());
  await newBudget(client, "guard", { disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1, expectedPods: 2 });
  assert.equal(await evict(client, "a"), undefined);
  assert.equal((await budgetOf(client, "guard")).disruptedPods, undefined);
});

test("two budgets over one pod are one too many; a pod that has ended needs none", async (t) => {
  const client = await inShop(t);
  for (const name of ["one", "two"]) await newBudget(client, name, { disruptionsAllowed: 1 });
  await newPod(client, "a", running("Ready"));
  await newPod(client, "done", { phase: "Succeeded" });
  const refused = await evict(client, "a");
  assert.deepEqual([refused?.code, refused?.message], [500, "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."]);
  assert.equal(await evict(client, "done"), undefined);
});

test("a quota is charged with what is created, and the rest is refused", async (t) => {
  const client = await inShop(t);
  const quota = await client.resource(resourceQuotas).create({ metadata: { name: "few", namespace: ns }, spec: { hard: { "count/configmaps": "2" } }, status: {} });
  await client.resource(resourceQuotas).update({ ...quota, status: { hard: { "count/configmaps": "2" }, used: { "count/configmaps": "0" } } }, { subresource: "status" });
  const make = (name: string): Promise<string> => client.request({ method: "POST", path: `/api/v1/namespaces/${ns}/configmaps`, body: { metadata: { name } } }).then(() => "made", (err: unknown) => (err as Error).message);
  const outcomes = await Promise.all(["a", "b", "c", "d"].map(make));
  assert.deepEqual(outcomes.filter((text) => text === "made").length, 2);
  assert.match(outcomes.find((text) => text !== "made") ?? "", /^configmaps "." is forbidden: exceeded quota: few, requested: count\/configmaps=1, used: count\/configmaps=2, limited: count\/configmaps=2$/);
  assert.deepEqual((await client.resource(resourceQuotas).get("few", ns)).status.used, { "count/configmaps": "2" });
});
