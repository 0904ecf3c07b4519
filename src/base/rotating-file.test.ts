import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { RotatingFile } from "./rotating-file.ts";

test("a full file becomes the older one, and what was before that is gone", async (t) => {
  const dir = mkdtempSync(join(tmpdir(), "seedpod-rotate-"));
  t.after(() => rmSync(dir, { recursive: true }));
  const path = join(dir, "audit.log");
  const file = new RotatingFile(path, 10);
  for (const line of ["one-1\n", "two-2\n", "three\n"]) file.write(line);
  await file.close();
  assert.equal(readFileSync(path, "utf8"), "three\n");
  assert.equal(readFileSync(`${path}.1`, "utf8"), "two-2\n");
});

test("so many older ones are kept", async (t) => {
  const dir = mkdtempSync(join(tmpdir(), "seedpod-rotate-"));
  t.after(() => rmSync(dir, { recursive: true }));
  const path = join(dir, "audit.log");
  const file = new RotatingFile(path, 5, 2);
  for (const line of ["one-1\n", "two-2\n", "three\n", "four4\n"]) file.write(line);
  await file.close();
  assert.deepEqual(["", ".1", ".2"].map((end) => readFileSync(path + end, "utf8")), ["four4\n", "three\n", "two-2\n"]);
  assert.deepEqual(readdirSync(dir).length, 3);
});

test("what was there before stays, and counts", async (t) => {
  const dir = mkdtempSync(join(tmpdir(), "seedpod-rotate-"));
  t.after(() => rmSync(dir, { recursive: true }));
  const path = join(dir, "audit.log");
  for (const line of ["first\n", "again\n"]) {
    const file = new RotatingFile(path, 1000);
    file.write(line);
    await file.close();
  }
  assert.equal(readFileSync(path, "utf8"), "first\nagain\n");
});
