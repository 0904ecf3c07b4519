import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pruneCompiled } from "./compiled.ts";

test("of compiled code the directories used last stay, this process's among them, and what is not Node's", async (t) => {
  const dir = await mkdtemp(join(tmpdir(), "compiled-"));
  t.after(() => rm(dir, { recursive: true, force: true }));
  const name = (flags: number): string => `v24.21.0-x64-1c717fc${flags}-0`;
  for (const [age, flags] of [6, 3, 1, 5, 2, 4].entries()) {
    await mkdir(join(dir, name(flags)));
    await writeFile(join(dir, name(flags), "e75a349d"), "code");
    await utimes(join(dir, name(flags)), 1_000 - age, 1_000 - age);
  }
  for (const other of ["notes", "v24"]) await mkdir(join(dir, other));
  await pruneCompiled(dir, name(4)); // the oldest so far
  assert.deepEqual((await readdir(dir)).sort(), ["notes", "v24", name(1), name(3), name(4), name(6)]);
});
