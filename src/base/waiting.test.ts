import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, until } from "./waiting.ts";

test("a check is repeated until it holds", async () => {
  let tries = 0;
  assert.equal(await eventually(() => { assert.ok(++tries === 3, `try ${tries}`); return tries; }), 3);
});

test("its last error is thrown in the end", async () => {
  let tries = 0;
  await assert.rejects(eventually(() => { throw new Error(`try ${++tries}`); }, 0), (err: Error) => err.message === `try ${tries}`);
});

test("what is found is given, and nothing and false are not found", async () => {
  const seen = [undefined, false, 0] as const;
  let at = 0;
  assert.equal(await until("a number", () => seen[at++]), 0);
});

test("what does not come is named", async () => {
  await assert.rejects(until("a miracle", () => false, 0), { message: "a miracle: not within 0 s" });
});

test("what a read throws is not waited for", async () => {
  await assert.rejects(until("an answer", () => Promise.reject(new Error("no"))), { message: "no" });
});
