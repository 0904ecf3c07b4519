/** Volumes of a CSI driver, from the volume manager's seam down to the driver's socket and real mounts. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { status } from "@grpc/grpc-js";
import type { PersistentVolume, Pod, Volume } from "#api/gen/core-v1.ts";
import type { CSIDriver } from "#api/gen/storage-v1.ts";
import { systemClock } from "#base/clock.ts";
import { CsiDrivers } from "#csi/drivers.ts";
import { csiVolume } from "#volumes/csi/csi-volume.ts";
import { VolumesInUse } from "#volumes/csi/in-use.ts";
import { restoreInUse, type CsiDeps } from "#volumes/csi/staging.ts";
import { isMountPoint } from "#volumes/mounts.ts";
import type { Mount, VolumePlugin, VolumeSources } from "#volumes/plugin.ts";
import { noSources } from "#volumes/plugin.contract.ts";
import { CsiTestDriver, type CsiDriverOptions } from "../support/csi-driver.ts";

const name = "disks.example.com";
const handle = "vol-1";

interface World {
  readonly driver: CsiTestDriver;
  readonly root: string;
  readonly inUse: VolumesInUse;
  /** A plugin of a process that knows nothing of those before. */
  readonly plugin: () => VolumePlugin;
  readonly mount: (pod: string, parts?: { readonly object?: Partial<CSIDriver["spec"]>; readonly inline?: Volume["csi"]; readonly spec?: Partial<PersistentVolume["spec"]>; readonly podSpec?: Partial<Pod["spec"]>; readonly sources?: Partial<VolumeSources> }) => Promise<Mount>;
}

async function world(t: TestContext, options: Partial<CsiDriverOptions> = {}): Promise<World> {
  const root = await mkdtemp(join(tmpdir(), "csi-"));
  const driver = new CsiTestDriver({ name, dir: join(root, "driver"), ...options });
  await driver.start();
  await driver.create(handle, 1024 * 1024, false);
  const drivers = new CsiDrivers(systemClock);
  drivers.add(name, driver.endpoint);
  t.after(async () => {
    drivers.remove(name);
    await driver.stop();
    await rm(root, { recursive: true, force: true });
  });
  const inUse = new VolumesInUse();
  const deps = (): CsiDeps => ({ drivers, inUse, rootDir: root, nodeName: "n1" });
  return {
    driver, root, inUse,
    plugin: () => csiVolume(deps()),
    async mount(uid, { object, inline, spec = {}, podSpec = {}, sources = {} } = {}) {
      const volume: PersistentVolume = { metadata: { name: "pv-1" }, spec: { accessModes: ["ReadWriteOnce"], csi: { driver: name, volumeHandle: handle, fsType: "ext4" }, ...spec }, status: {} };
      const kind = spec.volumeMode === "Block" ? "volumeDevices" : "volumes";
      const dir = join(root, "pods", uid, kind, "kubernetes.io~csi", inline === undefined ? "pv-1" : "data");
      await mkdir(dirname(dir), { recursive: true });
      const found: CSIDriver | undefined = object && { metadata: { name }, spec: object };
      return {
        pod: { metadata: { name: uid, namespace: "default", uid }, spec: { containers: [], ...podSpec }, status: {} }, dir, signal: t.signal,
        volume: { name: "data", ...(inline === undefined ? { persistentVolumeClaim: { claimName: "c" } } : { csi: inline }) },
        ...(inline === undefined && { persistent: { claim: { metadata: { name: "c" }, spec: {}, status: {} }, volume } }),
        source: { ...noSources, csiDriver: async () => found, ...sources },
      };
    },
  };
}

const noAttach = { attachRequired: false };

