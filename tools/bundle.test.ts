import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { bundle } from "./bundle.ts";

test("the bundle runs without the sources and brings the store's writer along", async (t) => {
  const root = mkdtempSync(join(tmpdir(), "seedpod-bundle-"));
  t.after(() => rmSync(root, { recursive: true }));
  copyFileSync(join(import.meta.dirname, "../package.json"), join(root, "package.json"));
  await bundle(join(root, "dist/cmd"));
  assert.match(execFileSync(process.execPath, [join(root, "dist/cmd/seedpod.js"), "--version"], { encoding: "utf8" }), /^\d+\.\d+\.\d+\n$/);
  const files = readdirSync(join(root, "dist/cmd"));
  assert(files.includes("worker.js"));
  const holding = (what: RegExp): string[] => files.filter((file) => what.test(readFileSync(join(root, "dist/cmd", file), "utf8")));
  assert.deepEqual(holding(/[^\0-\x7f]/), [], "one byte a letter");
  assert.deepEqual(holding(/\bfrom ?"(node:)?http"/), [], "node:http is loaded without fetch");
});
