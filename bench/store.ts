/**
 * Durable creates per second, what they do to the event loop, and how soon a watch tells of them.
 *
 *     node bench/store.ts [seconds per round]                          the embedded store
 *     node bench/store.ts [seconds per round] http://127.0.0.1:2379    an etcd, under a prefix of its own
 */
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import { nextTurn, systemClock } from "#base/clock.ts";
import { openEtcdStore } from "#storage/etcd/store.ts";
import { openSqliteStore } from "#storage/sqlite/store.ts";
import type { Store } from "#storage/store.ts";

const valueBytes = 1_500;
const seconds = Number(process.argv[2] ?? 3);
const etcd = process.argv[3];

for (const writers of [1, 32, 64]) console.log(await round(writers));
console.log(await watchLatency());

/** A fresh store. */
function open(directory: string): Promise<Store> {
  return etcd === undefined ? openSqliteStore({ path: join(directory, "store.db") }) : openEtcdStore({ servers: [etcd], prefix: `/bench-${randomUUID()}` });
}

/** From the start of a write to its change at a watch, and to its acknowledgement; one at a time. And of a read of the newest revision. */
async function watchLatency(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), "seedpod-bench-"));
  const store = await open(directory);
  const stop = new AbortController();
  const seen: number[] = [];
  const watching = (async () => {
    for await (const { changes } of store.watch("/registry/", await store.revision(), stop.signal)) for (const _ of changes) seen.push(performance.now());
  })();
  await systemClock.sleep(300, stop.signal);
  const told: number[] = [];
  const acknowledged: number[] = [];
  const revisions: number[] = [];
  for (let i = 0; i < 500; i++) {
    const began = performance.now();
    await store.put(`/registry/pods/${i}`, new Uint8Array(valueBytes), 0);
    acknowledged.push(performance.now() - began);
    while (seen.length <= i) await nextTurn();
    told.push((seen[i] ?? 0) - began);
    const asked = performance.now();
    await store.revision();
    revisions.push(performance.now() - asked);
  }
  stop.abort();
  await watching;
  await store.close();
  rmSync(directory, { recursive: true });
  return `one write: acknowledged p50 ${at(acknowledged, 0.5)} p99 ${at(acknowledged, 0.99)} ms, told by a watch p50 ${at(told, 0.5)} p99 ${at(told, 0.99)} ms; newest revision p50 ${at(revisions, 0.5)} p99 ${at(revisions, 0.99)} ms`;
}

function at(values: readonly number[], quantile: number): string {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[Math.floor(sorted.length * quantile)] ?? 0).toFixed(2);
}

async function round(writers: number): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), "seedpod-bench-"));
  try {
    const store = await open(directory);
    const delay = monitorEventLoopDelay({ resolution: 1 });
    const latencies: number[] = [];
    delay.enable();
    const began = performance.now();
    const until = began + seconds * 1_000;
    await Promise.all(Array.from({ length: writers }, async (_, w) => {
      const value = new Uint8Array(valueBytes).fill(w);
      for (let i = 0; performance.now() < until; i++) {
        const asked = performance.now();
        const write = await store.put(`/registry/pods/ns-${w}/pod-${i}`, value, 0);
        if (!write.ok) throw new Error("a create lost against nobody");
        latencies.push(performance.now() - asked);
      }
    }));
    const took = (performance.now() - began) / 1_000;
    delay.disable();
    await store.close();
    return `${writers} writers: ${Math.round(latencies.length / took)} creates/s, latency p50 ${at(latencies, 0.5)} p99 ${at(latencies, 0.99)} ms, loop delay p99 ${(delay.percentile(99) / 1e6 - 1).toFixed(1)} max ${(delay.max / 1e6 - 1).toFixed(1)} ms`;
  } finally {
    rmSync(directory, { recursive: true });
  }
}
