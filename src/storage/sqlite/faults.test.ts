/** A second process, another program's file, damage, a full disk: each gets its own answer. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmdirSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, test, type TestContext } from "node:test";
import { Damaged, OpenFailed, WriteFailed, type Store } from "../store.ts";
import { faultOf, type Fault } from "./faults.ts";
import { openSqliteStore } from "./store.ts";

function freshDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "seedpod-faults-"));
  t.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

const freshPath = (t: TestContext): string => join(freshDirectory(t), "store.db");

/** A closed store with enough in it to span many pages. */
async function filled(t: TestContext): Promise<string> {
  const path = freshPath(t);
  const store = await openSqliteStore({ path });
  await Promise.all(Array.from({ length: 200 }, (_, i) => store.put(`/k/${i}`, new Uint8Array(1_500).fill(i), 0)));
  await store.close();
  return path;
}

describe("a store that cannot be opened says why", () => {
  test("because this process has it open already", async (t) => {
    const path = freshPath(t);
    const store = await openSqliteStore({ path });
    t.after(() => store.close());
    await assert.rejects(openSqliteStore({ path }), (err) => err instanceof OpenFailed && /in use by another process; stop that one first/.test(err.message));
  });

  test("because another process has it open, and not any more when that one was killed", async (t) => {
    const path = freshPath(t);
    const child = spawn(process.execPath, [join(import.meta.dirname, "crash.child.ts"), path], { stdio: ["ignore", "pipe", "inherit"] });
    child.stdout.resume();
    await once(child.stdout, "data");
    await assert.rejects(openSqliteStore({ path }), OpenFailed);
    child.kill("SIGKILL");
    await once(child, "close");
    await (await openSqliteStore({ path })).close();
  });

  test("because its directory is not there", async (t) => {
    await assert.rejects(openSqliteStore({ path: join(freshDirectory(t), "none", "store.db") }), (err) => err instanceof OpenFailed && /does its directory exist/.test(err.message));
  });

  test("because the file is another program's", async (t) => {
    const path = freshPath(t);
    const other = new DatabaseSync(path);
    other.exec("CREATE TABLE notes (text)");
    other.close();
    await assert.rejects(openSqliteStore({ path }), (err) => err instanceof OpenFailed && /another program/.test(err.message));
  });

  test("because a newer Seedpod wrote it", async (t) => {
    const path = await filled(t);
    const newer = new DatabaseSync(path);
    newer.exec("PRAGMA user_version = 99");
    newer.close();
    await assert.rejects(openSqliteStore({ path }), (err) => err instanceof OpenFailed && /schema version 99/.test(err.message));
  });
});

describe("a damaged file is refused", () => {
  const damages: readonly { readonly name: string; readonly damage: (path: string) => void }[] = [
    { name: "when it is not a database at all", damage: (path) => writeFileSync(path, "not a database, but long enough to look at".repeat(100)) },
    { name: "when its end is missing", damage: (path) => truncateSync(path, 100 * 1_024) },
    { name: "when a page is overwritten", damage: (path) => overwrite(path, 10 * 4_096, 4_096) },
    { name: "when its header is overwritten", damage: (path) => overwrite(path, 0, 64) },
  ];
  for (const { name, damage } of damages) {
    test(name, async (t) => {
      const path = await filled(t);
      damage(path);
      await assert.rejects(openSqliteStore({ path }), (err) => err instanceof Damaged && /is damaged/.test(err.message));
    });
  }

  test("one changed byte in a value is found when it is read", async (t) => {
    const path = await filled(t);
    const file = readFileSync(path);
    const at = file.indexOf(new Uint8Array(1_000).fill(77));
    overwrite(path, at + 10, 1);
    const store = await openSqliteStore({ path });
    t.after(() => store.close());
    await assert.rejects(store.list("/"), (err) => err instanceof Damaged && /\/k\/77/.test(err.message));
    assert.equal((await store.get("/k/78")).entry?.value[0], 78);
  });
});

