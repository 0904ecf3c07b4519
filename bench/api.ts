/**
 * The API under load on the cluster of KUBECONFIG: durable creates by one and by many writers, gets, merge patches, LIST,
 * and a watch fan-out. With BASELINE, the kubeconfig of another API server (an older build, upstream's), both take every
 * step in turns, and each line says the ratio: on a shared machine only that, and the processor time, says something.
 *
 * `node bench/api.ts [objects=2000] [concurrency=32] [watchers=100] [rounds=1] [steps]`; `steps`: beside
 * the creates by many, only those whose title holds this.
 */
import { systemClock } from "#base/clock.ts";
import { pause } from "#base/waiting.ts";
import { LoadClient } from "./load-client.ts";
import { latency, many, nowMs, percentile, round, say } from "./support.ts";

const [objects = 2000, concurrency = 32, watchers = 100, rounds = 1] = process.argv.slice(2, 6).map(Number);
const only = process.argv[6] ?? "";
/** What all later steps need. */
const creating = `create, ${concurrency} writers`;
const events = 200;
const mergePatch = "application/merge-patch+json";

/** One API server under test, with a namespace of its own. */
interface Side { readonly name: string; readonly client: LoadClient; readonly namespace: string; readonly maps: string }
/** What one step showed. Processor time is that of a request, or of a delivery. */
type Shown = Readonly<Record<string, number>>;
type Step = (side: Side, round: number) => Promise<Shown>;

const sides: Side[] = [];
for (const name of ["BASELINE", "KUBECONFIG"]) {
  const kubeconfig = process.env[name];
  if (kubeconfig !== undefined) sides.push(await sideOf(name.toLowerCase(), kubeconfig));
}
if (sides.at(-1)?.name !== "kubeconfig") throw new Error("set KUBECONFIG to the cluster to measure");

const configMap = (name: string, i: number): string =>
  JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name, labels: { app: `a${i % 10}` } }, data: { payload: "x".repeat(1200) } });
const annotation = (key: string, value: string): string => JSON.stringify({ metadata: { annotations: { [key]: value } } });

const requests = (total: number, writers: number, send: (side: Side, i: number, round: number) => Promise<unknown>): Step => (side, turn) =>
  withCpu(side, total, async () => {
    const { sample, perSecond } = await many(total, writers, async (i) => { await send(side, i, turn); });
    return { perSecond, ...latency(sample) };
  });
const steps: Readonly<Record<string, Step>> = {
  "create, 1 writer": requests(Math.min(300, objects), 1, ({ client, maps }, i, turn) => client.call("POST", maps, configMap(`w-${turn}-${i}`, i))),
  [creating]: requests(objects, concurrency, ({ client, maps }, i, turn) => client.call("POST", maps, configMap(`c-${turn}-${i}`, i))),
  [`get, ${concurrency} readers`]: requests(objects * 2, concurrency, ({ client, maps }, i, turn) => client.call("GET", `${maps}/c-${turn}-${i % objects}`)),
  [`merge patch, ${concurrency} writers`]: requests(objects, concurrency, ({ client, maps }, i, turn) => client.call("PATCH", `${maps}/c-${turn}-${i}`, annotation("k", String(i)), mergePatch)),
  [`list ${objects}`]: requests(20, 1, ({ client, maps }) => client.call("GET", `${maps}?limit=${objects}`)),
  [`list ${objects} by label, one in ten`]: requests(20, 1, ({ client, maps }) => client.call("GET", `${maps}?labelSelector=app%3Da3&limit=${objects}`)),
  [`watch: ${watchers} watchers × ${events} events`]: (side, turn) => withCpu(side, watchers * events, () => fanOut(side, turn)),
};

for (const [name, step] of Object.entries(steps).filter(([title]) => title === creating || title.includes(only))) {
  const shown = sides.map(() => [] as Shown[]);
  for (let turn = 0; turn < rounds; turn++) for (const [i, side] of sides.entries()) shown[i]?.push(await step(side, turn));
  report(name, shown.map(medians));
}
for (const { client, namespace } of sides) {
  await client.call("DELETE", `/api/v1/namespaces/${namespace}`);
  client.close();
}

async function sideOf(name: string, kubeconfig: string): Promise<Side> {
  const client = await LoadClient.of(kubeconfig);
  const namespace = `bench-api-${process.pid}`;
  await client.call("POST", "/api/v1/namespaces", JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } }));
  return { name, client, namespace, maps: `/api/v1/namespaces/${namespace}/configmaps` };
}

/** What `work` shows, and the processor time of one of its `units` on either side of the wire, in microseconds. */
async function withCpu({ client }: Side, units: number, work: () => Promise<Shown>): Promise<Shown> {
  const serverBefore = await client.serverCpuMs();
  const own = process.cpuUsage();
  const shown = await work();
  const { user, system } = process.cpuUsage(own);
  const server = await client.serverCpuMs() - serverBefore;
  return { ...shown, serverMicros: round(1000 * server / units), clientMicros: round((user + system) / units) };
}

function medians(shown: readonly Shown[]): Shown {
  return Object.fromEntries(Object.keys(shown[0] ?? {}).map((key) => [key, percentile(shown.map((s) => s[key] ?? Number.NaN), 0.5)]));
}

/** `ratio…`: ours to the baseline's. */
function report(step: string, [first, second]: readonly Shown[]): void {
  if (first === undefined || second === undefined) return say(step, first ?? {});
  const ratio = (key: string): number => round((second[key] ?? Number.NaN) / (first[key] ?? Number.NaN));
  say(`${step}: baseline`, first);
  say(step, { ...second, ratioPerSecond: ratio("perSecond"), ratioServerCpu: ratio("serverMicros") });
}

/** Every patch reaches every watcher: deliveries per second, and the time to the last watcher. */
async function fanOut({ client, maps }: Side, turn: number): Promise<Shown> {
  const seen = new Array<number>(events).fill(0);
  const sent = new Array<number>(events).fill(0);
  const toLast: number[] = [];
  let delivered = 0;
  const { promise: all, resolve: done } = Promise.withResolvers<void>();
  const { metadata } = JSON.parse((await client.call("GET", `${maps}?limit=1`)).text) as { readonly metadata: { readonly resourceVersion: string } };
  const onLine = (line: string): void => {
    const mark = /"fan":"(\d+)"/.exec(line)?.[1];
    if (mark === undefined) return;
    const i = Number(mark);
    if ((seen[i] = (seen[i] ?? 0) + 1) === watchers) toLast.push(nowMs() - (sent[i] ?? 0));
    if (++delivered === watchers * events) done();
  };
  const stops = Array.from({ length: watchers }, (_, i) => client.follow(i, `${maps}?watch=1&resourceVersion=${metadata.resourceVersion}`, onLine));
  await pause(1500);
  const from = nowMs();
  for (let i = 0; i < events; i++) {
    sent[i] = nowMs();
    await client.call("PATCH", `${maps}/c-${turn}-${i}`, annotation("fan", String(i)), mergePatch);
  }
  const late = new AbortController();
  await Promise.race([all, systemClock.sleep(20_000, late.signal).catch(() => {})]);
  late.abort();
  for (const stop of stops) stop();
  return {
    delivered, of: watchers * events, perSecond: Math.round(delivered / ((nowMs() - from) / 1000)),
    p50ToLastMs: round(percentile(toLast, 0.5)), p99ToLastMs: round(percentile(toLast, 0.99)),
  };
}
