/** Claims that pods ask for by templates, over the whole server: made, told, kept for their users, given back, gone with the pod. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod } from "#api/gen/core-v1.ts";
import type { ResourceClaim } from "#api/gen/resource-v1.ts";
import { events, namespaces, pods, resourceClaims, resourceClaimTemplates, serviceAccounts } from "#api/resources.ts";
import { isStatus } from "#apimachinery/status.ts";
import { until } from "#base/waiting.ts";
import type { Client } from "#client/client.ts";
import { garbageCollector } from "#controllers/garbage-collector/reconciler.ts";
import { resourceClaimController } from "#controllers/resource-claim/reconciler.ts";
import { unusedResourceClaimController } from "#controllers/resource-claim/unused.ts";
import { startApiServer } from "../support/api-server.ts";
import { runControllers } from "../support/controllers.ts";

const namespace = "shop";
const requests = [{ name: "gpu", exactly: { deviceClassName: "gpu.example.com" } }];
const newPod = (client: Client, name: string, nodeName?: string): Promise<Pod> => client.resource(pods).create({
  metadata: { name, namespace }, spec: { containers: [{ name: "app", image: "app:1", resources: { claims: [{ name: "gpu" }] } }], resourceClaims: [{ name: "gpu", resourceClaimTemplateName: "one-gpu" }], ...(nodeName && { nodeName }) }, status: {},
});
const claimOf = (client: Client, name: string): Promise<ResourceClaim> => until(`a claim of ${name}`, async () => {
  const said = (await client.resource(pods).get(name, namespace)).status.resourceClaimStatuses?.[0]?.resourceClaimName;
  return said === undefined ? undefined : client.resource(resourceClaims).get(said, namespace);
});
const gone = (client: Client, name: string): Promise<boolean> => until(`no ${name}`, () => client.resource(resourceClaims).get(name, namespace).then(() => false, (err: unknown) => isStatus(err, "NotFound")));

test("a pod's claim is made from its template, reserved, given back when the pod has ended, and gone", async (t) => {
  const server = await startApiServer(t);
  const { client } = server;
  await client.resource(namespaces).create({ metadata: { name: namespace }, spec: {}, status: {} });
  await client.resource(serviceAccounts).create({ metadata: { name: "default", namespace } });
  runControllers(t, server, garbageCollector, resourceClaimController, unusedResourceClaimController);

  await newPod(client, "web", "node-a"); // placed by hand: the scheduler reserves nothing
  const told = await until("an event", async () => (await client.resource(events).list({ namespace })).items.find(({ reason }) => reason === "FailedResourceClaimCreation"));
  assert.deepEqual([told.type, told.message, told.involvedObject.name], ["Warning", 'PodResourceClaim gpu: resource claim template "one-gpu": resourceclaimtemplate.resource.k8s.io "one-gpu" not found', "web"]);
  await client.resource(resourceClaimTemplates).create({ metadata: { name: "one-gpu", namespace }, spec: { metadata: { labels: { team: "shop" } }, spec: { devices: { requests } } } });
  const claim = await claimOf(client, "web");
  assert.match(claim.metadata.name, /^web-gpu-[a-z0-9]{5}$/);
  assert.deepEqual([claim.metadata.labels, claim.metadata.annotations, claim.spec.devices?.requests?.[0]?.exactly?.deviceClassName], [{ team: "shop" }, { "resource.kubernetes.io/pod-claim-name": "gpu" }, "gpu.example.com"]);

  const allocated = await client.resource(resourceClaims).patch(claim.metadata.name, namespace, { type: "merge", body: { metadata: { finalizers: ["resource.kubernetes.io/delete-protection"] } } });
  const results = [{ request: "gpu", driver: "gpu.example.com", pool: "node-a", device: "gpu-0" }];
  await client.resource(resourceClaims).update({ ...allocated, status: { allocation: { devices: { results } } } }, { subresource: "status" });
  const uid = (await client.resource(pods).get("web", namespace)).metadata.uid;
  await until("a reservation", async () => (await client.resource(resourceClaims).get(claim.metadata.name, namespace)).status.reservedFor?.some((one) => one.uid === uid));

  await client.resource(pods).patch("web", namespace, { type: "merge", body: { status: { phase: "Succeeded" } } }, { subresource: "status" });
  await gone(client, claim.metadata.name); // reservation, allocation and finalizer first
  assert.equal((await client.resource(pods).get("web", namespace)).status.phase, "Succeeded");

  await newPod(client, "next");
  const next = await claimOf(client, "next");
  await client.resource(resourceClaims).delete(next.metadata.name, namespace);
  const again = await until("another claim", async () => {
    const found = await claimOf(client, "next").catch(() => undefined);
    return found?.metadata.name === next.metadata.name ? undefined : found;
  });
  await client.resource(pods).delete("next", namespace);
  await gone(client, again.metadata.name);
});
