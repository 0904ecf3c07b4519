/** A test file that hangs must not hold up the others: see `scripts/test.ts`. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { killOldChildren } from "../../scripts/watchdog.ts";

test("a child that does not end is killed with its own children, and named; who runs it goes on", async () => {
  const runner = spawn("sh", ["-c", "sh -c 'trap : TERM; sleep 1000 & wait; wait' hanging.test; echo gone on; sleep 0.1"], { stdio: ["ignore", "pipe", "ignore"] });
  const [told, over]: [string[], AbortController] = [[], new AbortController()];
  const watching = killOldChildren(runner.pid ?? 0, 1_000, (line) => told.push(line), over.signal);
  const [said] = await once(runner.stdout, "data") as [Buffer];
  await once(runner, "close"); // nobody holds its output any more, the sleep neither
  over.abort();
  await watching;
  assert.equal(said.toString(), "gone on\n");
  assert.deepEqual(told, ["killed, for it did not end: hanging.test"]);
});
