/** Volumes of the default class over the whole server, by the provisioner's own identity: made, grown and removed. */
import assert from "node:assert/strict";
import { access, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { PersistentVolumeClaim } from "#api/gen/core-v1.ts";
import { events, namespaces, persistentVolumeClaims, persistentVolumes, resourceQuotas, storageClasses } from "#api/resources.ts";
import { isStatus } from "#apimachinery/status.ts";
import { until } from "#base/waiting.ts";
import { newClient } from "#client/http-client.ts";
import { inProcess } from "#client/in-process-transport.ts";
import { localPathClass } from "#controllers/persistent-volume/default-class.ts";
import { claimController, volumeController } from "#controllers/persistent-volume/reconciler.ts";
import { claimProtectionController, volumeProtectionController } from "#controllers/storage-protection/reconciler.ts";
import { localPathProvisioner } from "#provisioner/local-path.ts";
import { startApiServer } from "../support/api-server.ts";
import { runControllers } from "../support/controllers.ts";

const ns = "shop";

test("a claim gets a directory, grows as far as the quota lets it, and takes the directory with it", async (t) => {
  const server = await startApiServer(t);
  const { client } = server;
  const root = await mkdtemp(join(tmpdir(), "local-path-"));
  t.after(() => rm(root, { recursive: true, force: true }));
  await client.resource(namespaces).create({ metadata: { name: ns }, spec: {}, status: {} });
  await client.resource(storageClasses).create({ ...localPathClass, volumeBindingMode: "Immediate" });
  await client.resource(resourceQuotas).create({ metadata: { name: "disk", namespace: ns }, spec: { hard: { "requests.storage": "3Gi" } }, status: {} });
  await client.resource(resourceQuotas).patch("disk", ns, { type: "merge", body: { status: { hard: { "requests.storage": "3Gi" }, used: { "requests.storage": "0" } } } }, { subresource: "status" });
  const claims = client.resource(persistentVolumeClaims);
  runControllers(t, server, claimController, volumeController, claimProtectionController, volumeProtectionController);
  const identity = { name: "seedpod:local-path-provisioner:n1", groups: ["seedpod:local-path-provisioners", "system:authenticated"] };
  runControllers(t, { client: newClient(inProcess(server.api.handler, identity)) }, (deps) => localPathProvisioner({ ...deps, nodeName: "n1", root }));

  await claims.create({ metadata: { name: "data", namespace: ns, annotations: { "volume.kubernetes.io/selected-node": "n1" } }, spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } }, status: {} });
  const bound = await until("bound", async () => claims.get("data", ns).then((claim) => claim.status.phase === "Bound" && claim));
  const directory = join(root, bound.spec.volumeName ?? "");
  await access(directory);

  const ask = (storage: string): Promise<PersistentVolumeClaim> => claims.patch("data", ns, { type: "merge", body: { spec: { resources: { requests: { storage } } } } });
  await ask("2Gi");
  const grown = await until("grown", async () => claims.get("data", ns).then((claim) => claim.status.capacity?.["storage"] === "2Gi" && claim));
  const volume = await client.resource(persistentVolumes).get(grown.spec.volumeName ?? "");
  assert.deepEqual([volume.spec.capacity, grown.status.conditions ?? []], [{ storage: "2Gi" }, []]);
  await until("told", async () => (await client.resource(events).list({ namespace: ns })).items.some(({ reason }) => reason === "VolumeResizeSuccessful"));
  await assert.rejects(ask("4Gi"), (err) => isStatus(err, "Forbidden") && /exceeded quota: disk, requested: requests.storage=2Gi/.test(err.message));

  await claims.delete("data", ns);
  await until("no directory", () => access(directory).then(() => false, () => true));
});
