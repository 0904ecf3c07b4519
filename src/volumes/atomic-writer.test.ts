import assert from "node:assert/strict";
import { chmod, lstat, mkdir, mkdtemp, readFile, readdir, readlink, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { systemClock } from "#base/clock.ts";
import { writeAtomically } from "./atomic-writer.ts";
import { pathProblem, type Payload } from "./payload.ts";

const clock = systemClock;
const files = (entries: Readonly<Record<string, string>>, mode = 0o644): Payload => new Map(Object.entries(entries).map(([path, text]) => [path, { data: Buffer.from(text), mode }]));

async function scratch(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "atomic-writer-"));
  t.after(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** What a reader sees: visible names only, through the links. */
async function seen(dir: string, at = ""): Promise<Record<string, string>> {
  const out: Record<string, string> = {};
  for (const name of await readdir(join(dir, at))) {
    if (name.startsWith("..")) continue;
    const path = join(at, name);
    if ((await stat(join(dir, path))).isDirectory()) Object.assign(out, await seen(dir, path));
    else out[path] = await readFile(join(dir, path), "utf8");
  }
  return out;
}

const generations = async (dir: string): Promise<string[]> => (await readdir(dir)).filter((name) => name.startsWith("..2"));

describe("writing atomically", () => {
  const changes = [
    { name: "adds a file", first: { a: "1" }, second: { a: "1", b: "2" } },
    { name: "drops a file", first: { a: "1", b: "2" }, second: { a: "1" } },
    { name: "changes content of the same length", first: { a: "1" }, second: { a: "2" } },
    { name: "drops one of two files of a directory", first: { "d/a": "1", "d/b": "2" }, second: { "d/a": "1" } },
    { name: "turns a file into a directory", first: { a: "1" }, second: { "a/b": "2" } },
    { name: "turns a directory into a file", first: { "a/b/c": "1" }, second: { a: "2" } },
    { name: "empties the volume", first: { a: "1", "b/c": "2" }, second: {} },
    { name: "fills an empty volume", first: {}, second: { ".hidden": "1", "sub/deeper/x": "2" } },
  ];
  for (const { name, first, second } of changes) {
    test(name, async (t) => {
      const dir = await scratch(t);
      assert.equal(await writeAtomically(dir, files(first as Record<string, string>), { clock }), true);
      assert.deepEqual(await seen(dir), first);
      assert.equal(await writeAtomically(dir, files(second as Record<string, string>), { clock }), true);
      assert.deepEqual(await seen(dir), second);
      assert.equal((await generations(dir)).length, 1);
    });
  }

  test("leaves an equal volume alone", async (t) => {
    const dir = await scratch(t);
    await writeAtomically(dir, files({ a: "1", "b/c": "2" }), { clock });
    const before = await readlink(join(dir, "..data"));
    assert.equal(await writeAtomically(dir, files({ "b//c": "2", "./a": "1" }), { clock }), false);
    assert.equal(await readlink(join(dir, "..data")), before);
  });

  test("gives files their modes whatever the umask, and sees a changed mode", async (t) => {
    const dir = await scratch(t);
    const umask = process.umask(0o077);
    t.after(() => process.umask(umask));
    await writeAtomically(dir, files({ "d/a": "1" }, 0o666), { clock });
    assert.equal((await stat(join(dir, "d/a"))).mode & 0o7777, 0o666);
    assert.equal((await stat(join(dir, "d"))).mode & 0o7777, 0o755);
    assert.equal(await writeAtomically(dir, files({ "d/a": "1" }, 0o400), { clock }), true);
    assert.equal((await stat(join(dir, "d/a"))).mode & 0o7777, 0o400);
  });

  test("gives everything to the fsGroup, readable", { skip: process.getuid?.() !== 0 }, async (t) => {
    const dir = await scratch(t);
    await writeAtomically(dir, files({ "d/a": "1" }, 0o400), { clock, fsGroup: 1001 });
    const file = await stat(join(dir, "d/a"));
    assert.deepEqual([file.gid, file.mode & 0o7777], [1001, 0o440]);
    const sub = await stat(join(dir, "d"));
    assert.deepEqual([sub.gid, sub.mode & 0o7777], [1001, 0o2755]);
    assert.equal(await writeAtomically(dir, files({ "d/a": "1" }, 0o400), { clock, fsGroup: 1001 }), false);
  });

  for (const kind of ["a file", "a directory"] as const) {
    test(`never follows a ..data that leads to ${kind} outside`, async (t) => {
      const dir = await scratch(t);
      const outside = await scratch(t);
      await writeFile(join(outside, "canary"), "alive");
      await symlink(kind === "a file" ? join(outside, "canary") : outside, join(dir, "..data"));
      await symlink("..data/canary", join(dir, "canary"));
      await writeAtomically(dir, files({ a: "1" }), { clock });
      assert.equal(await readFile(join(outside, "canary"), "utf8"), "alive");
      assert.deepEqual(await seen(dir), { a: "1" });
    });
  }

  test("never follows a generation that is a link, nor a file name that is one", async (t) => {
    const dir = await scratch(t);
    const outside = await scratch(t);
    await writeFile(join(outside, "a"), "alive");
    await symlink(outside, join(dir, "..2020_01_01_00_00_00.123456"));
    await symlink("..2020_01_01_00_00_00.123456", join(dir, "..data"));
    await symlink(join(outside, "a"), join(dir, "a"));
    await writeAtomically(dir, files({ a: "new" }), { clock });
    assert.equal(await readFile(join(outside, "a"), "utf8"), "alive");
    assert.deepEqual(await seen(dir), { a: "new" });
    assert.deepEqual(await readdir(outside), ["a"]);
  });

  test("clears away what a killed writer left", async (t) => {
    const dir = await scratch(t);
    await writeAtomically(dir, files({ a: "1" }), { clock });
    await mkdir(join(dir, "..2020_01_01_00_00_00.abcdef"));
    await symlink("..2020_01_01_00_00_00.abcdef", join(dir, "..data_tmp"));
    await writeAtomically(dir, files({ a: "2" }), { clock });
    assert.equal((await generations(dir)).length, 1);
    await assert.rejects(lstat(join(dir, "..data_tmp")));
  });

  test("heals a broken link to a file", async (t) => {
    const dir = await scratch(t);
    await writeAtomically(dir, files({ a: "1", b: "2" }), { clock });
    await rm(join(dir, "a"));
    await chmod(dir, 0o755);
    assert.equal(await writeAtomically(dir, files({ a: "1", b: "2" }), { clock }), true);
    assert.deepEqual(await seen(dir), { a: "1", b: "2" });
  });
});

test("paths that may not be are refused in upstream's words", () => {
  const cases: [string, string | undefined][] = [
    ["a", undefined], ["a/b/c", undefined], [".a", undefined], ["a/..b", undefined], ["...", "invalid path: must not start with '..': ..."],
    ["", "invalid path: must not be empty: "], ["/etc/passwd", "invalid path: must be relative path: /etc/passwd"],
    ["..", "invalid path: must not contain '..': .."], ["a/../../b", "invalid path: must not contain '..': a/../../b"],
    ["..data", "invalid path: must not start with '..': ..data"], ["..data/x", "invalid path: must not start with '..': ..data/x"],
    ["x".repeat(256), "invalid path: filenames must be less than or equal to 255 characters"],
    ["a/".repeat(2100), "invalid path: must be less than or equal to 4096 characters"],
  ];
  for (const [path, problem] of cases) assert.equal(pathProblem(path), problem, path);
});
