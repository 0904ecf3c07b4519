/**
 * R10: a disk that is full and one that fails, under a server with writers and readers. Writes fail with a Status, reads
 * go on, nothing is acknowledged that is not there, and all is well again when the trouble is over, in the same process.
 * A failed sync ends it, and what was acknowledged is found by the next. With etcd the trouble is its NOSPACE alarm.
 *
 *     node bench/reliability/disk.ts [sqlite|etcd] [rounds=5]
 *
 * Needs root (a tmpfs of its own) and strace.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { steadyClock, systemClock } from "#base/clock.ts";
import { issue } from "#base/pki.ts";
import { newInstance } from "#cmd/new-instance.ts";
import { freePort, TestEtcd } from "../../test/support/etcd.ts";
import { newHttps } from "../../test/support/https.ts";
import { ServerProcess } from "../../test/support/server-process.ts";
import { say } from "../support.ts";
import { failing, full, quotaSpent, SmallDisk, type Trouble } from "./disk-trouble.ts";
import { Maps } from "./maps.ts";

const engine = process.argv[2] ?? "sqlite";
const rounds = Number(process.argv[3] ?? 5);
const never = new AbortController().signal;
const wrong: string[] = [];

await using made = new AsyncDisposableStack();
const disk = engine === "etcd" ? undefined : await SmallDisk.mount(128);
made.defer(() => disk?.unmount());
const dataDir = disk?.path ?? mkdtempSync(join(tmpdir(), "seedpod-full-"));
made.defer(() => rmSync(`${dataDir}.log`, { force: true })); // beside it, where there is room
if (disk === undefined) made.defer(() => rmSync(dataDir, { recursive: true }));
const etcd = engine === "etcd" ? await TestEtcd.start({ flags: ["--quota-backend-bytes", String(16 * 1024 * 1024)] }) : undefined;
made.defer(() => etcd?.remove());
const port = await freePort();
const { pkiDir } = await newInstance({ name: "disk", dataDir, port, bindAddress: "127.0.0.1", ...(etcd && { store: { servers: [etcd.url], prefix: "/registry" } }) });
const start = (): Promise<ServerProcess> => ServerProcess.start(dataDir, port, ["--cache-check", "10"]);
let server = await start();
made.defer(() => server.stop("SIGKILL"));
const pem = (name: string): string => readFileSync(join(pkiDir, name), "utf8");
const ca = { cert: pem("ca.crt"), key: pem("ca.key") };
const admin = newHttps({ port, ca: ca.cert, ...issue(ca, { commonName: "admin", organizations: ["system:masters"], usages: ["client"], days: 1 }, systemClock.now()) });
made.defer(() => admin.close());
const maps = new Maps(admin);

/** Waits for a sentence to come true. */
async function until(what: string, holds: () => boolean | Promise<boolean>, seconds = 60): Promise<void> {
  const late = steadyClock.now() + seconds * 1000;
  while (!(await holds())) {
    if (steadyClock.now() > late) throw new Error(`${what} has not come (${server.exitCode} ${server.endedBy}): ${server.log.slice(-2_000)}`);
    await systemClock.sleep(20, never);
  }
}

/** One trouble from its beginning to a while after its end, with eight writers and four readers beside it. */
async function through(trouble: Trouble): Promise<void> {
  const { pid } = server;
  const stop = new AbortController();
  const running = [...Array.from({ length: 8 }, () => maps.write(stop.signal)), ...Array.from({ length: 4 }, () => maps.read(stop.signal))];
  await systemClock.sleep(500, never);
  await trouble.begin();
  const [refused, reads] = [maps.refused, maps.reads];
  await until("a refused write", () => maps.refused > refused + 50);
  await until("a read beside refused writes", () => maps.reads > reads + 50);
  const during = { refused: maps.refused - refused, reads: maps.reads - reads };
  await trouble.end();
  const from = steadyClock.now();
  const acknowledged = maps.acknowledged;
  await until("a write after it", () => maps.acknowledged > acknowledged + 20);
  const healedMs = Math.round(steadyClock.now() - from);
  stop.abort();
  await Promise.all(running);
  const found = await maps.check();
  wrong.push(...found, ...(server.pid === pid && server.exitCode === null ? [] : ["the server ended"]));
  say(trouble.name, { engine, ...during, healedMs, acknowledged: maps.acknowledged, words: maps.words, wrong: found.length });
  await maps.clear();
}

if (etcd !== undefined) {
  const spent = quotaSpent(etcd, async () => {
    const refused = maps.refused;
    await until("the alarm", () => maps.refused > refused);
  }, () => maps.clear());
  for (let i = 0; i < rounds; i++) await through(spent);
}
if (disk !== undefined) {
  for (let i = 0; i < rounds; i++) await through(full(disk));
  for (let i = 0; i < rounds; i++) await through(failing("writes fail (EIO)", "pwrite64,ftruncate", () => server.pid));
  for (let i = 0; i < rounds; i++) await syncFails();
}
await server.stop("SIGKILL");
server = await start();
wrong.push(...await maps.check());
for (const line of wrong) console.log(line);
say("disk", { engine, rounds, acknowledged: maps.acknowledged, refused: maps.refused, reads: maps.reads, wrong: wrong.length });
if (wrong.length > 0) process.exitCode = 1;

/** Nobody knows what a failed sync has left on the disk: the process must end, and the next one finds what was acknowledged. */
async function syncFails(): Promise<void> {
  const trouble = failing("sync fails (EIO)", "fdatasync,fsync", () => server.pid);
  const stop = new AbortController();
  const running = Array.from({ length: 8 }, () => maps.write(stop.signal));
  await systemClock.sleep(500, never);
  await trouble.begin();
  await until("its end", () => server.exitCode !== null);
  await trouble.end();
  stop.abort();
  await Promise.all(running);
  server = await start();
  const found = await maps.check();
  wrong.push(...found);
  say(trouble.name, { engine, ended: String(server.exitCode === null), acknowledged: maps.acknowledged, wrong: found.length });
  await maps.clear();
}
