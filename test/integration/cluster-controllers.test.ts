/** Controllers that keep a cluster's own objects, and those of Deployments, budgets and quotas, over the whole server. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ReplicaSet } from "#api/gen/apps-v1.ts";
import { clusterRoles, configMaps, deployments, endpoints, endpointSlices, ipAddresses, namespaces, nodes, podDisruptionBudgets, pods, replicaSets, resourceQuotas, serviceAccounts, serviceCidrs, services } from "#api/resources.ts";
import { isStatus } from "#apimachinery/status.ts";
import { until } from "#base/waiting.ts";
import type { Client } from "#client/client.ts";
import { clusterRoleAggregationController } from "#controllers/clusterrole-aggregation/reconciler.ts";
import { deploymentController } from "#controllers/deployment/reconciler.ts";
import { disruptionController } from "#controllers/disruption/reconciler.ts";
import { kubernetesServiceController } from "#controllers/kubernetes-service/reconciler.ts";
import { nodeIpamController } from "#controllers/node-ipam/reconciler.ts";
import { nodeTtlController } from "#controllers/node-ttl/reconciler.ts";
import { replicaSetController } from "#controllers/replicaset/reconciler.ts";
import { resourceQuotaController } from "#controllers/resource-quota/reconciler.ts";
import { rootCaController } from "#controllers/root-ca/reconciler.ts";
import { serviceAddressController } from "#controllers/service-address/reconciler.ts";
import { serviceCidrController } from "#controllers/service-cidr/reconciler.ts";
import { serviceAccountController } from "#controllers/serviceaccount/reconciler.ts";
import { startApiServer } from "../support/api-server.ts";
import { runControllers } from "../support/controllers.ts";
import { namespace, startWorkloads } from "../support/workloads.ts";

const labels = { app: "web" };
const containers = (image: string): object => ({ containers: [{ name: "web", image }] });
const imageOf = ({ spec }: ReplicaSet): string => spec.template?.spec?.containers[0]?.image ?? "";
const setsOf = async (client: Client): Promise<string[]> => (await client.resource(replicaSets).list({ namespace })).items.map((set) => `${imageOf(set)} ${set.spec.replicas ?? 0}`).toSorted();

test("a Deployment rolls to a new template and back, and keeps the set that it comes from", async (t) => {
  const { client, events, eventually } = await startWorkloads(t, (deps) => [deploymentController(deps), replicaSetController(deps)]);
  const web = client.resource(deployments);
  await web.create({ metadata: { name: "web", namespace }, spec: { replicas: 3, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: "web", image: "web:1" }] } } }, status: {} });
  const rolledTo = (image: string, others: readonly string[]): Promise<void> => eventually(async () => {
    const { status } = await web.get("web", namespace);
    assert.deepEqual([status.updatedReplicas, status.availableReplicas, status.replicas, await setsOf(client)], [3, 3, 3, [...others, `${image} 3`].toSorted()]);
  });
  await rolledTo("web:1", []);
  for (const [image, other] of [["web:2", "web:1 0"], ["web:1", "web:2 0"]] as const) {
    await web.patch("web", namespace, { type: "strategic", body: { spec: { template: { spec: containers(image) } } } });
    await rolledTo(image, [other]);
  }
  assert.equal((await web.get("web", namespace)).metadata.annotations?.["deployment.kubernetes.io/revision"], "3");
  assert(events.some((text) => /^ScalingReplicaSet: Scaled down replica set web-\S+ from 1 to 0$/.test(text)), events.join("\n"));
});

test("a budget says how many may go, and an eviction waits for it", async (t) => {
  const { client, eventually } = await startWorkloads(t, (deps) => [replicaSetController(deps), disruptionController(deps)]);
  await client.resource(podDisruptionBudgets).create({ metadata: { name: "web", namespace }, spec: { maxUnavailable: 1, selector: { matchLabels: labels } }, status: {} });
  await client.resource(replicaSets).create({ metadata: { name: "web", namespace }, spec: { replicas: 2, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: "web", image: "a" }] } } }, status: { replicas: 0 } });
  const allowed = async (): Promise<readonly unknown[]> => {
    const { status } = await client.resource(podDisruptionBudgets).get("web", namespace);
    return [status.disruptionsAllowed, status.currentHealthy, status.desiredHealthy, status.expectedPods];
  };
  await eventually(async () => assert.deepEqual(await allowed(), [1, 2, 1, 2]));
  const [first, second] = (await client.resource(pods).list({ namespace })).items.map(({ metadata }) => metadata.name);
  const evict = (name = ""): Promise<unknown> => client.resource(pods).createSubresource(name, namespace, "eviction", { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace } });
  await evict(first);
  await assert.rejects(evict(second), (err) => isStatus(err, "TooManyRequests"));
  await eventually(async () => assert.deepEqual(await allowed(), [1, 2, 1, 2])); // another one serves
  await evict(second);
});

test("over quota a set starts slowly and says what it cannot make; in a namespace that goes it tries once and is silent", async (t) => {
  const { client, events, eventually } = await startWorkloads(t, (deps) => [replicaSetController(deps), resourceQuotaController(deps)]);
  await client.resource(resourceQuotas).create({ metadata: { name: "few", namespace }, spec: { hard: { pods: "3" } }, status: {} });
  await eventually(async () => assert.deepEqual((await client.resource(resourceQuotas).get("few", namespace)).status.used, { pods: "0" }));
  const newSet = (name: string, replicas: number): Promise<ReplicaSet> => client.resource(replicaSets).create({ metadata: { name, namespace }, spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: "web", image: "a" }] } } }, status: { replicas: 0 } });
  await newSet("late", 0);
  await newSet("web", 100);
  await eventually(async () => {
    const { replicas, conditions = [] } = (await client.resource(replicaSets).get("web", namespace)).status;
    assert.deepEqual([replicas, conditions.map(({ type, status, reason }) => [type, status, reason])], [3, [["ReplicaFailure", "True", "FailedCreate"]]]);
  });
  const first = Object.groupBy(events.slice(0, 7), (text) => text.slice(0, text.indexOf(":")));
  assert.deepEqual([first["SuccessfulCreate"]?.length, first["FailedCreate"]?.length], [3, 4], "one, two, four, and no more");
  assert.match(events.find((text) => text.startsWith("FailedCreate")) ?? "", /^FailedCreate: Error creating: pods "web-\w{5}" is forbidden: exceeded quota: few, requested: pods=1, used: pods=3, limited: pods=3$/);

  await client.resource(replicaSets).delete("web", namespace);
  await client.resource(resourceQuotas).delete("few", namespace);
  await client.resource(namespaces).delete(namespace, undefined);
  const told = events.length;
  await client.resource(replicaSets).patch("late", namespace, { type: "merge", body: { spec: { replicas: 100 } } });
  await eventually(async () => {
    const { observedGeneration, replicas, conditions } = (await client.resource(replicaSets).get("late", namespace)).status;
    assert.deepEqual([observedGeneration, replicas, conditions], [2, 0, undefined]);
  });
  assert.deepEqual(events.slice(told), []);
});

test("a quota counts what there is", async (t) => {
  const { client, eventually } = await startWorkloads(t, (deps) => [resourceQuotaController(deps)]);
  const used = async (): Promise<unknown> => (await client.resource(resourceQuotas).get("all", namespace)).status.used;
  await client.resource(configMaps).create({ metadata: { name: "before", namespace }, data: {} });
  await client.resource(resourceQuotas).create({ metadata: { name: "all", namespace }, spec: { hard: { configmaps: "2", pods: "1" } }, status: {} });
  await eventually(async () => assert.deepEqual(await used(), { configmaps: "1", pods: "0" }));
  await client.resource(configMaps).create({ metadata: { name: "after", namespace }, data: {} });
  await assert.rejects(client.resource(configMaps).create({ metadata: { name: "more", namespace }, data: {} }), /exceeded quota: all, requested: configmaps=1, used: configmaps=2, limited: configmaps=2/);
  await client.resource(configMaps).delete("before", namespace);
  await eventually(async () => assert.deepEqual(await used(), { configmaps: "1", pods: "0" }));
});

test("what a cluster has of itself is made, and made again when it goes", async (t) => {
  const server = await startApiServer(t);
  const { client } = server;
  runControllers(t, server, serviceAccountController, (deps) => rootCaController(deps, "CA"), (deps) => kubernetesServiceController(deps, { serviceIP: "10.43.0.1", address: "192.0.2.1", port: 6443 }), (deps) => serviceCidrController(deps, "10.43.0.0/16"), serviceAddressController);
  const there = async (what: string, read: () => Promise<unknown>): Promise<void> => {
    await until(what, () => read().then(() => true, (err: unknown) => (isStatus(err, "NotFound") ? false : Promise.reject(err))));
  };
  await client.resource(namespaces).create({ metadata: { name: "shop" }, spec: {}, status: {} });
  const account = (): Promise<unknown> => client.resource(serviceAccounts).get("default", "shop");
  const ca = (): Promise<unknown> => client.resource(configMaps).get("kube-root-ca.crt", "shop");
  await there("an account", account);
  await there("the CA", ca);
  await client.resource(configMaps).delete("kube-root-ca.crt", "shop");
  await client.resource(serviceAccounts).delete("default", "shop");
  await there("an account again", account);
  await there("the CA again", ca);
  await there("the Service", () => client.resource(services).get("kubernetes", "default"));
  await until("what is behind it", async () => (await client.resource(endpoints).get("kubernetes", "default")).subsets?.[0]?.addresses?.[0]?.ip === "192.0.2.1");
  await client.resource(endpointSlices).delete("kubernetes", "default");
  await there("its slice again", () => client.resource(endpointSlices).get("kubernetes", "default"));
  await there("its address", () => client.resource(ipAddresses).get("10.43.0.1"));
  await until("the range", async () => (await client.resource(serviceCidrs).get("kubernetes")).status.conditions?.some(({ type, status }) => type === "Ready" && status === "True"));
});

test("nodes get parts of the pods' range that do not overlap, and how long they may keep what they read", async (t) => {
  const server = await startApiServer(t);
  const { client } = server;
  runControllers(t, server, (deps) => nodeIpamController(deps, "10.42.0.0/16"), nodeTtlController);
  const names = ["a", "b", "c"];
  await Promise.all(names.map((name) => client.resource(nodes).create({ metadata: { name }, spec: {}, status: {} })));
  const found = await until("three ranges", async () => {
    const { items } = await client.resource(nodes).list();
    return items.every(({ metadata, spec }) => spec.podCIDR !== undefined && metadata.annotations?.["node.alpha.kubernetes.io/ttl"] === "0") && items;
  });
  assert.deepEqual(found.map(({ spec }) => spec.podCIDR ?? "").toSorted(), ["10.42.0.0/24", "10.42.1.0/24", "10.42.2.0/24"]);
  await client.resource(nodes).delete("a", undefined);
  await client.resource(nodes).create({ metadata: { name: "d" }, spec: {}, status: {} });
  const freed = found.find(({ metadata }) => metadata.name === "a")?.spec.podCIDR;
  await until("the range that came free", async () => (await client.resource(nodes).get("d")).spec.podCIDR === freed);
});

test("an aggregated role gathers what others are labelled for", async (t) => {
  const server = await startApiServer(t);
  const { client } = server;
  runControllers(t, server, clusterRoleAggregationController);
  const rule = { apiGroups: ["example.com"], resources: ["fleets"], verbs: ["get"] };
  await client.resource(clusterRoles).create({ metadata: { name: "all-fleets" }, aggregationRule: { clusterRoleSelectors: [{ matchLabels: { fleets: "yes" } }] }, rules: [] });
  await client.resource(clusterRoles).create({ metadata: { name: "fleets", labels: { fleets: "yes" } }, rules: [rule] });
  const rules = async (): Promise<readonly unknown[]> => (await client.resource(clusterRoles).get("all-fleets")).rules ?? [];
  await until("the rule", async () => (await rules()).length === 1);
  assert.deepEqual(await rules(), [rule]);
  await client.resource(clusterRoles).delete("fleets", undefined);
  await until("no rule", async () => (await rules()).length === 0);
});
