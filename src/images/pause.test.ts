import assert from "node:assert/strict";
import { once } from "node:events";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pause } from "#base/waiting.ts";
import { architectureOf } from "./pause-image.ts";
import { pauseBinary } from "./pause.ts";

const dir = mkdtempSync(join(tmpdir(), "seedpod-pause-"));
test.after(() => rmSync(dir, { recursive: true }));
const path = join(dir, "pause");
writeFileSync(path, pauseBinary(architectureOf(process.arch)), { mode: 0o755 });

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  test(`pause outlives SIGHUP and SIGUSR1 and exits with 0 at ${signal}`, async () => {
    const child = spawn(path, { stdio: "ignore" });
    const exit = once(child, "exit");
    await pause(50);
    child.kill("SIGHUP");
    child.kill("SIGUSR1");
    await pause(50);
    assert.equal(child.exitCode, null);
    child.kill(signal);
    assert.deepEqual(await exit, [0, null]);
  });
}

test("pause reaps the orphans of its process namespace", { skip: process.getuid?.() !== 0 }, async () => {
  const leaveOrphan = "(sleep 0.2 &) ; exec " + path;
  const child = spawn("unshare", ["--fork", "--pid", "--mount-proc", "/bin/sh", "-c", leaveOrphan], { stdio: "ignore" });
  await pause(600);
  const init = execFileSync("pgrep", ["-P", String(child.pid)], { encoding: "utf8" }).trim();
  const children = (() => { try { return execFileSync("pgrep", ["-P", init], { encoding: "utf8" }); } catch { return ""; } })();
  assert.equal(children, "");
  const exit = once(child, "exit");
  process.kill(Number(init), "SIGTERM");
  assert.deepEqual(await exit, [0, null]);
});

test("both architectures have an ELF header of their machine", () => {
  const machines = { amd64: 62, arm64: 183 } as const;
  for (const [name, machine] of Object.entries(machines) as ["amd64" | "arm64", number][]) {
    const file = pauseBinary(name);
    assert.equal(file.subarray(0, 4).toString("latin1"), "\x7fELF");
    assert.equal(file.readUInt16LE(18), machine);
    assert.ok(file.length < 512);
  }
});
