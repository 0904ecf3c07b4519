import assert from "node:assert/strict";
import { mkdir, readFile, readdir, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, test } from "node:test";
import { systemClock } from "#base/clock.ts";
import { CsiDrivers } from "#csi/drivers.ts";
import type { ConfigMap, PersistentVolume, PersistentVolumeClaim, Secret, VolumeProjection } from "#api/gen/core-v1.ts";
import { boundVolume } from "./bound-volume.ts";
import { configMapVolume } from "./config-map.ts";
import { VolumesInUse } from "./csi/in-use.ts";
import { downwardApiVolume } from "./downward-api.ts";
import { emptyDirVolume } from "./empty-dir.ts";
import { hostPathVolume } from "./host-path.ts";
import { imageVolume, mountImage, type ImageViews } from "./image.ts";
import { volumePlugins } from "./index.ts";
import { commonDirectory, readMounts } from "./mounts.ts";
import { persistentClaimVolume } from "./persistent-claim.ts";
import { newMount, noSources, scratchDir, volumePluginContract } from "./plugin.contract.ts";
import { NotIssued, type PodCredentials, type VolumeSources } from "./plugin.ts";
import { projectedVolume } from "./projected.ts";
import { secretVolume } from "./secret.ts";

const clock = systemClock;
const base64 = (text: string): string => Buffer.from(text).toString("base64");
const map = (data: Record<string, string>): ConfigMap => ({ metadata: { name: "settings" }, data });
const secret = (data: Record<string, string>): Secret => ({ metadata: { name: "keys" }, data: Object.fromEntries(Object.entries(data).map(([key, text]) => [key, base64(text)])) });
const withMap = (data: Record<string, string>) => ({ configMap: () => Promise.resolve(map(data)) });
const withSecret = (data: Record<string, string>) => ({ secret: () => Promise.resolve(secret(data)) });
const claimed = (path: string, change: { claim?: Partial<PersistentVolumeClaim["status"]>; uid?: string; source?: "local" | "hostPath"; mode?: "Block" } = {}) => ({
  claim: (namespace: string, name: string): Promise<PersistentVolumeClaim> => Promise.resolve({ metadata: { name, namespace, uid: "claim" }, spec: { volumeName: "pv" }, status: { phase: "Bound", ...change.claim } }),
  persistentVolume: (name: string): Promise<PersistentVolume> => Promise.resolve({ metadata: { name }, spec: { [change.source ?? "local"]: { path }, claimRef: { uid: change.uid ?? "claim" }, ...(change.mode && { volumeMode: change.mode }) }, status: {} }),
});

volumePluginContract("emptyDir", { plugin: () => emptyDirVolume, volume: () => ({ emptyDir: {} }) });
volumePluginContract("emptyDir in memory", { plugin: () => emptyDirVolume, volume: () => ({ emptyDir: { medium: "Memory", sizeLimit: "1Mi" } }) });
volumePluginContract("hostPath", { plugin: () => hostPathVolume, volume: (host) => ({ hostPath: { path: host, type: "Directory" } }) });
volumePluginContract("configMap", { plugin: () => configMapVolume(clock), volume: () => ({ configMap: { name: "settings" } }), sources: () => withMap({ a: "1" }) });
volumePluginContract("secret", { plugin: () => secretVolume(clock), volume: () => ({ secret: { secretName: "keys" } }), sources: () => withSecret({ a: "1" }) });
volumePluginContract("downwardAPI", { plugin: () => downwardApiVolume(clock), volume: () => ({ downwardAPI: { items: [{ path: "name", fieldRef: { fieldPath: "metadata.name" } }] } }), sources: () => ({ downward: () => "pod" }) });
volumePluginContract("projected", { plugin: () => projectedVolume(clock), volume: () => ({ projected: { sources: [{ serviceAccountToken: { path: "token" } }] } }), sources: () => ({ serviceAccountToken: () => Promise.resolve("jwt") }) });
volumePluginContract("image", { plugin: () => imageVolume(undefined), volume: () => ({ image: { reference: "i" } }) });
volumePluginContract("persistentVolumeClaim", { plugin: () => persistentClaimVolume("/nonexistent"), volume: () => ({ persistentVolumeClaim: { claimName: "c" } }), sources: (host) => claimed(host) });

const skip = process.getuid?.() !== 0;

