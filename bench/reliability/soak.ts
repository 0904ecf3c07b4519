/**
 * R14 for the server: namespaces full of work come and go on simulated nodes, round after round the same. Memory after a
 * collection, descriptors, watches and objects must not grow from the fifth round on.
 *
 *     node bench/reliability/soak.ts [rounds=12] [deployments per round=10]
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newClient } from "#client/http-client.ts";
import { httpsTransport } from "#client/https-transport.ts";
import { loadKubeconfig } from "#client/kubeconfig.ts";
import { newInstance } from "#cmd/new-instance.ts";
import { freePort } from "../../test/support/etcd.ts";
import { growth, Soak, use, type Use } from "../../test/support/soak.ts";
import { ServerProcess } from "../../test/support/server-process.ts";
import { nowMs, round, say } from "../support.ts";

const [rounds = 12, size = 10] = process.argv.slice(2, 4).map(Number);
const directory = mkdtempSync(join(tmpdir(), "seedpod-soak-"));
const dataDir = join(directory, "server");
const heap = join(directory, "heap");
const port = await freePort();
await newInstance({ name: "soak", dataDir, port, bindAddress: "127.0.0.1" });
/** Or memory grows until each resource has had so many changes as are kept by default. */
const flags = ["--watch-cache-size=32"];
const env = { NODE_OPTIONS: `--import=${join(import.meta.dirname, "../../test/support/heap-meter.mjs")}`, SEEDPOD_HEAP: heap };
const server = await ServerProcess.start(dataDir, port, flags, env);
const transport = httpsTransport(await loadKubeconfig(join(dataDir, "kubeconfig")));
const client = newClient(transport);
const soak = await Soak.start(client, size);
const seen: Use[] = [];
for (let i = 0; i < rounds; i++) {
  const from = nowMs();
  await soak.round(i);
  const now = await use(server, heap);
  seen.push(now);
  say(`round ${i + 1}`, { ...now, seconds: round((nowMs() - from) / 1000) });
}
const wrong = growth(seen.slice(4));
for (const line of wrong) console.log(line);
say("soak", { rounds, deploymentsPerRound: size, wrong: wrong.length });
if (wrong.length > 0) process.exitCode = 1;
await soak.stop();
transport.close();
await server.stop();
rmSync(directory, { recursive: true });
