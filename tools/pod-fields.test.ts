import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { document, gaps, untruths } from "./pod-fields.ts";

const root = join(import.meta.dirname, "..");

test("every field that a pod's spec reaches has an entry, and every entry a field", () => assert.deepEqual(gaps(), []));
test("every entry names a file that knows the field, or holds the words of its refusal", () => assert.deepEqual(untruths(join(root, "src")), []));
test("the document is fresh", () => assert.equal(readFileSync(join(root, "docs/pod-fields.md"), "utf8"), document()));
