/**
 * JSON against protobuf on the cluster of KUBECONFIG: LIST of many pods, whole and by label, and a watch fan-out, with
 * the server's event-loop delay and memory under each. The pods are gated, so that nothing schedules them.
 *
 * `node bench/formats.ts [pods=10000] [events=100]`
 */
import { namespaces, pods, serviceAccounts } from "#api/resources.ts";
import type { Pod } from "#api/gen/core-v1.ts";
import { isStatus } from "#apimachinery/status.ts";
import { systemClock } from "#base/clock.ts";
import { readText } from "#client/transport.ts";
import { clusterClient } from "./cluster-client.ts";
import { latency, many, nowMs, percentile, round, say } from "./support.ts";

const [count = 10_000, events = 100] = process.argv.slice(2, 4).map(Number);
const { client, transport, close } = await clusterClient();
const namespace = `bench-formats-${process.pid}`;
const path = `/api/v1/namespaces/${namespace}/pods`;
const formats = { json: "application/json", protobuf: "application/vnd.kubernetes.protobuf" } as const;
type Format = keyof typeof formats;

const pod = (i: number): Pod => ({
  metadata: { name: `p-${i}`, namespace, labels: { app: `a${i % 10}`, "pod-template-hash": "5d4f8c7b9" }, annotations: { note: "x".repeat(200) } },
  spec: {
    schedulingGates: [{ name: "bench.example/never" }],
    containers: [{
      name: "c", image: "registry.example/app:1", env: [{ name: "A", value: "1" }], ports: [{ containerPort: 80 }], resources: { requests: { cpu: "100m", memory: "64Mi" } },
      readinessProbe: { httpGet: { path: "/ready", port: 80 } }, volumeMounts: [{ name: "v", mountPath: "/v" }],
    }],
    volumes: [{ name: "v", emptyDir: {} }],
  },
  status: {},
});

/** A number of the server's `/metrics`. Reading them begins a new time of measuring the event loop. */
async function metric(...names: readonly string[]): Promise<number[]> {
  const text = await readText((await transport({ method: "GET", path: "/metrics" })).body);
  return names.map((name) => Number(new RegExp(`^${name} (.*)$`, "m").exec(text)?.[1]));
}
async function underLoad(work: () => Promise<Record<string, number>>): Promise<Record<string, number>> {
  const [cpuBefore = 0] = await metric("process_cpu_seconds_total");
  const result = await work();
  const [p99 = 0, max = 0, resident = 0, cpu = 0] = await metric("nodejs_eventloop_lag_p99_seconds", "nodejs_eventloop_lag_max_seconds", "process_resident_memory_bytes", "process_cpu_seconds_total");
  return { ...result, serverCpuMs: Math.round((cpu - cpuBefore) * 1000), loopP99Ms: round(p99 * 1000), loopMaxMs: round(max * 1000), serverMiB: Math.round(resident / 2 ** 20) };
}

async function list(format: Format, query: string): Promise<number> {
  let bytes = 0;
  for await (const piece of (await transport({ method: "GET", path: path + query, headers: { accept: formats[format] } })).body) bytes += piece.length;
  return bytes;
}

/** Counts frames as they come: lines, or lengths of four bytes and what they announce. */
function frameCounter(format: Format): (piece: Uint8Array) => number {
  let rest = Buffer.alloc(0);
  return (piece) => {
    let frames = 0;
    if (format === "json") {
      for (let at = piece.indexOf(10); at >= 0; at = piece.indexOf(10, at + 1)) frames++;
      return frames;
    }
    rest = Buffer.concat([rest, piece]);
    for (; rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE(); frames++) rest = rest.subarray(4 + rest.readUInt32BE());
    return frames;
  };
}

/** The n-th frame of every watcher is the n-th patch: its time runs until the last watcher has it. */
async function fanOut(format: Format, watchers: number): Promise<Record<string, number>> {
  const stop = new AbortController();
  const [sent, toLast]: [number[], number[]] = [[], []];
  const seen = new Array<number>(events).fill(0);
  const { promise: all, resolve: done } = Promise.withResolvers<void>();
  const { resourceVersion } = await client.resource(pods).list({ namespace, limit: 1 });
  const following = Array.from({ length: watchers }, async () => {
    const { body } = await transport({ method: "GET", path: `${path}?watch=1&resourceVersion=${resourceVersion}`, headers: { accept: formats[format] }, signal: stop.signal });
    const frames = frameCounter(format);
    let at = 0;
    for await (const piece of body) {
      for (const last = at + frames(piece); at < last; at++) {
        seen[at] = (seen[at] ?? 0) + 1;
        if (seen[at] === watchers) toLast.push(nowMs() - (sent[at] ?? 0));
      }
      if (toLast.length === events) done();
    }
  });
  await systemClock.sleep(500 + watchers * 2, stop.signal);
  const from = nowMs();
  for (let i = 0; i < events; i++) {
    sent.push(nowMs());
    await client.resource(pods).patch(`p-${i}`, namespace, { type: "merge", body: { metadata: { annotations: { fan: `${format}-${watchers}` } } } });
  }
  await Promise.race([all, systemClock.sleep(60_000, stop.signal)]);
  const seconds = (nowMs() - from) / 1000;
  stop.abort();
  await Promise.allSettled(following);
  return { delivered: seen.reduce((a, b) => a + b, 0), of: watchers * events, perSecond: Math.round((watchers * events) / seconds), p50ToLastMs: round(percentile(toLast, 0.5)), p99ToLastMs: round(percentile(toLast, 0.99)) };
}

const [before = 0] = await metric("process_resident_memory_bytes");
await client.resource(namespaces).create({ metadata: { name: namespace }, spec: {}, status: {} });
await client.resource(serviceAccounts).create({ metadata: { name: "default", namespace } }).catch((err: unknown) => { if (!isStatus(err, "AlreadyExists")) throw err; });
await many(count, 32, async (i) => { await client.resource(pods).create(pod(i)); });
const [after = 0] = await metric("process_resident_memory_bytes");
say(`${count} pods made`, { serverMiB: Math.round(after / 2 ** 20), growthMiB: Math.round((after - before) / 2 ** 20) });
for (const format of ["json", "protobuf"] as const) {
  for (const query of ["", "?labelSelector=app%3Da3"]) {
    const first = nowMs();
    const bytes = await list(format, query);
    const firstMs = round(nowMs() - first);
    say(`LIST ${format} ${query === "" ? "whole" : "one in ten by label"}`, await underLoad(async () => {
      const { sample } = await many(20, 1, async () => { await list(format, query); });
      return { bytes, firstMs, ...latency(sample) };
    }));
  }
}
for (const watchers of [100, 1000]) {
  for (const format of ["json", "protobuf"] as const) say(`watch ${format}: ${watchers} watchers × ${events} events`, await underLoad(() => fanOut(format, watchers)));
}
await client.resource(namespaces).delete(namespace, undefined);
close();
