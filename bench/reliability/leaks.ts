/**
 * Pods of eight sorts come and go on the instance of KUBECONFIG (as root, on its host, with the demo images): what is on the
 * host must be as before. Memory and descriptors of the processes are told after each tenth.
 *
 *     node bench/reliability/leaks.ts [pods=500] [at once=20]
 */
import { dirname } from "node:path";
import { churn, churnNamespace } from "../../test/support/churn.ts";
import { difference, hostState, processUse, quietState } from "../../test/support/host-state.ts";
import { TestInstance } from "../../test/support/instance.ts";
import { clusterClient } from "../cluster-client.ts";
import { nowMs, round, say } from "../support.ts";
import { settled } from "./settled.ts";

const [count = 500, atOnce = 20] = process.argv.slice(2, 4).map(Number);
const { client, close } = await clusterClient();
const { settings } = new TestInstance(dirname(process.env["KUBECONFIG"] ?? ""));
const rounds = 10;
const namespace = `leaks-${process.pid}`;

await churnNamespace(client, namespace);
const before = await quietState(settings);
const use = (step: string): void => {
  const flat = Object.entries(processUse(settings)).flatMap(([name, { descriptors, residentKiB }]) => [[`${name}Descriptors`, descriptors], [`${name}MiB`, Math.round(residentKiB / 1024)]] as [string, number][]);
  say(step, Object.fromEntries(flat));
};
use("before");
const start = nowMs();
for (let i = 1; i <= rounds; i++) {
  await churn(client, namespace, Math.ceil(count / rounds), atOnce);
  use(`after ${Math.min(count, Math.ceil((count * i) / rounds))} pods`);
}
const left = await settled(async () => difference(before, await hostState(settings)));
for (const line of left) console.log(line);
say("leaks", { pods: count, atOnce, seconds: round((nowMs() - start) / 1000), left: left.length });
if (left.length > 0) process.exitCode = 1;
await client.request({ method: "DELETE", path: `/api/v1/namespaces/${namespace}` });
close();
