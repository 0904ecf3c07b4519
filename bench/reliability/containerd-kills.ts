/**
 * R9: containerd is killed while pods run, and while others are being made, on the instance of KUBECONFIG (as root, on its
 * host). What runs goes on with its address, what was being made runs in the end, and nothing is left of either.
 *
 *     node bench/reliability/containerd-kills.ts [kills=20] [pods=50] [made at once=10]
 */
import { dirname } from "node:path";
import { churnNamespace } from "../../test/support/churn.ts";
import { difference, hostState, lost, quietState } from "../../test/support/host-state.ts";
import { TestInstance } from "../../test/support/instance.ts";
import { Bystanders, kill, killDuringCreation } from "../../test/support/node-trouble.ts";
import { clusterClient } from "../cluster-client.ts";
import { latency, round, say } from "../support.ts";
import { settled } from "./settled.ts";

const [kills = 20, count = 50, made = 10] = process.argv.slice(2, 5).map(Number);
const { client, close } = await clusterClient();
const { settings } = new TestInstance(dirname(process.env["KUBECONFIG"] ?? ""));
const namespace = `containerd-kills-${process.pid}`;

const host = await quietState(settings);
await churnNamespace(client, namespace);
const bystanders = new Bystanders(client, settings, namespace);
await bystanders.start(count);
const [before, running] = [await bystanders.facts(), await quietState(settings)];
const fresh: number[] = [];
const wrong = new Set<string>();
for (let i = 0; i < kills; i++) {
  await kill(settings, "containerd");
  fresh.push(await bystanders.toggle(i % 2 === 0));
  await killDuringCreation(client, settings, namespace, made, 100 * i);
  for (const fact of lost(before, await bystanders.facts())) wrong.add(fact);
  for (const line of await settled(async () => difference(running, await hostState(settings)))) wrong.add(line);
  say(`after ${2 * (i + 1)} kills`, { wrong: wrong.size, ...latency(fresh) });
}
await bystanders.stop();
for (const line of await settled(async () => difference(host, await hostState(settings)))) wrong.add(line);
for (const line of wrong) console.log(line);
say("containerd kills", { kills: 2 * kills, pods: count, madeMeanwhile: made * kills, wrong: wrong.size, worstMs: round(Math.max(...fresh)), ...latency(fresh) });
if (wrong.size > 0) process.exitCode = 1;
await client.request({ method: "DELETE", path: `/api/v1/namespaces/${namespace}` });
close();