describe("the log of a process that was killed", () => {
  /** Leaves a log behind with many commits in it. */
  async function killed(t: TestContext): Promise<string> {
    const path = freshPath(t);
    const child = spawn(process.execPath, [join(import.meta.dirname, "crash.child.ts"), path], { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => { output += chunk.toString(); });
    while (output.split("ack").length < 200) await once(child.stdout, "data");
    child.kill("SIGKILL");
    await once(child, "close");
    return path;
  }

  test("is refused when a byte in its middle has changed", async (t) => {
    const path = await killed(t);
    overwrite(`${path}-wal`, Math.trunc(statSync(`${path}-wal`).size / 3), 1);
    await assert.rejects(openSqliteStore({ path }), (err) => err instanceof Damaged && /acknowledged writes stand behind a broken place/.test(err.message));
  });

  test("is refused when its header has changed", async (t) => {
    const path = await killed(t);
    overwrite(`${path}-wal`, 13, 1);
    await assert.rejects(openSqliteStore({ path }), Damaged);
  });

  test("is taken when only its end is torn", async (t) => {
    const path = await killed(t);
    truncateSync(`${path}-wal`, statSync(`${path}-wal`).size - 100);
    await (await openSqliteStore({ path })).close();
  });
});

describe("what a failed write means", () => {
  const failure = (errcode: number): Error => Object.assign(new Error("sqlite"), { errcode });
  const cases: readonly { readonly name: string; readonly err: Error; readonly fault: Fault }[] = [
    { name: "SQLITE_FULL may heal", err: failure(13), fault: "full" },
    { name: "SQLITE_IOERR_WRITE may heal", err: failure(778), fault: "full" },
    { name: "SQLITE_IOERR_FSYNC ends the process", err: failure(1034), fault: "fatal" },
    { name: "SQLITE_IOERR_DIR_FSYNC ends the process", err: failure(1290), fault: "fatal" },
    { name: "SQLITE_CORRUPT is damage", err: failure(11), fault: "damaged" },
    { name: "SQLITE_CORRUPT_INDEX is damage", err: failure(779), fault: "damaged" },
    { name: "a wrong checksum is damage", err: new Damaged("row"), fault: "damaged" },
    { name: "a fault of our own ends the process", err: new TypeError("bug"), fault: "fatal" },
  ];
  for (const { name, err, fault } of cases) test(name, () => assert.equal(faultOf(err), fault));
});

function overwrite(path: string, at: number, length: number): void {
  const file = readFileSync(path);
  file.fill(0xa5, at, at + length);
  writeFileSync(path, file);
}

describe("a full disk", () => {
  test("fails writes, leaves reads, and heals when space returns", async (t) => {
    const disk = mountSmallDisk();
    if (disk === undefined) return t.skip("needs root and tmpfs to make a disk that is full");
    const store = await openSqliteStore({ path: join(disk, "store.db"), onFatal: (err) => assert.fail(err) });
    t.after(async () => {
      await store.close();
      unmount(disk);
    });
    const first = await store.put("/first", new Uint8Array(100), 0);
    assert(first.ok);
    const acknowledged = await fill(store);
    assert.equal(await store.count("/fill/"), acknowledged);
    assert((await store.get("/first")).entry !== undefined);
    await assert.rejects(store.put("/large", new Uint8Array(256 * 1_024), 0), WriteFailed);
    const at = await store.revision();
    spawnSync("mount", ["-o", "remount,size=64m", disk]);
    const healed = await store.put("/healed", new Uint8Array(256 * 1_024), 0);
    assert.deepEqual(healed, { ok: true, revision: at + 1 });
    assert.equal(await store.count("/"), acknowledged + 2);
  });
});

/** Writes until the disk is full; answers how many writes were acknowledged. */
async function fill(store: Store): Promise<number> {
  for (let i = 0; ; i++) {
    try {
      await store.put(`/fill/${i}`, new Uint8Array(64 * 1_024).fill(i), 0);
    } catch (err) {
      assert(err instanceof WriteFailed, String(err));
      assert.match(err.message, /full/);
      return i;
    }
  }
}

function mountSmallDisk(): string | undefined {
  const directory = mkdtempSync(join(tmpdir(), "seedpod-full-"));
  if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", directory]).status === 0) return directory;
  rmdirSync(directory);
  return undefined;
}

function unmount(directory: string): void {
  spawnSync("umount", [directory]);
  rmdirSync(directory);
}
