/** Services' endpoints over the whole server: what appears behind a Service, and what goes with it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Endpoints } from "#api/gen/core-v1.ts";
import type { EndpointSlice } from "#api/gen/discovery-v1.ts";
import { endpoints, endpointSlices, namespaces, nodes, pods, serviceAccounts, services } from "#api/resources.ts";
import { isStatus } from "#apimachinery/status.ts";
import { until } from "#base/waiting.ts";
import type { Client } from "#client/client.ts";
import { endpointsController } from "#controllers/endpoints/reconciler.ts";
import { endpointSliceController } from "#controllers/endpointslice/reconciler.ts";
import { endpointSliceMirroringController } from "#controllers/endpointslice-mirroring/reconciler.ts";
import { garbageCollector } from "#controllers/garbage-collector/reconciler.ts";
import { startApiServer } from "../support/api-server.ts";
import { runControllers } from "../support/controllers.ts";

const ns = "shop";
const slicesOf = async (client: Client, name: string): Promise<readonly EndpointSlice[]> => (await client.resource(endpointSlices).list({ namespace: ns, labelSelector: `kubernetes.io/service-name=${name}` })).items;
const endpointsOf = (client: Client, name: string): Promise<Endpoints | undefined> => client.resource(endpoints).get(name, ns).catch((err: unknown) => {
  if (isStatus(err, "NotFound")) return undefined;
  throw err;
});

async function inShop(t: Parameters<typeof runControllers>[0]): Promise<Client> {
  const server = await startApiServer(t);
  await server.client.resource(namespaces).create({ metadata: { name: ns }, spec: {}, status: {} });
  await server.client.resource(serviceAccounts).create({ metadata: { name: "default", namespace: ns } });
  await server.client.resource(nodes).create({ metadata: { name: "n" }, spec: {}, status: {} });
  runControllers(t, server, endpointsController, endpointSliceController, endpointSliceMirroringController, garbageCollector);
  return server.client;
}

async function newPod(client: Client, name: string, ip: string): Promise<void> {
  const pod = await client.resource(pods).create({ metadata: { name, namespace: ns, labels: { app: "web" } }, spec: { nodeName: "n", automountServiceAccountToken: false, containers: [{ name: "web", image: "web:1", ports: [{ name: "http", containerPort: 8080 }] }] }, status: {} });
  await client.resource(pods).update({ ...pod, status: { phase: "Running", podIP: ip, podIPs: [{ ip }], conditions: [{ type: "Ready", status: "True" }] } }, { subresource: "status" });
}

test("pods behind a service are told as endpoints and slices, and both go with it", async (t) => {
  const client = await inShop(t);
  await client.resource(services).create({ metadata: { name: "web", namespace: ns, labels: { team: "a" } }, spec: { selector: { app: "web" }, ports: [{ name: "web", port: 80, targetPort: "http" }] }, status: {} });
  await until("an empty slice", async () => (await slicesOf(client, "web")).length === 1 && endpointsOf(client, "web"));
  await newPod(client, "a", "10.42.0.7");
  const subset = await until("a subset", async () => (await endpointsOf(client, "web"))?.subsets?.[0]);
  assert.deepEqual([subset.addresses?.map(({ ip, nodeName, targetRef }) => [ip, nodeName, targetRef?.name]), subset.ports], [[["10.42.0.7", "n", "a"]], [{ name: "web", port: 8080, protocol: "TCP" }]]);
  const slice = await until("an endpoint", async () => (await slicesOf(client, "web")).find(({ endpoints: list }) => list?.length === 1));
  assert.deepEqual([slice.addressType, slice.ports, slice.endpoints?.[0]?.conditions, slice.metadata.labels?.["team"]], ["IPv4", [{ name: "web", port: 8080, protocol: "TCP" }], { ready: true, serving: true, terminating: false }, "a"]);
  await client.resource(pods).delete("a", ns, { gracePeriodSeconds: 0 });
  await until("no subset", async () => ((await endpointsOf(client, "web"))?.subsets ?? []).length === 0);
  await client.resource(services).delete("web", ns);
  await until("nothing", async () => (await endpointsOf(client, "web")) === undefined && (await slicesOf(client, "web")).length === 0);
});

test("endpoints made by hand are mirrored while a service without a selector has their name", async (t) => {
  const client = await inShop(t);
  await client.resource(endpoints).create({ metadata: { name: "db", namespace: ns }, subsets: [{ addresses: [{ ip: "10.9.8.7" }], ports: [{ name: "pg", port: 5432 }] }] });
  await client.resource(services).create({ metadata: { name: "db", namespace: ns }, spec: { ports: [{ name: "pg", port: 5432 }] }, status: {} });
  const slice = await until("a slice", async () => (await slicesOf(client, "db"))[0]);
  assert.deepEqual([slice.metadata.labels?.["endpointslice.kubernetes.io/managed-by"], slice.endpoints], ["endpointslicemirroring-controller.k8s.io", [{ addresses: ["10.9.8.7"], conditions: { ready: true } }]]);
  await client.resource(endpoints).patch("db", ns, { type: "merge", body: { subsets: [{ addresses: [{ ip: "10.9.8.6" }], ports: [{ name: "pg", port: 5432 }] }] } });
  await until("the other address", async () => (await slicesOf(client, "db"))[0]?.endpoints?.[0]?.addresses[0] === "10.9.8.6");
  await client.resource(endpoints).delete("db", ns);
  await until("no slice", async () => (await slicesOf(client, "db")).length === 0);
});
