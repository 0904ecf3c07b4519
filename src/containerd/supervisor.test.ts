import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "#base/clock.ts";
import { isAlive, readPidFile, signalProcess, type ProcessId } from "#base/daemon.ts";
import { silent, type Logger } from "#base/log.ts";
import { until } from "#base/waiting.ts";
import { ContainerdSupervisor } from "./supervisor.ts";

test("a containerd that ends is started again, at once when it was well, however often it has ended before", async (t) => {
  const dir = await mkdtemp(join(tmpdir(), "supervisor-"));
  t.after(() => rm(dir, { recursive: true, force: true }));
  const [program, socket, pidFile] = [join(dir, "containerd"), join(dir, "c.sock"), join(dir, "pid")];
  await writeFile(program, `#!${process.execPath}\nrequire("fs").rmSync(${JSON.stringify(socket)}, { force: true }); require("net").createServer().listen(${JSON.stringify(socket)});\n`, { mode: 0o755 });
  const waits: number[] = [];
  const log = { ...silent, warn: ({ againAfterMs }: { readonly againAfterMs: number }) => waits.push(againAfterMs) } as unknown as Logger;
  let aheadMs = 0;
  const clock = { ...systemClock, now: () => systemClock.now() + aheadMs };
  const stop = new AbortController();
  const run = new ContainerdSupervisor({ program, config: "", configFile: join(dir, "config.toml"), socket, pidFile, logFile: join(dir, "log") }, clock, log).run(stop.signal);
  const other = (than?: ProcessId): Promise<ProcessId> => until("containerd to run", () => {
    const id = readPidFile(pidFile);
    return id !== undefined && isAlive(id) && id.pid !== than?.pid && id;
  });
  let id = await other();
  for (const livedMs of [0, 20_000, 0]) {
    aheadMs += livedMs;
    signalProcess(id, "SIGKILL");
    id = await other(id);
  }
  stop.abort();
  await run;
  signalProcess(id, "SIGKILL");
  assert.deepEqual(waits, [500, 0, 500]);
});
