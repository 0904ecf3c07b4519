import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, readFile, readdir, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { systemClock } from "#base/clock.ts";
import { writeAtomically } from "./atomic-writer.ts";
import { openBeneath, pathOf } from "./beneath.ts";
import { isMountPoint, parseMountInfo, readMounts } from "./mounts.ts";
import { mountSubPath, unmountSubPaths } from "./subpath.ts";

const skip = process.getuid?.() !== 0;

async function scratch(t: TestContext): Promise<{ volumePath: string; podDir: string; outside: string; at: (subPath: string, index?: number) => Promise<string> }> {
  const dir = await mkdtemp(join(tmpdir(), "subpath-"));
  const [volumePath, podDir, outside] = [join(dir, "volume"), join(dir, "pod"), join(dir, "outside")] as const;
  for (const each of [volumePath, podDir, outside]) await mkdir(each);
  await writeFile(join(outside, "canary"), "host");
  t.after(async () => {
    await unmountSubPaths(podDir);
    await rm(dir, { recursive: true, force: true });
  });
  return { volumePath, podDir, outside, at: (subPath, index = 0) => mountSubPath({ podDir, volumeName: "v", containerName: "c", index, volumePath, subPath }) };
}

describe("a sub path", { skip }, () => {
  test("that is a file is mounted as a file, one that is a directory as a directory", async (t) => {
    const { volumePath, at, podDir } = await scratch(t);
    await mkdir(join(volumePath, "d"));
    await writeFile(join(volumePath, "d/f"), "content");
    assert.equal(await readFile(await at("d/f", 0), "utf8"), "content");
    assert.deepEqual(await readdir(await at("d", 1)), ["f"]);
    assert.equal(await at("d", 1), join(podDir, "volume-subpaths/v/c/1"));
    assert.equal((await readMounts()).filter(({ path }) => path.startsWith(podDir)).length, 2);
    await unmountSubPaths(podDir);
    assert.equal((await readMounts()).filter(({ path }) => path.startsWith(podDir)).length, 0);
    assert.deepEqual(await readdir(podDir), []);
    assert.deepEqual(await readdir(join(volumePath, "d")), ["f"]);
  });

  test("that is missing is made with the volume's rights", async (t) => {
    const { volumePath, at } = await scratch(t);
    await chmod(volumePath, 0o2777);
    const target = await at("new/deep");
    assert.equal((await stat(target)).mode & 0o7777, 0o2777);
    assert.equal((await stat(join(volumePath, "new"))).mode & 0o7777, 0o2777);
  });

  test("of a ConfigMap volume goes through its links and follows an update at the next start", async (t) => {
    const { volumePath, at } = await scratch(t);
    const write = (text: string): Promise<boolean> => writeAtomically(volumePath, new Map([["key", { data: Buffer.from(text), mode: 0o644 }]]), { clock: systemClock });
    await write("one");
    const target = await at("key");
    await write("two");
    assert.equal(await readFile(target, "utf8"), "one");
    assert.equal(await readFile(await at("key"), "utf8"), "two");
  });

  const escapes = [
    { name: "an absolute link", make: (volume: string, outside: string) => symlink(outside, join(volume, "link")), subPath: "link" },
    { name: "a relative link out", make: (volume: string) => symlink("../outside", join(volume, "link")), subPath: "link/canary" },
    { name: "a link to a link out", make: async (volume: string) => { await symlink("b", join(volume, "a")); await symlink("..", join(volume, "b")); }, subPath: "a" },
    { name: "a link in a circle", make: (volume: string) => symlink("link", join(volume, "link")), subPath: "link" },
    { name: "dots", make: () => Promise.resolve(), subPath: "a/../../outside" },
    { name: "an absolute path", make: () => Promise.resolve(), subPath: "/etc" },
  ];
  for (const { name, make, subPath } of escapes) {
    test(`does not lead out by ${name}`, async (t) => {
      const { volumePath, outside, at, podDir } = await scratch(t);
      await make(volumePath, outside);
      await assert.rejects(at(subPath), { name: "EscapeError" });
      assert.equal((await readMounts()).some(({ path }) => path.startsWith(podDir)), false);
    });
  }
});

test("a directory that is exchanged for a link all the time never leads out", async (t) => {
  const { volumePath, outside } = await scratch(t);
  await mkdir(join(volumePath, "real"));
  await symlink(outside, join(volumePath, "evil"));
  const stop = new AbortController();
  const exchange = (async () => {
    while (!stop.signal.aborted) {
      await rename(join(volumePath, "real"), join(volumePath, "x"));
      await rename(join(volumePath, "evil"), join(volumePath, "real"));
      await rename(join(volumePath, "real"), join(volumePath, "evil"));
      await rename(join(volumePath, "x"), join(volumePath, "real"));
    }
  })();
  for (let i = 0; i < 2000; i++) {
    const place = await openBeneath(volumePath, "real", { links: "inside" }).catch(() => undefined);
    if (place === undefined) continue;
    assert.equal((await readdir(pathOf(place))).includes("canary"), false);
    await place.close();
  }
  stop.abort();
  await exchange;
});

test("mountinfo is read with its escapes and optional fields", async () => {
  const text = "36 35 98:0 / /mnt\\040one rw,noatime master:1 shared:2 - ext4 /dev/root rw\n37 36 0:4 / /mnt\\040one/p ro - proc proc rw\nbroken\n";
  assert.deepEqual(parseMountInfo(text), [
    { path: "/mnt one", fsType: "ext4", source: "/dev/root", options: ["rw", "noatime"] },
    { path: "/mnt one/p", fsType: "proc", source: "proc", options: ["ro"] },
  ]);
  assert.equal(await isMountPoint("/proc"), true);
  assert.equal(await isMountPoint("/nowhere/at/all"), false);
});