test("each kind of volume has its plugin, and the rest a refusal", async (t) => {
  const plugins = volumePlugins({ clock, csi: { drivers: new CsiDrivers(clock), inUse: new VolumesInUse(), rootDir: "/nonexistent", nodeName: "n1" } });
  const nfs = { name: "data", nfs: { server: "s", path: "/" } };
  const taken = plugins.find((plugin) => plugin.supports(nfs));
  assert(taken);
  const mount = await newMount(t, taken, { nfs: nfs.nfs });
  await assert.rejects(taken.setUp(mount), { message: 'no volume plugin matched: volumes of kind "nfs" are not supported by this kubelet' });
  assert.equal(new Set(plugins.map(({ name }) => name)).size, plugins.length);
});

describe("an image's files", { skip }, () => {
  const viewsOf = (mounts: readonly { readonly type: string; readonly source: string; readonly options: readonly string[] }[]) => {
    const held: string[] = [];
    const views: ImageViews = {
      view: (_, key) => Promise.resolve((held.push(key), mounts)),
      remove: (key) => Promise.resolve(void held.splice(held.indexOf(key), 1)),
    };
    return { held, views };
  };

  test("of several layers and of one are read-only, not executed, and let go by the directory alone", async (t) => {
    const host = await scratchDir(t);
    const layers = ["a", "b", "c"].map((name) => join(host, "snapshots", name, "fs"));
    for (const layer of layers) await mkdir(layer, { recursive: true });
    for (const layer of layers) await writeFile(join(layer, "who"), layer);
    for (const mounts of [[{ type: "overlay", source: "overlay", options: ["index=off", `lowerdir=${layers.join(":")}`] }], [{ type: "bind", source: layers[0] ?? "", options: ["ro", "rbind"] }]]) {
      const { held, views } = viewsOf(mounts);
      const mount = await newMount(t, imageVolume(views), { image: { reference: "i" } });
      const { path: dir } = await imageVolume(views).setUp(mount);
      const path = await mountImage(views, dir, "sha256:1");
      assert.equal(await mountImage(views, dir, "sha256:1"), path);
      assert.equal(await readFile(join(path, "who"), "utf8"), layers[0]);
      const { options = [] } = (await readMounts()).find((each) => each.path === path) ?? {};
      assert.deepEqual(["ro", "noexec"].filter((option) => !options.includes(option)), []);
      assert.deepEqual(held, [path]);
      await imageVolume(views).tearDown(dir);
      assert.deepEqual(held, []);
      assert.equal((await readMounts()).some((each) => each.path.startsWith(dir)), false);
    }
  });

  test("whose mount was broken off are let go as well", async (t) => {
    const { held, views } = viewsOf([{ type: "nonsense", source: "none", options: [] }]);
    const mount = await newMount(t, imageVolume(views), { image: { reference: "i" } });
    const { path: dir } = await imageVolume(views).setUp(mount);
    await assert.rejects(mountImage(views, dir, "sha256:1"));
    assert.equal(held.length, 1);
    await imageVolume(views).tearDown(dir);
    assert.deepEqual(held, []);
  });

  test("are named from where all layers are", () => {
    assert.equal(commonDirectory(["/r/snapshots/1/fs", "/r/snapshots/22/fs"]), "/r/snapshots");
    assert.equal(commonDirectory(["/r/1/fs"]), "/r/1");
    assert.equal(commonDirectory(["/a/x", "/b/x"]), "/");
  });
});