describe("volumes of a CSI driver", { skip: process.getuid?.() !== 0 && "needs root" }, () => {
  test("are staged once, published for each pod, and unstaged after the last, by whatever process", async (t) => {
    const { driver, root, plugin, mount } = await world(t);
    const [a, b] = [await mount("a", { object: noAttach }), await mount("b", { object: noAttach })];
    const { path } = await plugin().setUp(a);
    assert.equal(path, join(a.dir, "mount"));
    await writeFile(join(path, "file"), "kept");
    assert.equal(await readFile(join((await plugin().setUp(b)).path, "file"), "utf8"), "kept");
    await plugin().tearDown(a.dir);
    assert.equal(driver.calls.includes(`nodeUnstageVolume ${handle}`), false);
    await plugin().tearDown(b.dir);
    assert.deepEqual(driver.calls.slice(-2), [`nodeUnpublishVolume ${handle}`, `nodeUnstageVolume ${handle}`]);
    assert.deepEqual(await readdir(join(root, "plugins/kubernetes.io/csi", name)), []);
    assert.equal(await readFile(join(driver.volume(handle), "file"), "utf8"), "kept");
  });

  test("are published once by one process, and again at each look where the driver wants that", async (t) => {
    const { driver, plugin, mount } = await world(t);
    const [once, often] = [plugin(), await mount("b", { object: { ...noAttach, requiresRepublish: true } })];
    const a = await mount("a", { object: noAttach });
    for (const each of [a, a, often, often]) await once.setUp(each);
    assert.equal(driver.calls.filter((call) => call === `nodePublishVolume ${handle}`).length, 3);
    for (const { dir } of [a, often]) await once.tearDown(dir);
  });

  test("wait to be attached, and are in use from then until they are unstaged, also after a restart", async (t) => {
    const { driver, root, inUse, plugin, mount } = await world(t);
    const unique = `kubernetes.io/csi/${name}^${handle}`;
    const attached = async (volume: string): Promise<Record<string, string>> => {
      assert.deepEqual([volume, inUse.names], [unique, [unique]]);
      return { device: "/dev/x" };
    };
    const a = await mount("a", { sources: { attached } });
    await plugin().setUp(a);
    assert.deepEqual((driver.last.get("nodePublishVolume") as { publishContext: object }).publishContext, { device: "/dev/x" });
    const later = new VolumesInUse();
    await restoreInUse({ drivers: new CsiDrivers(systemClock), inUse: later, rootDir: root, nodeName: "n1" });
    assert.deepEqual(later.names, [unique]);
    await plugin().tearDown(a.dir);
    assert.deepEqual(inUse.names, []);
  });

  test("that are never attached are not in use", async (t) => {
    const { inUse, plugin, mount } = await world(t);
    await assert.rejects(plugin().setUp(await mount("a", { sources: { attached: () => Promise.reject(new Error("timed out")) } })), { message: "timed out" });
    assert.deepEqual(inUse.names, []);
  });

  test("that stand in the pod live as long as it, if the driver says so", async (t) => {
    const { driver, plugin, mount } = await world(t);
    const inline = { driver: name, volumeAttributes: { content: "hello" } };
    await assert.rejects(plugin().setUp(await mount("a", { inline })), { message: `volume mode "Ephemeral" not supported by driver ${name} (no CSIDriver object)` });
    await assert.rejects(plugin().setUp(await mount("a", { inline, object: {} })), { message: `volume mode "Ephemeral" not supported by driver ${name} (only supports ["Persistent"])` });
    const a = await mount("a", { inline, object: { volumeLifecycleModes: ["Ephemeral"], podInfoOnMount: true } });
    const { path } = await plugin().setUp(a);
    assert.equal(await readFile(join(path, "content"), "utf8"), "hello");
    const { volumeContext } = driver.last.get("nodePublishVolume") as { volumeContext: Record<string, string> };
    assert.deepEqual([volumeContext["csi.storage.k8s.io/ephemeral"], volumeContext["csi.storage.k8s.io/pod.uid"]], ["true", "a"]);
    await plugin().tearDown(a.dir);
    assert.equal(driver.calls.some((call) => call.startsWith("nodeStage") || call.startsWith("nodeUnstage")), false);
  });

  test("get secrets and tokens", async (t) => {
    const { driver, plugin, mount } = await world(t);
    const secretRef = { name: "keys", namespace: "kube-system" };
    const a = await mount("a", {
      object: { ...noAttach, tokenRequests: [{ audience: "vault" }] }, spec: { csi: { driver: name, volumeHandle: handle, nodeStageSecretRef: secretRef } },
      sources: { secret: async () => ({ metadata: { name: "keys" }, data: { key: Buffer.from("s3cret").toString("base64") } }), boundToken: async () => ({ token: "jwt", expirationTimestamp: "2026-01-01T00:00:00Z" }) },
    });
    await plugin().setUp(a);
    assert.deepEqual((driver.last.get("nodeStageVolume") as { secrets: object }).secrets, { key: "s3cret" });
    assert.deepEqual((driver.last.get("nodePublishVolume") as { volumeContext: object }).volumeContext, { "csi.storage.k8s.io/serviceAccount.tokens": '{"vault":{"token":"jwt","expirationTimestamp":"2026-01-01T00:00:00Z"}}' });
    await plugin().tearDown(a.dir);
  });

  test("that a driver refuses are taken down all the same, and a volume without a driver waits for it", async (t) => {
    const { driver, plugin, mount, root } = await world(t);
    const a = await mount("a", { object: noAttach });
    driver.failing.set("nodePublishVolume", status.INVALID_ARGUMENT);
    await assert.rejects(plugin().setUp(a), { message: "rpc error: code = InvalidArgument desc = nodePublishVolume is told to fail" });
    await plugin().tearDown(a.dir);
    assert.equal(driver.calls.at(-1), `nodeUnstageVolume ${handle}`);
    const alone = csiVolume({ drivers: new CsiDrivers(systemClock), inUse: new VolumesInUse(), rootDir: root, nodeName: "n1" });
    await assert.rejects(alone.setUp(a), { message: `driver name ${name} not found in the list of registered CSI drivers` });
    await alone.tearDown(a.dir);
  });

  test("that a process left staged for no pod are swept away", async (t) => {
    const { driver, plugin, mount } = await world(t);
    const a = await mount("a", { object: noAttach });
    await plugin().setUp(a);
    driver.failing.set("nodeUnstageVolume", status.UNAVAILABLE);
    await assert.rejects(plugin().tearDown(a.dir));
    driver.failing.clear();
    await plugin().sweep?.();
    assert.equal(driver.calls.at(-1), `nodeUnstageVolume ${handle}`);
  });

  test("of mode Block are devices", async (t) => {
    const { driver, root, plugin, mount } = await world(t);
    await driver.create(handle, 1024 * 1024, true);
    const a = await mount("a", { object: noAttach, spec: { volumeMode: "Block" } });
    const mapped = await plugin().mapDevice?.(a);
    assert.deepEqual(mapped, { path: join(root, "plugins/kubernetes.io/csi/volumeDevices/publish/pv-1/a"), readOnly: false, device: true });
    assert.equal(await readlink(a.dir), mapped?.path);
    assert.equal(await isMountPoint(mapped?.path ?? ""), true);
    assert.equal((await plugin().deviceUsage?.(a.dir))?.capacity, 1_000);
    assert.deepEqual(driver.last.get("nodeGetVolumeStats"), { volumeId: handle, volumePath: mapped?.path });
    await plugin().unmapDevice?.(a.dir);
    assert.equal(await isMountPoint(mapped?.path ?? ""), false);
    assert.equal(driver.calls.at(-1), `nodeUnstageVolume ${handle}`);
  });

  test("tell what they hold, if the driver does", async (t) => {
    const { driver, plugin, mount } = await world(t);
    const a = await mount("a", { object: noAttach });
    const { path } = await plugin().setUp(a);
    assert.deepEqual(await plugin().usage?.(a.dir), { capacity: 1_000, available: 600, used: 400, inodes: 100, inodesFree: 90 });
    assert.deepEqual(driver.last.get("nodeGetVolumeStats"), { volumeId: handle, volumePath: path });
    await plugin().tearDown(a.dir);
    const silent = await world(t, { capabilities: ["STAGE_UNSTAGE_VOLUME"] });
    const b = await silent.mount("b", { object: noAttach });
    await silent.plugin().setUp(b);
    assert.equal(await silent.plugin().usage?.(b.dir), undefined);
    await silent.plugin().tearDown(b.dir);
  });

  test("grow", async (t) => {
    const { driver, plugin, mount } = await world(t);
    const a = await mount("a", { object: noAttach });
    const { path } = await plugin().setUp(a);
    await plugin().expand?.(a, path, 2_048n);
    const { capacityRange, volumePath } = driver.last.get("nodeExpandVolume") as { capacityRange: { requiredBytes: string }; volumePath: string };
    assert.deepEqual([capacityRange.requiredBytes, volumePath], ["2048", path]);
    await plugin().tearDown(a.dir);
  });
});
