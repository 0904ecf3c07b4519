import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { gunzipSync } from "node:zlib";
import { silent } from "#base/log.ts";
import { VirtualClock } from "#base/virtual-clock.ts";
import type { Runtime } from "#cri/runtime.ts";
import { LogRotation } from "./log-rotation.ts";

const at = Date.UTC(2026, 0, 2, 3, 4, 5);

/** A container that runs and logs; its runtime opens the log anew, or refuses to. */
async function logging(t: TestContext, maxFiles: number, reopens: boolean = true): Promise<{ readonly dir: string; readonly rotate: (text: string) => Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), "log-rotation-"));
  t.after(() => rm(dir, { recursive: true, force: true }));
  const [logPath, clock] = [join(dir, "0.log"), new VirtualClock(at)];
  const runtime = {
    listContainers: () => Promise.resolve({ containers: [{ id: "c" }] }),
    containerStatus: () => Promise.resolve({ status: { logPath } }),
    reopenContainerLog: () => (reopens ? writeFile(logPath, "").then(() => ({})) : Promise.reject(new Error("busy"))),
  } as unknown as Runtime;
  const rotation = new LogRotation(runtime, { containerLogMaxSize: "10", containerLogMaxFiles: maxFiles, containerLogMonitorInterval: "10s" }, clock, silent);
  return {
    dir,
    rotate: async (text) => {
      await writeFile(logPath, text);
      await rotation.rotate();
      clock.advance(1_000);
    },
  };
}

test("a log that is large enough gets a name of its time, and the runtime a new one; those before are compressed and the oldest go", async (t) => {
  const { dir, rotate } = await logging(t, 4);
  for (const text of ["the first one", "the second one", "the third one", "the fourth one"]) await rotate(text);
  assert.deepEqual((await readdir(dir)).sort(), ["0.log", "0.log.20260102-030406.gz", "0.log.20260102-030407.gz", "0.log.20260102-030408"]);
  assert.equal(gunzipSync(await readFile(join(dir, "0.log.20260102-030407.gz"))).toString(), "the third one");
  assert.equal(await readFile(join(dir, "0.log.20260102-030408"), "utf8"), "the fourth one");
});

test("two files are one that is written and one that was", async (t) => {
  const { dir, rotate } = await logging(t, 2);
  for (const text of ["the first one", "the second one"]) await rotate(text);
  assert.deepEqual((await readdir(dir)).sort(), ["0.log", "0.log.20260102-030406"]);
});

test("the runtime is asked once where a container's log is", async () => {
  const asked: string[] = [];
  let running = ["a", "b"];
  const runtime = {
    listContainers: () => Promise.resolve({ containers: running.map((id) => ({ id })) }),
    containerStatus: ({ containerId }: { readonly containerId: string }) => {
      asked.push(containerId);
      return Promise.resolve({ status: { logPath: `/nowhere/${containerId}` } });
    },
  } as unknown as Runtime;
  const rotation = new LogRotation(runtime, { containerLogMaxSize: "10", containerLogMaxFiles: 5, containerLogMonitorInterval: "10s" }, new VirtualClock(at), silent);
  for (const now of [["a", "b"], ["a", "b", "c"], ["a"], ["a", "b"]]) {
    running = now;
    await rotation.rotate();
  }
  assert.deepEqual(asked, ["a", "b", "c", "b"]);
});

test("a small log stays", async (t) => {
  const { dir, rotate } = await logging(t, 5);
  await rotate("small");
  assert.deepEqual(await readdir(dir), ["0.log"]);
});

test("a runtime that goes on writing to the old file keeps it", async (t) => {
  const { dir, rotate } = await logging(t, 5, false);
  await rotate("long enough now");
  assert.deepEqual(await readdir(dir), ["0.log"]);
  assert.equal(await readFile(join(dir, "0.log"), "utf8"), "long enough now");
});
