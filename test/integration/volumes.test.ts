/** Claims and volumes over the whole server: who is bound to whom, what stays when one of them goes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { PersistentVolume, PersistentVolumeClaim } from "#api/gen/core-v1.ts";
import { events, namespaces, persistentVolumeClaims, persistentVolumes, pods, serviceAccounts } from "#api/resources.ts";
import { isStatus } from "#apimachinery/status.ts";
import { until } from "#base/waiting.ts";
import type { Client } from "#client/client.ts";
import { ephemeralVolumeController } from "#controllers/ephemeral-volume/reconciler.ts";
import { garbageCollector } from "#controllers/garbage-collector/reconciler.ts";
import { claimController, volumeController } from "#controllers/persistent-volume/reconciler.ts";
import { claimProtectionController, volumeProtectionController } from "#controllers/storage-protection/reconciler.ts";
import { startApiServer } from "../support/api-server.ts";
import { runControllers } from "../support/controllers.ts";

const ns = "shop";

async function started(t: Parameters<typeof runControllers>[0]): Promise<Client> {
  const server = await startApiServer(t);
  await server.client.resource(namespaces).create({ metadata: { name: ns }, spec: {}, status: {} });
  await server.client.resource(serviceAccounts).create({ metadata: { name: "default", namespace: ns } });
  runControllers(t, server, claimController, volumeController, claimProtectionController, volumeProtectionController, ephemeralVolumeController, garbageCollector);
  return server.client;
}

const newVolume = (client: Client, name: string, spec: object = {}): Promise<PersistentVolume> =>
  client.resource(persistentVolumes).create({ metadata: { name }, spec: { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], persistentVolumeReclaimPolicy: "Retain", hostPath: { path: `/tmp/${name}` }, ...spec }, status: {} });
const newClaim = (client: Client, name: string, spec: object = {}): Promise<PersistentVolumeClaim> =>
  client.resource(persistentVolumeClaims).create({ metadata: { name, namespace: ns }, spec: { accessModes: ["ReadWriteOnce"], storageClassName: "", resources: { requests: { storage: "1Gi" } }, ...spec }, status: {} });
const volumeIn = (client: Client, name: string, phase: string): Promise<PersistentVolume> => until(`${name} ${phase}`, async () => client.resource(persistentVolumes).get(name).then((v) => v.status.phase === phase && v));
const claimIn = (client: Client, name: string, phase: string): Promise<PersistentVolumeClaim> => until(`${name} ${phase}`, async () => client.resource(persistentVolumeClaims).get(name, ns).then((c) => c.status.phase === phase && c));
const missing = (err: unknown): boolean => isStatus(err, "NotFound");

test("a volume that is deleted while it is bound stays until its claim is gone", async (t) => {
  const client = await started(t);
  await newVolume(client, "v");
  await newClaim(client, "data");
  assert.equal((await claimIn(client, "data", "Bound")).spec.volumeName, "v");
  await volumeIn(client, "v", "Bound");
  await client.resource(persistentVolumes).delete("v", undefined);
  assert.notEqual((await client.resource(persistentVolumes).get("v")).metadata.deletionTimestamp, undefined);
  await client.resource(persistentVolumeClaims).delete("data", ns);
  await until("no volume", () => client.resource(persistentVolumes).get("v").then(() => false, missing));
});

test("a volume that is kept is released, and given to nobody until its claim is struck out", async (t) => {
  const client = await started(t);
  await newVolume(client, "v");
  await newClaim(client, "data");
  await claimIn(client, "data", "Bound");
  await client.resource(persistentVolumeClaims).delete("data", ns);
  await volumeIn(client, "v", "Released");
  await newClaim(client, "data");
  assert.equal((await claimIn(client, "data", "Pending")).spec.volumeName, undefined);
  await client.resource(persistentVolumes).patch("v", undefined, { type: "merge", body: { spec: { claimRef: null } } });
  assert.equal((await claimIn(client, "data", "Bound")).spec.volumeName, "v");
});

test("a claim whose volume is gone is lost; one that names what it cannot use is told why", async (t) => {
  const client = await started(t);
  await newVolume(client, "v");
  await newClaim(client, "data");
  await claimIn(client, "data", "Bound");
  await volumeIn(client, "v", "Bound");
  await client.resource(persistentVolumes).delete("v", undefined);
  await client.resource(persistentVolumes).patch("v", undefined, { type: "merge", body: { metadata: { finalizers: null } } });
  await claimIn(client, "data", "Lost");
  await newVolume(client, "small", { capacity: { storage: "1Mi" } });
  await newClaim(client, "large", { volumeName: "small" });
  const told = await until("an event", async () => (await client.resource(events).list({ namespace: ns })).items.find(({ reason }) => reason === "VolumeMismatch"));
  assert.deepEqual([told.type, told.message], ["Warning", 'Cannot bind to requested volume "small": requested PV is too small']);
});

test("an ephemeral volume's claim comes with its pod and goes with it", async (t) => {
  const client = await started(t);
  await client.resource(pods).create({
    metadata: { name: "p", namespace: ns }, status: {},
    spec: { automountServiceAccountToken: false, containers: [{ name: "c", image: "c:1" }], volumes: [{ name: "v", ephemeral: { volumeClaimTemplate: { spec: { accessModes: ["ReadWriteOnce"], storageClassName: "", resources: { requests: { storage: "1Gi" } } } } } }] },
  });
  await until("a claim", () => client.resource(persistentVolumeClaims).get("p-v", ns).then(() => true, () => false));
  await client.resource(pods).delete("p", ns, { gracePeriodSeconds: 0 });
  await until("no claim", () => client.resource(persistentVolumeClaims).get("p-v", ns).then(() => false, missing));
});
