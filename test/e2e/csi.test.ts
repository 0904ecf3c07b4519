/** Volumes of a CSI driver in real pods: provisioned, attached, written, grown, as devices and for one pod's life. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { Event, Node, PersistentVolumeClaim } from "#api/gen/core-v1.ts";
import type { CSINode, VolumeAttachment } from "#api/gen/storage-v1.ts";
import { systemClock } from "#base/clock.ts";
import { eventually } from "#base/waiting.ts";
import { newClient } from "#client/http-client.ts";
import { httpsTransport } from "#client/https-transport.ts";
import { loadKubeconfig } from "#client/kubeconfig.ts";
import { CsiTestDriver } from "../support/csi-driver.ts";
import { csiSidecars } from "../support/csi-sidecars.ts";
import { sharedInstance } from "../support/shared-instance.ts";
import { testNamespace } from "../support/test-namespace.ts";

const shared = sharedInstance();

describe("a CSI driver's volumes", { skip: shared === undefined && "needs root" }, () => {
  assert(shared !== undefined);
  const namespace = "csi-test";
  const name = "disks.example.com";
  const { nodeName, kubeletDir } = shared.settings;
  const stopping = new AbortController();
  let driver: CsiTestDriver;
  let sidecars: Promise<void>;
  let dir: string;

  const { json, kubectl, make, remove } = testNamespace(shared, namespace);
  const apply = (...objects: readonly object[]): Promise<string> => shared.kubectlWith(JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }), "apply", "-f", "-");
  const claim = (called: string, more: object = {}): object => ({ apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name: called, namespace }, spec: { storageClassName: "disks", accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "10Mi" } }, ...more } });
  const pod = (called: string, volume: object, container: object): object => ({
    apiVersion: "v1", kind: "Pod", metadata: { name: called, namespace },
    spec: { terminationGracePeriodSeconds: 0, volumes: [{ name: "data", ...volume }], containers: [{ name: "app", image: "seedpod.local/nginx:1", command: ["sleep", "1000"], ...container }] },
  });
  const mounted = { volumeMounts: [{ name: "data", mountPath: "/data" }] };
  const of = (claimName: string): object => ({ persistentVolumeClaim: { claimName } });
  const ready = (called: string): Promise<string> => kubectl("wait", "--for=condition=Ready", `pod/${called}`, "--timeout=60s");

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), "csi-e2e-"));
    driver = new CsiTestDriver({ name, dir, registry: join(kubeletDir, "plugins_registry"), nodeId: "disk-node", maxVolumes: 5, topology: { "disks.example.com/rack": "a" } });
    const transport = httpsTransport({ ...(await loadKubeconfig(shared.kubeconfig)), userAgent: "csi-sidecars" });
    sidecars = csiSidecars(newClient(transport, systemClock), driver).run(stopping.signal).finally(() => transport.close());
    await driver.start();
    await make();
    await apply(
      { apiVersion: "storage.k8s.io/v1", kind: "CSIDriver", metadata: { name }, spec: { attachRequired: true, podInfoOnMount: true, volumeLifecycleModes: ["Persistent", "Ephemeral"] } },
      { apiVersion: "storage.k8s.io/v1", kind: "StorageClass", metadata: { name: "disks" }, provisioner: name, volumeBindingMode: "WaitForFirstConsumer", allowVolumeExpansion: true },
    );
  });
  after(async () => {
    await remove();
    await eventually(async () => assert.equal(await shared.kubectl("get", "pv", "-o", "name"), ""));
    await shared.kubectl("delete", "storageclass/disks", `csidriver/${name}`);
    stopping.abort();
    await sidecars;
    await driver.stop();
    await rm(dir, { recursive: true, force: true });
    await eventually(async () => assert.equal((await shared.json<CSINode>("get", "csinode", nodeName)).spec.drivers?.length ?? 0, 0));
  });

  test("registers itself with the node", async () => {
    await eventually(async () => assert.deepEqual(driver.registrations.map(({ pluginRegistered }) => pluginRegistered), [true]));
    const { spec } = await shared.json<CSINode>("get", "csinode", nodeName);
    assert.deepEqual(spec.drivers, [{ name, nodeID: "disk-node", topologyKeys: ["disks.example.com/rack"], allocatable: { count: 5 } }]);
    const { metadata } = await shared.json<Node>("get", "node", nodeName);
    assert.deepEqual([metadata.annotations?.["csi.volume.kubernetes.io/nodeid"], metadata.labels?.["disks.example.com/rack"]], [`{"${name}":"disk-node"}`, "a"]);
  });

  test("are made, attached, and keep what a pod wrote for the next one; they grow under it", async () => {
    await apply(claim("data"), pod("first", of("data"), mounted));
    await ready("first");
    const attachments = await shared.json<{ items: VolumeAttachment[] }>("get", "volumeattachments");
    assert.deepEqual(attachments.items.map(({ spec, status }) => [spec.attacher, spec.nodeName, status.attached]), [[name, nodeName, true]]);
    const { status } = await shared.json<Node>("get", "node", nodeName);
    assert.deepEqual(status.volumesInUse, status.volumesAttached?.map((volume) => volume.name));
    await kubectl("exec", "first", "--", "sh", "-c", "echo kept > /data/file");
    await kubectl("patch", "pvc", "data", "-p", JSON.stringify({ spec: { resources: { requests: { storage: "20Mi" } } } }));
    await eventually(async () => assert.match(await shared.kubectl("get", "pv", "-o", "jsonpath={.items[*].spec.capacity.storage}"), /20Mi/));
    let looks = 0;
    await eventually(async () => {
      await kubectl("annotate", "--overwrite", "pod", "first", `look=${looks++}`); // sooner than at the kubelet's next round, but not within a second of what it has read
      const { status: grown } = await json<PersistentVolumeClaim>("get", "pvc", "data");
      assert.deepEqual([grown.capacity?.["storage"], grown.conditions ?? [], grown.allocatedResourceStatuses ?? {}], ["20Mi", [], {}]);
    });
    assert.equal((driver.last.get("nodeExpandVolume") as { capacityRange: { requiredBytes: string } }).capacityRange.requiredBytes, String(20 * 1024 * 1024));
    await kubectl("delete", "pod", "first");
    await eventually(async () => assert.equal(await shared.kubectl("get", "volumeattachments", "-o", "name"), ""));
    await apply(pod("second", of("data"), mounted));
    await ready("second");
    assert.equal(await kubectl("exec", "second", "--", "cat", "/data/file"), "kept\n");
    const { items } = await json<{ items: Event[] }>("get", "events");
    const reasons = new Set(items.map(({ reason }) => reason));
    assert.deepEqual(["ExternalProvisioning", "SuccessfulAttachVolume", "ExternalExpanding", "FileSystemResizeSuccessful"].filter((reason) => !reasons.has(reason)), []);
    await kubectl("delete", "pod", "second");
  });

  test("of mode Block are devices in the container", async () => {
    await apply(claim("disk", { volumeMode: "Block" }), pod("raw", of("disk"), { volumeDevices: [{ name: "data", devicePath: "/dev/disk" }] }));
    await ready("raw");
    assert.equal(await kubectl("exec", "raw", "--", "sh", "-c", "test -b /dev/disk && printf hello | dd of=/dev/disk conv=notrunc 2>/dev/null; head -c 5 /dev/disk"), "hello");
    await kubectl("delete", "pod", "raw");
  });

  test("that stand in a pod are that pod's", async () => {
    await apply(pod("inline", { csi: { driver: name, volumeAttributes: { content: "hello" } } }, mounted));
    await ready("inline");
    assert.equal(await kubectl("exec", "inline", "--", "cat", "/data/content"), "hello");
    const volumes = driver.calls.filter((call) => call.startsWith("nodePublishVolume csi-")).length;
    await kubectl("delete", "pod", "inline");
    await eventually(async () => assert.equal(driver.calls.filter((call) => call.startsWith("nodeUnpublishVolume csi-")).length, volumes));
  });
});
