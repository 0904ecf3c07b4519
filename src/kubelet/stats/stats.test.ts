import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { newCgroupReader } from "./cgroup-reader.ts";
import { CpuRates } from "./cpu-rates.ts";
import { sizeOf } from "./disk.ts";
import { parseNetDev } from "./net-dev.ts";

async function directory(t: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "stats-"));
  t.after(() => rm(dir, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(dir, path, ".."), { recursive: true });
    await writeFile(join(dir, path), text);
  }
  return dir;
}

test("the interfaces of a pod, without the loopback", () => {
  const recorded = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:     120       2    0    0    0     0          0         0      120       2    0    0    0     0       0          0
  eth0:    1526      17    1    2    0     0          0         0      472       6    3    4    0     0       0          0
vethab:1526      17    0    0    0     0          0         0      472       6    0    0    0     0       0          0
`;
  assert.deepEqual(parseNetDev(recorded), [{ name: "eth0", rxBytes: 1_526, rxPackets: 17, rxErrors: 1, rxDropped: 2, txBytes: 472, txPackets: 6, txErrors: 3, txDropped: 4 }]);
});

test("the CPU in use is what was used between two looks", () => {
  const rates = new CpuRates();
  const note = (cpu: number, at: number): number | undefined => rates.note(new Map([["/a", cpu]]), at).get("/a");
  assert.deepEqual([
    note(1_000_000_000, 0), // nothing to compare with
    note(2_000_000_000, 10_000), // a tenth of a core
    note(9_000_000_000, 10_500), // too soon to say something new
    note(7_000_000_000, 20_000), // counted from the last look that counted
    note(1_000, 30_000), // another cgroup under the same name
  ], [undefined, 100_000_000, 100_000_000, 500_000_000, undefined]);
  rates.note(new Map(), 40_000);
  assert.equal(note(5_000_000_000, 50_000), undefined, "what went is forgotten");
});

test("a cgroup is read as the machine has them; one that is gone is no fault", async (t) => {
  const v1 = await directory(t, {
    "cpuacct/pod/cpuacct.usage": "7\n", "memory/pod/memory.usage_in_bytes": "4096\n", "memory/pod/memory.stat": "total_inactive_file 96\n", "memory/pod/cgroup.procs": "42\n43\n",
  });
  const v2 = await directory(t, { "pod/cpu.stat": "usage_usec 7\n", "pod/memory.stat": "inactive_file 96\n", "pod/memory.current": "4096\n", "pod/cgroup.procs": "" });
  const [old, unified] = [newCgroupReader(false, v1), newCgroupReader(true, v2)];
  assert.deepEqual([old.usage("/pod")?.cpu, old.usage("/pod")?.workingSet, old.somePid("/pod"), old.usage("/gone")], [7, 4_000, 42, undefined]);
  assert.deepEqual([unified.usage("/pod")?.cpu, unified.usage("/pod")?.workingSet, unified.somePid("/pod"), unified.usage("/gone"), unified.somePid("/gone")], [7_000, 4_000, undefined, undefined, undefined]);
});

test("a directory's size counts what is in it and follows no link", async (t) => {
  const dir = await directory(t, { "a/one": "x".repeat(10_000), "a/b/two": "y" });
  await symlink("/", join(dir, "a/out"));
  const size = await sizeOf(join(dir, "a"));
  assert.equal(size?.inodes, 5);
  assert(size.bytes >= 12_288 && size.bytes < 100_000, String(size.bytes));
  assert.equal(await sizeOf(join(dir, "missing")), undefined);
});
