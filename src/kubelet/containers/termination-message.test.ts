import assert from "node:assert/strict";
import { test } from "node:test";
import { tailOf } from "./termination-message.ts";

test("a termination message out of a log is its text, at most 2 KiB of 80 lines", () => {
  assert.equal(tailOf("2024 stdout F one\n2024 stderr P tw\n2024 stderr F o\n", false), "one\ntwo\n");
  const many = Array.from({ length: 100 }, (_, i) => `t stdout F line ${i}`).join("\n");
  assert.equal(tailOf(`${many}\n`, false).split("\n")[0], "line 20");
  assert.equal(tailOf(`t stdout F ${"x".repeat(5_000)}\n`, false).length, 2_048);
});
