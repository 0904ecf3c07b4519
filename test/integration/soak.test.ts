/** `bench/reliability/soak.ts` in short: what can be counted exactly, and the rule by which the bench judges the rest. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { newInstance } from "#cmd/new-instance.ts";
import { newClient } from "#client/http-client.ts";
import { httpsTransport } from "#client/https-transport.ts";
import { loadKubeconfig } from "#client/kubeconfig.ts";
import { freePort } from "../support/etcd.ts";
import { ServerProcess } from "../support/server-process.ts";
import { growth, Soak, use, type Use } from "../support/soak.ts";

const of = (heapMiB: number, descriptors = 30): Use => ({ heapMiB, outsideMiB: 20, descriptors, watches: 70, objects: 200 });
const judged: readonly (readonly [name: string, rounds: readonly Use[], wrong: readonly string[]])[] = [
  ["up and down is no growth", [of(40), of(44), of(41), of(43), of(40), of(42)], []],
  ["memory that grows is", [of(40), of(41), of(42), of(43), of(44), of(45)], ["heapMiB grows by 1.00 a round: 40, 41, 42, 43, 44, 45"]],
  ["one descriptor in two rounds is", [of(40, 30), of(40, 30), of(40, 31), of(40, 31), of(40, 32), of(40, 32)], ["descriptors grows by 0.46 a round: 30, 30, 31, 31, 32, 32"]],
];
for (const [name, rounds, wrong] of judged) test(`soak: ${name}`, () => assert.deepEqual(growth(rounds), wrong));

test("a namespace full of work that comes and goes leaves no descriptor, no watch and no object", { timeout: 300_000 }, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "seedpod-soak-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const [dataDir, heap] = [join(directory, "server"), join(directory, "heap")];
  const port = await freePort();
  await newInstance({ name: "soak", dataDir, port, bindAddress: "127.0.0.1" });
  const server = await ServerProcess.start(dataDir, port, [], { NODE_OPTIONS: `--import=${join(import.meta.dirname, "../support/heap-meter.mjs")}`, SEEDPOD_HEAP: heap });
  t.after(() => server.stop());
  const transport = httpsTransport(await loadKubeconfig(join(dataDir, "kubeconfig")));
  t.after(() => transport.close());
  const soak = await Soak.start(newClient(transport), 2);
  t.after(() => soak.stop());
  const seen: Pick<Use, "descriptors" | "watches" | "objects">[] = [];
  for (const i of [0, 1, 2]) {
    await soak.round(i);
    const { descriptors, watches, objects } = await use(server, heap);
    seen.push({ descriptors, watches, objects });
  }
  assert.deepEqual(seen.slice(1), [seen[1], seen[1]]);
});
