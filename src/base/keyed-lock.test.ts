import assert from "node:assert/strict";
import { test } from "node:test";
import { KeyedLock } from "./keyed-lock.ts";

test("one key's work is done in order, also after a failure; another key's at once", async () => {
  const lock = new KeyedLock();
  const done: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = lock.run("a", async () => {
    await gate.promise;
    done.push("first");
    throw new Error("broken");
  });
  const second = lock.run("a", async () => done.push("second"));
  await lock.run("b", async () => done.push("other"));
  gate.resolve();
  await assert.rejects(first, { message: "broken" });
  await second;
  assert.deepEqual(done, ["other", "first", "second"]);
});
