import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { check } from "./check-readmes.ts";

test("a file is found by the end of its path, and one that has gone is not", (t) => {
  const root = mkdtempSync(join(tmpdir(), "seedpod-readmes-"));
  t.after(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, "src/base"), { recursive: true });
  writeFileSync(join(root, "src/base/exec.ts"), "");
  writeFileSync(join(root, "src/base/README.md"), "`exec.ts`, `base/exec.ts`, `#base/exec.ts`, `spawn.ts`, `spawn.ts`, `cec.ts`; not `exec.js`");
  assert.deepEqual(check(root), ["src/base/README.md: there is no spawn.ts", "src/base/README.md: there is no cec.ts"]);
});

test("every file that a README names is there", () => assert.deepEqual(check(join(import.meta.dirname, "..")), []));