describe("emptyDir", { skip }, () => {
  test("is open to every user", async (t) => {
    const { path } = await emptyDirVolume.setUp(await newMount(t, emptyDirVolume, { emptyDir: {} }));
    assert.equal((await stat(path)).mode & 0o7777, 0o777);
  });
  test("in memory is a tmpfs, no larger than its limit or its pod's", async (t) => {
    const containers = [{ name: "a", resources: { limits: { memory: "512Ki" } } }, { name: "b", resources: { limits: { memory: "512Ki" } } }];
    const mount = await newMount(t, emptyDirVolume, { emptyDir: { medium: "Memory", sizeLimit: "4Mi" } }, {}, { containers });
    const { path } = await emptyDirVolume.setUp(mount);
    assert.equal((await readMounts()).find((each) => each.path === path)?.fsType, "tmpfs");
    assert.equal((await stat(path)).mode & 0o7777, 0o1777);
    await assert.rejects(writeFile(join(path, "big"), Buffer.alloc(2 * 1024 * 1024)), { code: "ENOSPC" });
  });
  test("is the fsGroup's", async (t) => {
    const { path } = await emptyDirVolume.setUp(await newMount(t, emptyDirVolume, { emptyDir: {} }, {}, { securityContext: { fsGroup: 4242 } }));
    const { gid, mode } = await stat(path);
    assert.deepEqual([gid, mode & 0o7777], [4242, 0o2777]);
  });
  test("in memory keeps its sticky bit as the fsGroup's", async (t) => {
    const { path } = await emptyDirVolume.setUp(await newMount(t, emptyDirVolume, { emptyDir: { medium: "Memory" } }, {}, { securityContext: { fsGroup: 4242 } }));
    const { gid, mode } = await stat(path);
    assert.deepEqual([gid, mode & 0o7777], [4242, 0o3777]);
  });
  test("of huge pages is refused", async (t) => {
    await assert.rejects(emptyDirVolume.setUp(await newMount(t, emptyDirVolume, { emptyDir: { medium: "HugePages-2Mi" } })), /HugePages-2Mi/);
  });
});

describe("hostPath", () => {
  const set = (t: Parameters<typeof newMount>[0], path: string, type?: string) => newMount(t, hostPathVolume, { hostPath: { path, ...(type && { type: type as "File" }) } }).then((mount) => hostPathVolume.setUp(mount));
  const refusals = [
    ["Directory", "is not a directory"], ["File", "is not a file"], ["Socket", "is not a socket file"], ["CharDevice", "is not a character device"], ["BlockDevice", "is not a block device"],
  ] as const;
  for (const [type, words] of refusals) {
    test(`of type ${type} checks it`, async (t) => {
      const path = join(await scratchDir(t), "missing");
      await assert.rejects(set(t, path, type), { message: `hostPath type check failed: ${path} ${words}` });
    });
  }
  test("makes what …OrCreate asks for, and does not take another kind for it", async (t) => {
    const host = await scratchDir(t);
    await set(t, join(host, "a/b"), "DirectoryOrCreate");
    assert.equal((await stat(join(host, "a/b"))).isDirectory(), true);
    await set(t, join(host, "f"), "FileOrCreate");
    assert.equal((await stat(join(host, "f"))).size, 0);
    await assert.rejects(set(t, join(host, "f"), "DirectoryOrCreate"), /f is not a directory/);
    await assert.rejects(set(t, join(host, "a"), "FileOrCreate"), /a is not a file/);
    assert.deepEqual(await set(t, join(host, "nothing")), { path: join(host, "nothing") });
  });
  test("knows sockets and devices", async (t) => {
    const path = join(await scratchDir(t), "socket");
    const server = createServer().listen(path);
    t.after(() => server.close());
    await set(t, path, "Socket");
    await set(t, "/dev/null", "CharDevice");
  });
});

describe("configMap and secret", { skip }, () => {
  test("project their items with modes", async (t) => {
    const plugin = configMapVolume(clock);
    const mount = await newMount(t, plugin, { configMap: { name: "settings", defaultMode: 0o640, items: [{ key: "a", path: "x/y" }, { key: "b", path: "z", mode: 0o400 }] } }, withMap({ a: "1", b: "2", c: "3" }));
    const { path, readOnly } = await plugin.setUp(mount);
    assert.equal(readOnly, true);
    assert.equal(await readFile(join(path, "x/y"), "utf8"), "1");
    assert.deepEqual([(await stat(join(path, "x/y"))).mode & 0o777, (await stat(join(path, "z"))).mode & 0o777], [0o640, 0o400]);
    assert.deepEqual((await readdir(path)).filter((name) => !name.startsWith("..")), ["x", "z"]);
  });
  test("say in upstream's words what is missing, unless it is optional", async (t) => {
    const [configMaps, secrets] = [configMapVolume(clock), secretVolume(clock)];
    const items = [{ key: "no", path: "no" }];
    await assert.rejects(configMaps.setUp(await newMount(t, configMaps, { configMap: { name: "gone" } })), { message: 'configmap "gone" not found' });
    await assert.rejects(secrets.setUp(await newMount(t, secrets, { secret: { secretName: "gone" } })), { message: 'secret "gone" not found' });
    await assert.rejects(configMaps.setUp(await newMount(t, configMaps, { configMap: { name: "m", items } }, withMap({}))), { message: "configmap references non-existent config key: no" });
    await assert.rejects(secrets.setUp(await newMount(t, secrets, { secret: { secretName: "s", items } }, withSecret({}))), { message: "references non-existent secret key: no" });
    const { path } = await secrets.setUp(await newMount(t, secrets, { secret: { secretName: "gone", optional: true } }));
    assert.deepEqual((await readdir(path)).filter((name) => !name.startsWith("..")), []);
  });
  test("a secret never touches the disk", async (t) => {
    const plugin = secretVolume(clock);
    const { path } = await plugin.setUp(await newMount(t, plugin, { secret: { secretName: "keys" } }, withSecret({ password: "hunter2" })));
    assert.equal((await readMounts()).find((each) => each.path === path)?.fsType, "tmpfs");
    assert.equal(await readFile(join(path, "password"), "utf8"), "hunter2");
  });
});

