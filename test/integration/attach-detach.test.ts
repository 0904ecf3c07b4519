/** Attaching and detaching over the whole server: a volume follows its pod from node to node, and is never in two places. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Node } from "#api/gen/core-v1.ts";
import type { VolumeAttachment } from "#api/gen/storage-v1.ts";
import { events, namespaces, nodes, persistentVolumeClaims, persistentVolumes, pods, serviceAccounts, volumeAttachments } from "#api/resources.ts";
import { until } from "#base/waiting.ts";
import type { Client } from "#client/client.ts";
import { attachDetachController } from "#controllers/attach-detach/reconciler.ts";
import { startApiServer } from "../support/api-server.ts";
import { runControllers } from "../support/controllers.ts";

const ns = "shop";
const unique = "kubernetes.io/csi/disks.example.com^h1";

async function world(client: Client): Promise<void> {
  await client.resource(namespaces).create({ metadata: { name: ns }, spec: {}, status: {} });
  await client.resource(serviceAccounts).create({ metadata: { name: "default", namespace: ns } });
  for (const name of ["n1", "n2"]) await client.resource(nodes).create({ metadata: { name, annotations: { "volumes.kubernetes.io/controller-managed-attach-detach": "true" } }, spec: {}, status: {} });
  const claim = await client.resource(persistentVolumeClaims).create({ metadata: { name: "data", namespace: ns }, spec: { accessModes: ["ReadWriteOnce"], storageClassName: "", volumeName: "v", resources: { requests: { storage: "1Gi" } } }, status: {} });
  await client.resource(persistentVolumes).create({
    metadata: { name: "v" }, status: {},
    spec: { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], persistentVolumeReclaimPolicy: "Retain", csi: { driver: "disks.example.com", volumeHandle: "h1" }, claimRef: { namespace: ns, name: "data", uid: claim.metadata.uid ?? "" } },
  });
}

const run = (client: Client, name: string, nodeName: string): Promise<unknown> => client.resource(pods).create({
  metadata: { name, namespace: ns }, status: {}, spec: { nodeName, containers: [{ name: "c", image: "i", resources: {} }], volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }] },
});
const inUse = (client: Client, node: string, names: readonly string[]): Promise<Node> => client.resource(nodes).patch(node, undefined, { type: "merge", body: { status: { volumesInUse: names } } }, { subresource: "status" });

/** What the driver's attacher does. */
async function attached(client: Client, node: string): Promise<void> {
  const { metadata } = await until(`an attachment to ${node}`, async () => (await client.resource(volumeAttachments).list({})).items.find(({ spec }) => spec.nodeName === node && spec.source.persistentVolumeName === "v"));
  await client.resource(volumeAttachments).patch(metadata.name, undefined, { type: "merge", body: { status: { attached: true } } }, { subresource: "status" });
  await until(`${node} knows`, async () => (await client.resource(nodes).get(node)).status.volumesAttached?.some(({ name }) => name === unique));
}

test("a volume is attached to a second node only when the first has let it go", async (t) => {
  const { client } = await startApiServer(t);
  await world(client);
  const foreign: VolumeAttachment = { metadata: { name: "somebodys" }, spec: { attacher: "other.example.com", nodeName: "n2", source: { persistentVolumeName: "elsewhere" } }, status: { attached: false } };
  await client.resource(volumeAttachments).create(foreign);
  runControllers(t, { client }, attachDetachController);

  await run(client, "a", "n1");
  await attached(client, "n1");
  await inUse(client, "n1", [unique]);
  await run(client, "b", "n2");
  await until("the second pod is told", async () => (await client.resource(events).list({ namespace: ns })).items.find(({ reason, involvedObject, message }) =>
    reason === "FailedAttachVolume" && involvedObject.name === "b" && message === 'Multi-Attach error for volume "v" Volume is already used by pod(s) a'));

  await client.resource(pods).delete("a", ns, { gracePeriodSeconds: 0 });
  const mine = async (): Promise<readonly string[]> => (await client.resource(volumeAttachments).list({})).items.filter(({ spec }) => spec.source.persistentVolumeName === "v").map(({ spec }) => spec.nodeName);
  assert.deepEqual(await mine(), ["n1"]); // it is still in use
  await inUse(client, "n1", []);
  await attached(client, "n2");
  assert.deepEqual(await mine(), ["n2"]);
  assert.deepEqual((await client.resource(nodes).get("n1")).status.volumesAttached ?? [], []);
  await client.resource(pods).delete("b", ns, { gracePeriodSeconds: 0 });
  await until("nobody has it", async () => (await mine()).length === 0);
  assert.equal((await client.resource(volumeAttachments).get("somebodys")).metadata.deletionTimestamp, undefined);
});
