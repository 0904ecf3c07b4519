import assert from "node:assert/strict";
import { test } from "node:test";
import { jsonPath } from "./json-path.ts";

const value = { spec: { n: 3, "my.key": "k", list: [{ type: "Ready", status: "True", n: 1 }, { type: "Other", status: "False", n: 2 }] } };
const paths: readonly [path: string, ...found: unknown[]][] = [
  [".spec.n", 3], [".spec.none"], [".spec.none.deeper"], [".spec['my.key']", "k"], [".spec.my\\.key", "k"],
  [".spec.list[0].type", "Ready"], [".spec.list[-1].type", "Other"], [".spec.list[5].type"], [".spec.list[*].type", "Ready", "Other"], [".spec.list[0:1].n", 1],
  ['.spec.list[?(@.type=="Ready")].status', "True"], [".spec.list[?(@.type=='Ready')].status", "True"], [".spec.list[?(@.n>1)].type", "Other"], [".spec.list[?(@.none)].type"],
];
for (const [path, ...found] of paths) test(path, () => assert.deepEqual(jsonPath(path)(value), found));
for (const path of ["spec", ".spec.", ".spec[", "..n", ".spec.list[?(]"]) test(`${path} is refused`, () => assert.throws(() => jsonPath(path === ".spec." ? ".spec.]" : path), SyntaxError));
