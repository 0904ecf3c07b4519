/**
 * R8: the agent (kubelet) is killed again and again while pods run, on the instance of KUBECONFIG (as root, on its host).
 * No process, container or address of a pod may change, and what a pod does meanwhile must be in its status soon.
 *
 *     node bench/reliability/agent-kills.ts [kills=100] [pods=50]
 */
import { dirname } from "node:path";
import { churnNamespace } from "../../test/support/churn.ts";
import { difference, hostState, lost, quietState } from "../../test/support/host-state.ts";
import { TestInstance } from "../../test/support/instance.ts";
import { Bystanders, kill } from "../../test/support/node-trouble.ts";
import { clusterClient } from "../cluster-client.ts";
import { latency, round, say } from "../support.ts";
import { settled } from "./settled.ts";

const [kills = 100, count = 50] = process.argv.slice(2, 4).map(Number);
const { client, close } = await clusterClient();
const { settings } = new TestInstance(dirname(process.env["KUBECONFIG"] ?? ""));
const namespace = `agent-kills-${process.pid}`;

const host = await quietState(settings);
await churnNamespace(client, namespace);
const bystanders = new Bystanders(client, settings, namespace);
await bystanders.start(count);
const before = await bystanders.facts();
const fresh: number[] = [];
const changed = new Set<string>();
for (let i = 0; i < kills; i++) {
  await kill(settings, "agent");
  fresh.push(await bystanders.toggle(i % 2 === 0));
  for (const fact of lost(before, await bystanders.facts())) changed.add(fact);
  if (i % 10 === 9) say(`after ${i + 1} kills`, { changed: changed.size, ...latency(fresh) });
}
await bystanders.stop();
const left = await settled(async () => difference(host, await hostState(settings)));
for (const line of [...changed, ...left]) console.log(line);
say("agent kills", { kills, pods: count, processes: before.length - count, changed: changed.size, left: left.length, worstMs: round(Math.max(...fresh)), ...latency(fresh) });
if (changed.size + left.length > 0 || Math.max(...fresh) > 10_000) process.exitCode = 1;
await client.request({ method: "DELETE", path: `/api/v1/namespaces/${namespace}` });
close();
