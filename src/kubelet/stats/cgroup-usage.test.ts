import assert from "node:assert/strict";
import { test } from "node:test";
import { usageV1, usageV2 } from "./cgroup-usage.ts";

/** A container's file on a v1 machine; lines that nobody reads are left out, numbers changed so that no two fields are alike. */
const statV1 = `cache 16384
rss 8192
inactive_file 0
hierarchical_memory_limit 9223372036854771712
total_cache 20480
total_rss 8192
total_mapped_file 4096
total_swap 0
total_pgfault 1011
total_pgmajfault 3
total_inactive_file 8192
total_active_file 12288
`;
const textsV1 = {
  "cpuacct.usage": "28219787\n", "cpuacct.usage_user": "20219787\n", "cpuacct.usage_sys": "8000000\n", "cpu.stat": "nr_periods 40\nnr_throttled 4\nthrottled_time 120000000\nnr_bursts 0\nburst_time 0\n",
  "memory.usage_in_bytes": "466944\n", "memory.stat": statV1, "pids.current": "2\n",
};

/** In the form of the kernel's Documentation/admin-guide/cgroup-v2.rst. */
const statV2 = `anon 1490944
file 2113536
kernel 397312
file_mapped 1081344
inactive_anon 1466368
active_anon 24576
inactive_file 1318912
active_file 794624
pgfault 1893
pgmajfault 12
`;
const textsV2 = {
  "cpu.stat": "usage_usec 52871\nuser_usec 31723\nsystem_usec 21148\nnr_periods 7\nnr_throttled 1\nthrottled_usec 60123\nnr_bursts 0\nburst_usec 0\n",
  "memory.stat": statV2, "memory.current": "4263936\n", "memory.max": "67108864\n", "memory.swap.current": "4096\n", "memory.swap.max": "16384\n", "pids.current": "5\n",
  "cpu.pressure": "some avg10=1.50 avg60=0.00 avg300=0.00 total=42\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=7\n", "memory.pressure": "", "io.pressure": "",
};
const v2 = {
  cpu: 52_871_000, userCpu: 31_723_000, systemCpu: 21_148_000, periods: 7, throttledPeriods: 1, throttled: 60_123_000,
  memory: 4_263_936, workingSet: 2_945_024, rss: 1_490_944, cache: 2_113_536, mappedFile: 1_081_344, swap: 4_096, swapLimit: 16_384, pageFaults: 1_893, majorPageFaults: 12, memoryLimit: 67_108_864, pids: 5,
  pressure: { cpu: { some: { total: 42, avg10: 1.5, avg60: 0, avg300: 0 }, full: { total: 7, avg10: 0, avg60: 0, avg300: 0 } } },
};

test("a v1 container's files become its usage, everything beneath it included", () => {
  assert.deepEqual(usageV1(textsV1), {
    cpu: 28_219_787, userCpu: 20_219_787, systemCpu: 8_000_000, periods: 40, throttledPeriods: 4, throttled: 120_000_000,
    memory: 466_944, workingSet: 458_752, rss: 8_192, cache: 20_480, mappedFile: 4_096, swap: 0, swapLimit: undefined, pageFaults: 1_011, majorPageFaults: 3, memoryLimit: undefined, pids: 2, pressure: {},
  });
});

test("a v2 container's files become its usage", () => {
  assert.deepEqual(usageV2(textsV2), v2);
});

const cases = [
  { name: "a v1 limit is told", usage: usageV1({ ...textsV1, "memory.stat": statV1.replace("9223372036854771712", "104857600") }), field: "memoryLimit", want: 104_857_600 },
  { name: "v2 without a limit", usage: usageV2({ ...textsV2, "memory.max": "max\n" }), field: "memoryLimit", want: undefined },
  { name: "v2 without a limit of swap", usage: usageV2({ ...textsV2, "memory.swap.max": "max\n" }), field: "swapLimit", want: undefined },
  { name: "the v2 root has no memory.current: what processes and page cache hold", usage: usageV2({ ...textsV2, "memory.current": "", "memory.max": "" }), field: "memory", want: 3_604_480 },
  { name: "a cache that is larger than all is no negative working set", usage: usageV1({ ...textsV1, "memory.usage_in_bytes": "4096\n" }), field: "workingSet", want: 0 },
  { name: "a controller that is not there counts nothing", usage: usageV1({ ...textsV1, "pids.current": "", "cpu.stat": "" }), field: "pids", want: 0 },
] as const;
for (const { name, usage, field, want } of cases) test(name, () => assert.equal(usage[field], want));
