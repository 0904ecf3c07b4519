import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pause } from "#base/waiting.ts";
import { systemClock } from "./clock.ts";
import { claimPidFile, isAlive, processAt, readPidFile, signalProcess, spawnDaemon, stopProcess, writePidFile } from "./daemon.ts";

const dir = mkdtempSync(join(tmpdir(), "seedpod-daemon-"));
test.after(() => rmSync(dir, { recursive: true }));

test("a daemon writes to its log and ends by SIGTERM", { timeout: 30_000 }, async () => {
  const logFile = join(dir, "logs", "a.log");
  const id = await spawnDaemon("/bin/sh", ["-c", "echo hello; exec sleep 60"], { logFile });
  assert.ok(isAlive(id));
  while (readFileSync(logFile, "utf8") === "") await pause(5);
  await stopProcess(id, systemClock, 5_000);
  assert.equal(isAlive(id), false);
  assert.equal(readFileSync(logFile, "utf8"), "hello\n");
});

test("a daemon that does not listen is killed", async () => {
  const id = await spawnDaemon("/bin/sh", ["-c", "trap '' TERM; while :; do sleep 1; done"], { logFile: join(dir, "b.log") });
  await pause(100); // time to set its trap; without it the test still passes, and shows less
  await stopProcess(id, systemClock, 100);
  assert.equal(isAlive(id), false);
});

test("a missing program is an error", async () => {
  await assert.rejects(spawnDaemon("/no/such/program", [], { logFile: join(dir, "c.log") }), { code: "ENOENT" });
});

test("a recycled pid is another process", () => {
  const other = { pid: process.pid, started: "1" };
  assert.equal(isAlive(other), false);
  assert.equal(signalProcess(other, "SIGKILL"), false);
  writePidFile(join(dir, "recycled.pid"), other);
  assert.equal(readPidFile(join(dir, "recycled.pid")), undefined);
});

test("a pid file belongs to one live process", async () => {
  const path = join(dir, "run", "x.pid");
  const other = await spawnDaemon("/bin/sleep", ["60"], { logFile: join(dir, "d.log") });
  writePidFile(path, other);
  assert.deepEqual(claimPidFile(path), other);
  await stopProcess(other, systemClock, 1_000);
  assert.equal(claimPidFile(path), undefined);
  assert.deepEqual(readPidFile(path), processAt(process.pid));
  assert.equal(claimPidFile(path), undefined, "ours already");
});
