import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { nextTurn } from "#base/clock.ts";
import { silent, type Logger } from "#base/log.ts";
import { VirtualClock } from "#base/virtual-clock.ts";
import { instancePaths, loadInstance, type InstancePaths } from "./instance.ts";
import { kubeletPortProblem, withKubeletPort } from "./new-instance.ts";
import { claimRole, gaveUp, giveUp, keeper } from "./processes.ts";

test("a process that gave up says why and is not started again while its reason stands", async (t) => {
  const runDir = await mkdtemp(join(tmpdir(), "processes-"));
  t.after(() => rm(runDir, { recursive: true, force: true }));
  const wantedFile = join(runDir, "wanted");
  await writeFile(wantedFile, "");
  const paths = { runDir, wantedFile, logDir: runDir, dataDir: runDir } as InstancePaths;
  assert.equal(giveUp(paths, "agent", "the port is taken").message, "the port is taken");
  const clock = new VirtualClock(0);
  let asked = 0;
  const stop = new AbortController();
  const kept = keeper(paths, "agent", clock, silent, async () => (asked++, true)).run(stop.signal);
  for (let i = 0; i < 10; i++) {
    await nextTurn();
    clock.advance(1_000);
  }
  stop.abort();
  await kept;
  assert.equal(gaveUp(paths, "agent"), "the port is taken", "who is started begins anew");
  assert(asked > 3, String(asked));
});

test("a process that cannot be started is tried again, and its keeper lives on", async (t) => {
  const runDir = await mkdtemp(join(tmpdir(), "processes-"));
  const [program] = process.argv.splice(1, 1, join(runDir, "no-such-program"));
  t.after(() => {
    process.argv.splice(1, 1, program ?? "");
    return rm(runDir, { recursive: true, force: true });
  });
  const wantedFile = join(runDir, "wanted");
  await writeFile(wantedFile, "");
  const told: string[] = [];
  const log = { ...silent, error: (_: object, message: string) => told.push(message) } as unknown as Logger;
  const [clock, stop] = [new VirtualClock(0), new AbortController()];
  const kept = keeper({ runDir, wantedFile, logDir: runDir, dataDir: runDir } as InstancePaths, "agent", clock, log).run(stop.signal);
  for (let i = 0; i < 10; i++) {
    await nextTurn();
    clock.advance(1_000);
  }
  stop.abort();
  await kept;
  assert.ok(told.length > 1, `tried ${told.length} times in ten seconds`);
});

test("a process that somebody else starts while its keeper waits is not started again", async (t) => {
  const runDir = await mkdtemp(join(tmpdir(), "processes-"));
  const [program] = process.argv.splice(1, 1, join(runDir, "no-such-program"));
  t.after(() => {
    process.argv.splice(1, 1, program ?? "");
    return rm(runDir, { recursive: true, force: true });
  });
  const paths = { runDir, wantedFile: join(runDir, "wanted"), logDir: runDir, dataDir: runDir } as InstancePaths;
  await writeFile(paths.wantedFile, "");
  let told = 0;
  const log = { ...silent, error: () => told++, warn: () => told++ } as unknown as Logger;
  const [clock, stop] = [new VirtualClock(0), new AbortController()];
  const kept = keeper(paths, "agent", clock, log).run(stop.signal);
  for (let i = 0; i < 10; i++) {
    await nextTurn();
    clock.advance(1_000);
    await nextTurn();
    if (i === 0) claimRole(paths, "agent");
  }
  stop.abort();
  await kept;
  assert.equal(told, 0);
});

test("a kubelet's port that somebody else has is told as such", async (t) => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "0.0.0.0", resolve));
  const { port: kubeletPort } = other.address() as AddressInfo;
  t.after(() => other.close());
  assert.match((await kubeletPortProblem({ kubeletPort })) ?? "", new RegExp(`^Port ${kubeletPort} is in use by another program, and this instance's kubelet listens on it`));
  const dataDir = await mkdtemp(join(tmpdir(), "instance-"));
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  const moved = await withKubeletPort({ ...instancePaths(dataDir), name: "n", bindAddress: "127.0.0.1", port: 1, podCidr: "10.42.0.0/16", serviceCidr: "10.43.0.0/16", nodeName: "n", kubeletPort });
  assert.notEqual(moved.kubeletPort, kubeletPort, "an instance that is started moves aside");
  assert.equal(loadInstance(dataDir)?.kubeletPort, moved.kubeletPort);
  await new Promise((resolve) => other.close(resolve));
  assert.equal(await kubeletPortProblem({ kubeletPort }), undefined);
});
