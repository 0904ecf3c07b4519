import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { check } from "./check-exports.ts";

const trees = mkdtempSync(join(tmpdir(), "seedpod-exports-"));
test.after(() => rmSync(trees, { recursive: true }));

const cases: readonly { readonly name: string; readonly files: Readonly<Record<string, string>>; readonly problems: readonly string[] }[] = [
  { name: "what another file imports is fine", files: { "src/a/x.ts": "export const one = 1;", "src/b/y.ts": `import { one as first } from "#a/x.ts";` }, problems: [] },
  { name: "so is what a test imports", files: { "src/a/x.ts": "export function one() {}", "src/a/x.test.ts": `import { one } from "./x.ts";` }, problems: [] },
  { name: "or a file that takes everything", files: { "src/a/x.ts": "export class One {}", "bench/y.ts": `const x = await import("#a/x.ts");`, "src/a/z.ts": "export const two = 2;", "src/b/y.ts": `import * as z from "../a/z.ts";` }, problems: [] },
  { name: "what only its own file uses is not", files: { "src/a/x.ts": "export const one = 1;\nexport const two = one;", "src/b/y.ts": `import {\n  two,\n} from "#a/x.ts";` }, problems: ["src/a/x.ts: nobody imports one"] },
  { name: "nor a name of another file", files: { "src/a/x.ts": "export async function one() {}", "src/b/y.ts": `import { one } from "./x.ts";` }, problems: ["src/a/x.ts: nobody imports one"] },
  { name: "nor what is only passed on", files: { "src/a/x.ts": `export { one } from "./y.ts";`, "src/a/y.ts": "export const one = 1;" }, problems: ["src/a/x.ts: nobody imports one"] },
];
for (const [i, { name, files, problems }] of cases.entries()) {
  test(name, () => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(trees, String(i), path)), { recursive: true });
      writeFileSync(join(trees, String(i), path), text);
    }
    assert.deepEqual(check(join(trees, String(i))), problems);
  });
}

test("nothing is exported here that nobody imports", () => assert.deepEqual(check(join(import.meta.dirname, "..")), []));