describe("projected", { skip }, () => {
  const all: VolumeProjection[] = [
    { configMap: { name: "settings", items: [{ key: "ca", path: "ca.crt" }] } }, { secret: { name: "keys" } },
    { downwardAPI: { items: [{ path: "namespace", fieldRef: { fieldPath: "metadata.namespace" } }] } }, { serviceAccountToken: { path: "token", expirationSeconds: 3607 } },
  ];
  const sources = { ...withMap({ ca: "CA" }), ...withSecret({ k: "v" }), downward: () => "default", serviceAccountToken: () => Promise.resolve("jwt") };
  test("holds all its sources", async (t) => {
    const plugin = projectedVolume(clock);
    const { path } = await plugin.setUp(await newMount(t, plugin, { projected: { sources: all } }, sources));
    assert.deepEqual((await readdir(path)).filter((name) => !name.startsWith("..")), ["ca.crt", "k", "namespace", "token"]);
    assert.equal(await readFile(join(path, "token"), "utf8"), "jwt");
  });
  test("gives the token to the pod's one user alone", async (t) => {
    const plugin = projectedVolume(clock);
    const { path } = await plugin.setUp(await newMount(t, plugin, { projected: { sources: all } }, sources, { securityContext: { runAsUser: 1234 } }));
    const { uid, mode } = await stat(join(path, "token"));
    assert.deepEqual([uid, mode & 0o777], [1234, 0o600]);
    assert.equal((await stat(join(path, "k"))).uid, 0);
  });
  test("names every source that fails", async (t) => {
    const plugin = projectedVolume(clock);
    const mount = await newMount(t, plugin, { projected: { sources: [{ configMap: { name: "a" } }, { secret: { name: "b" } }, { podCertificate: { signerName: "a.b/c", keyType: "ED25519", keyPath: "k" } }] } });
    await assert.rejects(plugin.setUp(mount), { message: '[configmap "a" not found, secret "b" not found, no certificates here]' });
  });
  const credentials: VolumeProjection[] = [{ configMap: { name: "settings" } }, { podCertificate: { credentialBundlePath: "both.pem", keyPath: "key.pem", certificateChainPath: "tls/chain.pem" } }];
  const contents = (path: string): Promise<readonly string[]> => Promise.all(["both.pem", "key.pem", "tls/chain.pem"].map((file) => readFile(join(path, file), "utf8")));
  test("holds a key and its certificate, together and apart, for the pod's one user alone", async (t) => {
    const plugin = projectedVolume(clock);
    const asked: unknown[] = [];
    const podCertificate: VolumeSources["podCertificate"] = ({ pod, volume }, index) => {
      asked.push([pod.metadata.name, volume.name, index]);
      return Promise.resolve({ key: "KEY\n", chain: "CHAIN\n" });
    };
    const { path } = await plugin.setUp(await newMount(t, plugin, { projected: { sources: credentials } }, { ...withMap({ ca: "CA" }), podCertificate }, { securityContext: { runAsUser: 1234 } }));
    const { uid, mode } = await stat(join(path, "both.pem"));
    assert.deepEqual([await contents(path), uid, mode & 0o777, asked], [["KEY\nCHAIN\n", "KEY\n", "CHAIN\n"], 1234, 0o600, [["pod", "data", 1]]]);
  });
  test("keeps the certificate that an earlier kubelet has left until there is a new one", async (t) => {
    const plugin = projectedVolume(clock);
    let answer: () => Promise<PodCredentials> = () => Promise.reject(new NotIssued("not yet"));
    const mount = await newMount(t, plugin, { projected: { sources: credentials } }, { ...withMap({ ca: "CA" }), podCertificate: () => answer() });
    await assert.rejects(plugin.setUp(mount), { message: "not yet" });
    answer = () => Promise.resolve({ key: "one", chain: "+" });
    const { path } = await plugin.setUp(mount);
    answer = () => Promise.reject(new NotIssued("not yet"));
    await plugin.setUp(mount);
    assert.deepEqual(await contents(path), ["one+", "one", "+"]);
    answer = () => Promise.reject(new Error("denied for good"));
    await assert.rejects(plugin.setUp(mount), { message: "denied for good" });
    answer = () => Promise.resolve({ key: "two", chain: "+" });
    await plugin.setUp(mount);
    assert.deepEqual(await contents(path), ["two+", "two", "+"]);
  });
  test("holds the anchors of bundles, for the pod's one user alone", async (t) => {
    const plugin = projectedVolume(clock);
    const trust: VolumeProjection[] = [{ clusterTrustBundle: { name: "corp", path: "ca/corp.pem" } }, {}];
    const { path } = await plugin.setUp(await newMount(t, plugin, { projected: { sources: trust } }, { trustAnchors: ({ name = "" }) => Promise.resolve(`PEM of ${name}`) }, { securityContext: { runAsUser: 1234 } }));
    const { uid, mode } = await stat(join(path, "ca/corp.pem"));
    assert.deepEqual([await readFile(join(path, "ca/corp.pem"), "utf8"), uid, mode & 0o777], ["PEM of corp", 1234, 0o600]);
  });
});

