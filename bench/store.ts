/**
 * Durable creates per second against the embedded store, and what they do to the event loop.
 *
 *     node bench/store.ts [seconds per round]
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import { openSqliteStore } from "#storage/sqlite/store.ts";

const valueBytes = 1_500;
const seconds = Number(process.argv[2] ?? 3);

for (const writers of [1, 32, 64]) console.log(await round(writers));

async function round(writers: number): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), "seedpod-bench-"));
  try {
    const store = await openSqliteStore({ path: join(directory, "store.db") });
    const delay = monitorEventLoopDelay({ resolution: 1 });
    const latencies: number[] = [];
    delay.enable();
    const began = performance.now();
    const until = began + seconds * 1_000;
    await Promise.all(Array.from({ length: writers }, async (_, w) => {
      const value = new Uint8Array(valueBytes).fill(w);
      for (let i = 0; performance.now() < until; i++) {
        const at = performance.now();
        const write = await store.put(`/registry/pods/ns-${w}/pod-${i}`, value, 0);
        if (!write.ok) throw new Error("a create lost against nobody");
        latencies.push(performance.now() - at);
      }
    }));
    const took = (performance.now() - began) / 1_000;
    delay.disable();
    latencies.sort((a, b) => a - b);
    const quantile = (q: number): string => (latencies[Math.floor(latencies.length * q)] ?? 0).toFixed(2);
    await store.close();
    return `${writers} writers: ${Math.round(latencies.length / took)} creates/s, latency p50 ${quantile(0.5)} p99 ${quantile(0.99)} ms, loop delay p99 ${(delay.percentile(99) / 1e6 - 1).toFixed(1)} max ${(delay.max / 1e6 - 1).toFixed(1)} ms`;
  } finally {
    rmSync(directory, { recursive: true });
  }
}
