import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import type { PersistentVolume } from "#api/gen/core-v1.ts";
import { exec } from "#base/exec.ts";
import { formatOf } from "./format-and-mount.ts";
import { LocalDevices } from "./local-devices.ts";
import { isMountPoint, unmountBeneath } from "./mounts.ts";

interface World { readonly root: string; readonly device: string; readonly devices: LocalDevices; readonly use: (pod: string) => Promise<void>; readonly unuse: (pod: string) => Promise<void> }

/** An empty device, and a kubelet's directory in which pods may have the volume `pv`. */
async function world(t: TestContext): Promise<World> {
  const root = await mkdtemp(join(tmpdir(), "local-devices-"));
  const file = join(root, "disk");
  await writeFile(file, "");
  await truncate(file, 8 << 20);
  const device = (await exec("losetup", ["-f", "--show", file])).trim();
  t.after(async () => {
    await unmountBeneath(root);
    await exec("losetup", ["-d", device]);
    await rm(root, { recursive: true, force: true });
  });
  const of = (pod: string): string => join(root, "pods", pod, "volumes/kind/pv");
  return { root, device, devices: new LocalDevices(root, "kind"), use: async (pod) => void (await mkdir(of(pod), { recursive: true })), unuse: (pod) => rm(of(pod), { recursive: true }) };
}

const volume = (path: string, more: { readonly fsType?: string; readonly mountOptions?: string[] } = {}): PersistentVolume =>
  ({ metadata: { name: "pv" }, spec: { local: { path, ...(more.fsType !== undefined && { fsType: more.fsType }) }, ...(more.mountOptions && { mountOptions: more.mountOptions }) }, status: {} });

/** One partition, and nothing else in the first 64 KiB. */
function partitionTable(): Buffer {
  const start = Buffer.alloc(64 << 10);
  start.set([0x83, 0, 0, 0, 1, 0, 0, 0, 100], 446 + 4); // its type, and where it is
  start.set([0x55, 0xaa], 510);
  return start;
}

describe("the file system of a local device", { skip: process.getuid?.() !== 0 && "needs root" }, () => {
  test("is made once, stands for all pods that have the volume, and keeps what is on it", async (t) => {
    const { root, device, devices, use, unuse } = await world(t);
    await use("a");
    const path = await devices.mount(volume(device));
    assert.deepEqual([path, await isMountPoint(path), await formatOf(device)], [join(root, "plugins/kubernetes.io/local-volume/mounts/pv"), true, "ext4"]);
    await writeFile(join(path, "data"), "kept");
    await use("b");
    assert.equal(await new LocalDevices(root, "kind").mount(volume(device)), path); // a kubelet that knows nothing of before
    await unuse("a");
    await devices.release("pv");
    assert.equal(await isMountPoint(path), true);
    await unuse("b");
    await devices.releaseAll();
    assert.equal(await isMountPoint(path), false);
    await devices.release("pv");
    await use("c");
    assert.equal(await readFile(join(await devices.mount(volume(device)), "data"), "utf8"), "kept");
  });

  test("is not made over another, nor where nothing may be written, nor of a kind that is a path", async (t) => {
    const { device, devices } = await world(t);
    await assert.rejects(devices.mount(volume(device, { mountOptions: ["ro"] })), { message: `cannot mount unformatted disk ${device} as we are manipulating it in read-only mode` });
    await assert.rejects(devices.mount(volume(device, { fsType: "../sh" })), { message: 'fsType "../sh" is no file system' });
    assert.equal(await formatOf(device), "");
    await exec("mkfs.ext4", ["-q", device]);
    await assert.rejects(devices.mount(volume(device, { fsType: "xfs" })), /failed to mount the volume as "xfs", it already contains ext4. Mount error: /);
    await writeFile(device, partitionTable(), { flag: "r+" });
    await assert.rejects(devices.mount(volume(device)), /it already contains unknown data, probably partitions/);
  });
});
