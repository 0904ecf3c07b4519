import assert from "node:assert/strict";
import { test } from "node:test";
import { stale } from "./generate-api.ts";

test("what is generated is what the generator writes", () => {
  assert.deepEqual(stale(), []);
});
