/** What every volume plugin keeps: repeatable set-up, repeatable tear-down by the directory alone. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { notFound } from "#apimachinery/status.ts";
import type { Pod, PodSpec, Volume } from "#api/gen/core-v1.ts";
import { boundVolume } from "./bound-volume.ts";
import { readMounts } from "./mounts.ts";
import { directoryOf, type Mount, type VolumePlugin, type VolumeSources } from "./plugin.ts";

export interface PluginCase {
  readonly plugin: () => VolumePlugin;
  /** `host` is a directory of the test's own, for volumes that name a path of the node. */
  readonly volume: (host: string) => Omit<Volume, "name">;
  readonly sources?: (host: string) => Partial<VolumeSources>;
}

const missing = (resource: string, name: string): Promise<never> => Promise.reject(notFound({ group: "", resource }, name));

/** Sources that hold nothing. */
export const noSources: VolumeSources = {
  configMap: (_, name) => missing("configmaps", name),
  secret: (_, name) => missing("secrets", name),
  claim: (_, name) => missing("persistentvolumeclaims", name),
  persistentVolume: (name) => missing("persistentvolumes", name),
  serviceAccountToken: () => Promise.reject(new Error("no tokens here")),
  boundToken: () => Promise.reject(new Error("no tokens here")),
  trustAnchors: () => Promise.reject(new Error("no bundles here")),
  podCertificate: () => Promise.reject(new Error("no certificates here")),
  csiDriver: () => Promise.resolve(undefined),
  attached: () => Promise.resolve({}),
  downward: () => { throw new Error("no fields here"); },
};

/** A mount of a volume called `data` in a directory of its own, taken down after the test. */
export async function newMount(t: TestContext, plugin: VolumePlugin, volume: Omit<Volume, "name">, sources: Partial<VolumeSources> = {}, spec: Partial<PodSpec> = {}, pod = "pod"): Promise<Mount> {
  const root = await mkdtemp(join(tmpdir(), "volume-"));
  const dir = join(root, "volumes", directoryOf(plugin.name), "data");
  await mkdir(dirname(dir), { recursive: true });
  t.after(async () => {
    await plugin.tearDown(dir);
    await rm(root, { recursive: true, force: true });
  });
  const object: Pod = { metadata: { name: pod, namespace: "default", uid: `${pod}-uid` }, spec: { containers: [{ name: "c", resources: {} }], ...spec }, status: {} };
  const [source, named] = [{ ...noSources, ...sources }, { name: "data", ...volume }];
  const persistent = await boundVolume(object, named, source).catch(() => undefined); // a contract's tear-down needs none
  return { pod: object, volume: named, dir, source, signal: t.signal, ...(persistent && { persistent }) };
}

export async function scratchDir(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "host-"));
  t.after(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

export function volumePluginContract(name: string, { plugin: make, volume, sources = () => ({}) }: PluginCase): void {
  describe(`${name} keeps the VolumePlugin contract`, { skip: process.getuid?.() !== 0 }, () => {
    test("takes the volumes it is for", (_, done) => {
      assert.equal(make().supports({ name: "data", ...volume("/") }), true);
      assert.match(make().name, /^kubernetes\.io\/[a-z-]+$/);
      done();
    });

    test("set up twice stands as set up once", async (t) => {
      const host = await scratchDir(t);
      const mount = await newMount(t, make(), volume(host), sources(host));
      const plugin = make();
      const first = await plugin.setUp(mount);
      const mounts = await mountsBeneath(mount.dir);
      const before = await stat(first.path);
      assert.deepEqual(await plugin.setUp(mount), first);
      assert.equal(await mountsBeneath(mount.dir), mounts);
      assert.equal((await stat(first.path)).ino, before.ino);
    });

    test("is set up again by a plugin that knows nothing of before", async (t) => {
      const host = await scratchDir(t);
      const mount = await newMount(t, make(), volume(host), sources(host));
      const first = await make().setUp(mount);
      const mounts = await mountsBeneath(mount.dir);
      assert.deepEqual(await make().setUp(mount), first);
      assert.equal(await mountsBeneath(mount.dir), mounts);
    });

    test("is taken down by the directory alone, twice, and nothing stays", async (t) => {
      const host = await scratchDir(t);
      const mount = await newMount(t, make(), volume(host), sources(host));
      await make().setUp(mount);
      await make().tearDown(mount.dir);
      await make().tearDown(mount.dir);
      await assert.rejects(stat(mount.dir), { code: "ENOENT" });
      assert.equal((await readMounts()).some(({ path }) => path.startsWith(mount.dir)), false);
      assert.equal((await stat(host)).isDirectory(), true);
    });

    test("taking down what was never set up is fine", async (t) => {
      const host = await scratchDir(t);
      const mount = await newMount(t, make(), volume(host));
      await make().tearDown(mount.dir);
    });
  });
}

/** Other tests mount as well, at the same time. */
const mountsBeneath = async (dir: string): Promise<number> => (await readMounts()).filter(({ path }) => path.startsWith(dir)).length;
