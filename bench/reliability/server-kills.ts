/**
 * R1: `kill -9` of the server again and again under writers that create, compare-and-swap, delete, get and list. Nothing
 * acknowledged is lost, no read is stale, revisions never go back, and it answers again soon. Its watch cache is compared
 * with the store every second, and it would end by itself at a difference (R7).
 *
 *     node bench/reliability/server-kills.ts [kills=50] [sqlite|etcd] [seed]
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "#base/clock.ts";
import type { Client } from "#client/client.ts";
import { newClient } from "#client/http-client.ts";
import { httpsTransport } from "#client/https-transport.ts";
import { loadKubeconfig } from "#client/kubeconfig.ts";
import type { ClosableTransport } from "#client/transport.ts";
import { newInstance } from "#cmd/new-instance.ts";
import { freePort, TestEtcd } from "../../test/support/etcd.ts";
import { Random } from "../../test/support/random.ts";
import { violations, type Operation } from "../../test/support/register.ts";
import { ServerProcess } from "../../test/support/server-process.ts";
import { latency, nowMs, say } from "../support.ts";
import { Writer } from "./writer.ts";

const [kills = 50, seed = 1] = [process.argv[2], process.argv[4]].map((text) => (text === undefined ? undefined : Number(text)));
const engine = process.argv[3] ?? "sqlite";
const never = new AbortController().signal;
const random = new Random(seed);
const directory = mkdtempSync(join(tmpdir(), "seedpod-register-"));
const etcd = engine === "etcd" ? await TestEtcd.start() : undefined;
const [dataDir, port] = [join(directory, "server"), await freePort()];
const flags = ["--cache-check", "1"];
const history: Operation[] = [];
const away: number[] = [];
const end = new AbortController();
let server: ServerProcess | undefined;
let transport: ClosableTransport | undefined;
let running: readonly Promise<void>[] = [];
try {
  await newInstance({ name: "register", dataDir, port, bindAddress: "127.0.0.1", ...(etcd && { store: { servers: [etcd.url], prefix: "/registry" } }) });
  server = await ServerProcess.start(dataDir, port, flags);
  transport = httpsTransport(await loadKubeconfig(join(dataDir, "kubeconfig")));
  const client = newClient(transport);
  const writers = Array.from({ length: 8 }, (_, i) => new Writer(client, `w${i}`, new Random(seed * 100 + i), (operation) => history.push(operation)));
  running = writers.map((writer) => writer.run(end.signal));
  for (let i = 0; i < kills; i++) {
    await Promise.race([systemClock.sleep(500 + random.below(1_500), never), Promise.all(running)]); // a writer that fails ends it all
    if (server.exitCode !== null) throw new Error(`the server ended by itself: ${server.log}`);
    server = await killed(server, client);
    if (i % 10 === 9) say(`after ${i + 1} kills`, { operations: history.length, ...latency(away) });
  }
  end.abort();
  await Promise.all(running);
  await writers[0]?.readAll();
  tell();
} finally {
  end.abort();
  await Promise.allSettled(running);
  transport?.close();
  await server?.stop("SIGKILL");
  await etcd?.remove();
  rmSync(directory, { recursive: true });
}

function tell(): void {
  const wrong = violations(history);
  for (const line of wrong) console.log(line);
  const count = (op: string, known: boolean): number => history.filter((o) => o.op === op && (o.op === "read" || o.known === known)).length;
  say("server kills", { engine, seed, kills, writes: count("write", true), deletes: count("delete", true), unanswered: count("write", false) + count("delete", false), reads: count("read", true), wrong: wrong.length, ...latency(away) });
  if (wrong.length > 0) process.exitCode = 1;
}

/** Kills it; the next one, when it answers. */
async function killed(old: ServerProcess, client: Client): Promise<ServerProcess> {
  const from = nowMs();
  const failed = new AbortController();
  await old.stop("SIGKILL");
  const [next] = await Promise.all([ServerProcess.start(dataDir, port, flags), answers(client, from, failed.signal)]).finally(() => failed.abort());
  return next;
}

/** How long nobody was answered. */
async function answers(client: Client, from: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    if (await client.request({ method: "GET", path: "/api/v1/namespaces/default" }).then(() => true, () => false)) break;
    await systemClock.sleep(10, never);
  }
  away.push(nowMs() - from);
}
