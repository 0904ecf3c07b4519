/**
 * R13: watchers that never read while a gigabyte of events goes by. They cost at most 64 MB and are cut; those who read
 * are told as soon as before. The same load without the silent ones comes first, to compare with.
 *
 *     node bench/reliability/slow-watchers.ts [megabytes=1024] [sqlite|etcd] [silent=100] [events per second=50]
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock, steadyClock } from "#base/clock.ts";
import { issue } from "#base/pki.ts";
import { newInstance } from "#cmd/new-instance.ts";
import { freePort, TestEtcd } from "../../test/support/etcd.ts";
import { newHttps } from "../../test/support/https.ts";
import { ServerProcess } from "../../test/support/server-process.ts";
import { readingWatcher, sentAt, silentWatchers, type Address } from "../../test/support/watchers.ts";
import { latency, percentile, say } from "../support.ts";

const [megabytes = 1024, silent = 100, perSecond = 50] = [process.argv[2], process.argv[4], process.argv[5]].map((text) => (text === undefined ? undefined : Number(text)));
const engine = process.argv[3] ?? "sqlite";
const eventBytes = 100_000;
const [mostMore, mostMs] = [64, 100];
const never = new AbortController().signal;
const collection = "/api/v1/namespaces/default/configmaps";
const open = /^apiserver_longrunning_requests\{verb="WATCH",group="",version="v1",resource="configmaps",subresource="",scope="namespace",[^}]*\} (\d+)$/m;

const directory = mkdtempSync(join(tmpdir(), "seedpod-slow-"));
const etcd = engine === "etcd" ? await TestEtcd.start() : undefined;
const [dataDir, port] = [join(directory, "server"), await freePort()];
const { pkiDir } = await newInstance({ name: "slow", dataDir, port, bindAddress: "127.0.0.1", ...(etcd && { store: { servers: [etcd.url], prefix: "/registry" } }) });
const server = await ServerProcess.start(dataDir, port, ["--cache-check", "10"]);
const pem = (name: string): string => readFileSync(join(pkiDir, name), "utf8");
const ca = { cert: pem("ca.crt"), key: pem("ca.key") };
const address: Address = { port, ca: ca.cert, ...issue(ca, { commonName: "admin", organizations: ["system:masters"], usages: ["client"], days: 1 }, systemClock.now()) };
const admin = newHttps(address);

const residentMiB = (): number => Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${server.pid}/status`, "utf8"))?.[1]) / 1024;
const watching = async (): Promise<number> => Number(open.exec((await admin("GET", "/metrics")).text)?.[1] ?? 0);
const filler = "x".repeat(eventBytes - 500);

/** One event. */
async function change(i: number): Promise<void> {
  const name = `slow-${i % 40}`;
  const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data: { at: sentAt(), filler } };
  const { status, text } = await (i < 40 ? admin("POST", collection, { body }) : admin("PUT", `${collection}/${name}`, { body }));
  if (status >= 300) throw new Error(text);
}

interface Phase { readonly sample: readonly number[]; readonly events: number; readonly cut: number; readonly peakMiB: number }
let written = 0;

/** So many events at a steady pace, before three who read. */
async function phase(events: number): Promise<Phase> {
  const stop = new AbortController();
  const { metadata } = await admin.json<{ metadata: { resourceVersion: string } }>("GET", `${collection}?limit=1`);
  const readers = [1, 2, 3].map(() => readingWatcher(admin, collection, metadata.resourceVersion, stop.signal));
  const from = steadyClock.now();
  const under = new Set<Promise<void>>();
  let peakMiB = 0;
  for (let i = 0; i < events; i++) {
    await systemClock.sleep(Math.max(0, from + (i * 1000) / perSecond - steadyClock.now()), never);
    while (under.size >= 16) await Promise.race(under);
    const one = change(written++).finally(() => under.delete(one));
    under.add(one);
    if (i % 10 === 0) peakMiB = Math.max(peakMiB, residentMiB());
  }
  await Promise.all(under);
  for (let i = 0; i < 100 && readers.some(({ seen }) => seen.events < events); i++) await systemClock.sleep(100, never);
  stop.abort();
  return { sample: readers.flatMap(({ sample }) => sample), events: Math.min(...readers.map(({ seen }) => seen.events)), cut: readers.reduce((sum, { seen }) => sum + seen.cut, 0), peakMiB: Math.round(peakMiB) };
}

const count = Math.round((megabytes * 1e6) / eventBytes);
await phase(Math.min(count, 1_000)); // warm
const alone = await phase(Math.min(count, 3_000));
say("without silent watchers", { engine, events: alone.events, readersCut: alone.cut, peakMiB: alone.peakMiB, ...latency(alone.sample) });
const { metadata } = await admin.json<{ metadata: { resourceVersion: string } }>("GET", `${collection}?limit=1`);
const paths = Array.from({ length: silent }, (_, i) => `${collection}?watch=1${["", `&resourceVersion=${metadata.resourceVersion}`, "&resourceVersion=0", `&resourceVersion=${Number(metadata.resourceVersion) - 500}`][i % 4]}`);
const mute = await silentWatchers(address, paths);
const before = await watching();
const beside = await phase(count);
for (let i = 0; i < 300 && (await watching()) > 0; i++) await systemClock.sleep(100, never);
const left = await watching();
say("beside silent watchers", { engine, megabytes, silent: before, left, events: beside.events, readersCut: beside.cut, peakMiB: beside.peakMiB, moreMiB: beside.peakMiB - alone.peakMiB, ...latency(beside.sample) });
const slowest = percentile(beside.sample, 0.99);
const wrong = [
  ...(before < silent ? [`only ${before} watches were open`] : []),
  ...(left > 0 ? [`${left} watchers that read nothing were not cut`] : []),
  ...(beside.events < count ? [`a reader was told ${beside.events} events of ${count}`] : []),
  ...(beside.peakMiB - alone.peakMiB > mostMore ? [`${beside.peakMiB - alone.peakMiB} MiB more than without them`] : []),
  ...(slowest > mostMs && slowest > 1.5 * percentile(alone.sample, 0.99) ? [`p99 ${Math.round(slowest)} ms`] : []), // a busy machine is slow without them too
];
for (const line of wrong) console.log(line);
if (wrong.length > 0) process.exitCode = 1;
mute.close();
admin.close();
await server.stop();
await etcd?.remove();
rmSync(directory, { recursive: true });