describe("persistentVolumeClaim", { skip }, () => {
  const volume = { persistentVolumeClaim: { claimName: "c" } };
  const refusals = [
    { name: "is not bound", change: { claim: { phase: "Pending" as const } }, message: /PVC default\/c is not bound$/ },
    { name: "is bound to a volume of another claim", change: { uid: "other" }, message: /incorrect claimRef.UID "other"/ },
  ];
  for (const { name, change, message } of refusals) {
    test(`that ${name} is refused`, async (t) => {
      const { pod } = await newMount(t, persistentClaimVolume("/nonexistent"), volume);
      await assert.rejects(boundVolume(pod, { name: "data", ...volume }, { ...noSources, ...claimed("/tmp", change) }), message);
    });
  }
  test("of mode Block is a device of the node, and nothing else", async (t) => {
    const plugin = persistentClaimVolume("/nonexistent");
    const mount = await newMount(t, plugin, volume, claimed("/dev/null", { mode: "Block" }));
    await assert.rejects(async () => plugin.mapDevice?.(mount), { message: 'path "/dev/null" is not a block device' });
  });
  test("gives a local volume to the fsGroup once, a hostPath one never", async (t) => {
    for (const source of ["local", "hostPath"] as const) {
      const host = await scratchDir(t);
      const gid = source === "local" ? 77 : (await stat(host)).gid;
      await mkdir(join(host, "d"));
      const plugin = persistentClaimVolume("/nonexistent");
      const mount = await newMount(t, plugin, volume, claimed(host, { source }), { securityContext: { fsGroup: 77 } });
      assert.deepEqual(await plugin.setUp(mount), { path: host, readOnly: false });
      assert.equal((await stat(join(host, "d"))).gid, gid);
      await writeFile(join(host, "later"), "");
      await plugin.setUp(mount);
      const { gid: later } = await stat(join(host, "later")); // by inheritance alone
      assert.equal(later, gid);
    }
  });
  test("keeps its data when taken down", async (t) => {
    const host = await scratchDir(t);
    await writeFile(join(host, "data"), "kept");
    const plugin = persistentClaimVolume("/nonexistent");
    const mount = await newMount(t, plugin, { persistentVolumeClaim: { claimName: "c", readOnly: true } }, claimed(host));
    assert.deepEqual(await plugin.setUp(mount), { path: host, readOnly: true });
    await plugin.tearDown(mount.dir);
    assert.equal(await readFile(join(host, "data"), "utf8"), "kept");
  });
});
