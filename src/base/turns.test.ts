import assert from "node:assert/strict";
import { once } from "node:events";
import { spawn } from "node:child_process";
import { test } from "node:test";
import { systemClock } from "./clock.ts";
import { takeTurn } from "./turns.ts";

const never = new AbortController().signal;

test("one at a time, each in its turn", async () => {
  const name = `test-${process.pid}`;
  const order: string[] = [];
  const one = async (who: string): Promise<void> => {
    using _ = await takeTurn(name, systemClock, never);
    order.push(`${who} in`);
    await systemClock.sleep(5, never);
    order.push(`${who} out`);
  };
  await Promise.all(["a", "b", "c"].map(one));
  assert.deepEqual(order.map((line) => line.slice(2)), ["in", "out", "in", "out", "in", "out"]);
  assert.equal(new Set(order).size, 6);
});

test("a process that is killed gives its turn up; who waits is told once", async () => {
  const name = `killed-${process.pid}`;
  const script = `const { takeTurn } = await import(${JSON.stringify(import.meta.resolve("./turns.ts"))}); await takeTurn(${JSON.stringify(name)}, {}, undefined); console.log("in"); setInterval(() => {}, 1000);`;
  const other = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  await once(other.stdout, "data");
  let waits = 0;
  const mine = takeTurn(name, systemClock, never, () => { waits++; other.kill("SIGKILL"); });
  (await mine)[Symbol.dispose]();
  assert.equal(waits, 1);
});

test("an abort ends the waiting", async () => {
  const name = `abort-${process.pid}`;
  using _ = await takeTurn(name, systemClock, never);
  await assert.rejects(takeTurn(name, systemClock, AbortSignal.abort()), { name: "AbortError" });
});
