/**
 * The API under load on the cluster of KUBECONFIG: durable creates by one and by many writers, gets, merge patches,
 * LIST, and a watch fan-out.
 *
 * `node bench/api.ts [objects=2000] [concurrency=32] [watchers=100]`
 */
import type { ConfigMap } from "#api/gen/core-v1.ts";
import { configMaps, namespaces } from "#api/resources.ts";
import { systemClock } from "#base/clock.ts";
import type { Client } from "#client/client.ts";
import { clusterClient } from "./cluster-client.ts";
import { latency, many, nowMs, percentile, round, say } from "./support.ts";

const [objects = 2000, concurrency = 32, watchers = 100] = process.argv.slice(2, 5).map(Number);
const events = 200;
const { client, close } = await clusterClient();
const namespace = `bench-api-${process.pid}`;
const maps = client.resource(configMaps);
await client.resource(namespaces).create({ metadata: { name: namespace }, spec: {}, status: {} });

const configMap = (name: string, i: number): ConfigMap => ({ metadata: { name, namespace, labels: { app: `a${i % 10}` } }, data: { payload: "x".repeat(1200) } });
const annotate = (name: string, key: string, value: string): Promise<unknown> => maps.patch(name, namespace, { type: "merge", body: { metadata: { annotations: { [key]: value } } } });

async function step(name: string, total: number, writers: number, work: (i: number) => Promise<unknown>): Promise<void> {
  const { sample, perSecond } = await many(total, writers, async (i) => { await work(i); });
  say(name, { perSecond, ...latency(sample) });
}
await step("create, 1 writer", Math.min(300, objects), 1, (i) => maps.create(configMap(`w-${i}`, i)));
await step(`create, ${concurrency} writers`, objects, concurrency, (i) => maps.create(configMap(`c-${i}`, i)));
await step(`get, ${concurrency} readers`, objects * 2, concurrency, (i) => maps.get(`c-${i % objects}`, namespace));
await step(`merge patch, ${concurrency} writers`, objects, concurrency, (i) => annotate(`c-${i}`, "k", String(i)));
await step(`list ${objects}`, 20, 1, () => maps.list({ namespace }));
await step(`list ${objects} by label, one in ten`, 20, 1, () => maps.list({ namespace, labelSelector: "app=a3" }));
await fanOut(client);
await client.resource(namespaces).delete(namespace, undefined);
close();

/** Every patch reaches every watcher: deliveries per second, and the time to the last watcher. */
async function fanOut(via: Client): Promise<void> {
  const stop = new AbortController();
  const seen = new Array<number>(events).fill(0);
  const sent = new Array<number>(events).fill(0);
  const toLast: number[] = [];
  let delivered = 0;
  const { promise: all, resolve: done } = Promise.withResolvers<void>();
  const { resourceVersion } = await maps.list({ namespace, limit: 1 });
  const following = Array.from({ length: watchers }, async () => {
    for await (const event of via.resource(configMaps).watch({ namespace, resourceVersion }, stop.signal)) {
      const mark = event.type === "MODIFIED" ? event.object.metadata.annotations?.["fan"] : undefined;
      if (mark === undefined) continue;
      delivered++;
      const i = Number(mark);
      seen[i] = (seen[i] ?? 0) + 1;
      if (seen[i] === watchers) toLast.push(nowMs() - (sent[i] ?? 0));
      if (delivered === watchers * events) done();
    }
  });
  await systemClock.sleep(1500, stop.signal);
  const from = nowMs();
  for (let i = 0; i < events; i++) {
    sent[i] = nowMs();
    await annotate(`c-${i}`, "fan", String(i));
  }
  await Promise.race([all, systemClock.sleep(20_000, stop.signal)]);
  say(`watch: ${watchers} watchers × ${events} events`, {
    delivered, of: watchers * events, perSecond: Math.round(delivered / ((nowMs() - from) / 1000)),
    p50ToLastMs: round(percentile(toLast, 0.5)), p99ToLastMs: round(percentile(toLast, 0.99)),
  });
  stop.abort();
  await Promise.allSettled(following);
}
