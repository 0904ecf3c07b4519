/** Who goes with whom over the whole server: owners in the wrong place, dependents that block, dependents that stay. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Event } from "#api/gen/core-v1.ts";
import { ownerRef } from "#controllers/owner.ts";
import { configMaps, customResourceDefinitions, events, namespaces, priorityClasses, type ResourceRef } from "#api/resources.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { isStatus } from "#apimachinery/status.ts";
import { until } from "#base/waiting.ts";
import type { Client } from "#client/client.ts";
import { garbageCollector } from "#controllers/garbage-collector/reconciler.ts";
import { namespaceController } from "#controllers/namespace/reconciler.ts";
import { startApiServer } from "../support/api-server.ts";
import { runControllers } from "../support/controllers.ts";

async function started(t: Parameters<typeof runControllers>[0]): Promise<Client> {
  const server = await startApiServer(t);
  for (const name of ["shop", "other"]) await server.client.resource(namespaces).create({ metadata: { name }, spec: {}, status: {} });
  runControllers(t, server, garbageCollector, namespaceController);
  return server.client;
}

const newMap = (client: Client, name: string, namespace: string, owners: readonly KubeObject[] = [], metadata: object = {}): Promise<KubeObject> =>
  client.resource(configMaps).create({ metadata: { name, namespace, ownerReferences: owners.map((owner) => ({ ...ownerRef(owner, configMaps), blockOwnerDeletion: true })), ...metadata } });
const isThere = (client: Client, name: string, namespace: string): Promise<boolean> => client.resource(configMaps).get(name, namespace).then(() => true, (err: unknown) => {
  if (isStatus(err, "NotFound")) return false;
  throw err;
});
const gone = (client: Client, name: string, namespace = "shop"): Promise<boolean> => until(`no ${name}`, async () => !(await isThere(client, name, namespace)));

test("an owner in another namespace is none: its dependent goes, and is told why", async (t) => {
  const client = await started(t);
  const owner = await newMap(client, "owner", "other");
  const uid = owner.metadata.uid ?? "";
  await newMap(client, "dependent", "shop", [owner]);
  const told = await until<Event>("an event", async () => (await client.resource(events).list({ namespace: "shop" })).items.find(({ reason }) => reason === "OwnerRefInvalidNamespace"));
  assert.deepEqual([told.type, told.message, told.involvedObject.name], ["Warning", `ownerRef [v1/ConfigMap, namespace: shop, name: owner, uid: ${uid}] does not exist in namespace "shop"`, "dependent"]);
  await gone(client, "dependent");
  assert(await isThere(client, "owner", "other"));
});

test("a cluster-scoped object that names a namespaced owner is left alone", async (t) => {
  const client = await started(t);
  const absent = { apiVersion: "v1", kind: "ConfigMap", name: "x", uid: "none" };
  await client.resource(priorityClasses).create({ metadata: { name: "kept", ownerReferences: [absent] }, value: 1 });
  await newMap(client, "marker", "shop", [], { ownerReferences: [absent] });
  await gone(client, "marker"); // both were looked at
  assert.equal((await client.resource(priorityClasses).get("kept")).metadata.deletionTimestamp, undefined);
});

test("foreground: the owner waits for what blocks it; orphan: dependents stay", async (t) => {
  const client = await started(t);
  const front = await newMap(client, "front", "shop");
  await newMap(client, "held", "shop", [front], { finalizers: ["example.com/hold"] });
  await client.resource(configMaps).delete("front", "shop", { propagationPolicy: "Foreground" });
  await until("the dependent is going", async () => (await client.resource(configMaps).get("held", "shop")).metadata.deletionTimestamp !== undefined);
  assert(await isThere(client, "front", "shop"));
  await client.resource(configMaps).patch("held", "shop", { type: "merge", body: { metadata: { finalizers: null } } });
  await gone(client, "front");
  const parent = await newMap(client, "parent", "shop");
  await newMap(client, "child", "shop", [parent]);
  await client.resource(configMaps).delete("parent", "shop", { propagationPolicy: "Orphan" });
  await gone(client, "parent");
  assert.deepEqual((await client.resource(configMaps).get("child", "shop")).metadata.ownerReferences ?? [], []);
});

test("a namespace that cannot be emptied says what holds it, and goes when nothing does", async (t) => {
  const client = await started(t);
  await newMap(client, "held", "shop", [], { finalizers: ["example.com/hold"] });
  await client.resource(namespaces).delete("shop", undefined);
  const conditions = await until("conditions", async () => (await client.resource(namespaces).get("shop")).status.conditions);
  assert.deepEqual(conditions.filter(({ status }) => status === "True").map(({ type, message }) => [type, message]), [
    ["NamespaceContentRemaining", "Some resources are remaining: configmaps. has 1 resource instances"],
    ["NamespaceFinalizersRemaining", "Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances"],
  ]);
  await client.resource(configMaps).patch("held", "shop", { type: "merge", body: { metadata: { finalizers: null } } });
  await until("no namespace", () => client.resource(namespaces).get("shop").then(() => false, (err: unknown) => isStatus(err, "NotFound")));
});

test("objects of a definition that came later are collected too, and one that went holds up nothing", async (t) => {
  const client = await started(t);
  const sizes: ResourceRef = { group: "shop.example.com", version: "v1", resource: "sizes", kind: "Size", namespaced: true };
  const schema = { openAPIV3Schema: { type: "object" as const } };
  await client.resource(customResourceDefinitions).create({
    metadata: { name: "sizes.shop.example.com" },
    spec: { group: "shop.example.com", scope: "Namespaced", names: { plural: "sizes", kind: "Size" }, versions: [{ name: "v1", served: true, storage: true, schema }] }, status: {},
  });
  const owner = await newMap(client, "owner", "shop");
  const size = { metadata: { name: "large", namespace: "shop", ownerReferences: [ownerRef(owner, configMaps)] } };
  await until("the definition is served", () => client.resource(sizes).create(size).catch(() => undefined));
  await client.resource(configMaps).delete("owner", "shop");
  await until("no large", () => client.resource(sizes).get("large", "shop").then(() => false, (err: unknown) => isStatus(err, "NotFound")));

  await client.resource(customResourceDefinitions).delete("sizes.shop.example.com", undefined);
  const other = await newMap(client, "other", "shop");
  await newMap(client, "dependent", "shop", [other]);
  await client.resource(configMaps).delete("other", "shop");
  await gone(client, "dependent");
});
