/** Many alike pods in a namespace of their own, and what the kubelet counts meanwhile. */
import type { Pod } from "#api/gen/core-v1.ts";
import { namespaces, nodes, pods, serviceAccounts } from "#api/resources.ts";
import { isPodReady } from "#api/pod.ts";
import { systemClock } from "#base/clock.ts";
import { until } from "#base/waiting.ts";
import type { Client } from "#client/client.ts";
import { readText, type Transport } from "#client/transport.ts";

const startMs = 600_000;

export interface Fleet { readonly client: Client; readonly transport: Transport; readonly namespace: string }

/** Runs `work` in a new namespace, which goes afterwards. */
export async function withNamespace(client: Client, transport: Transport, work: (fleet: Fleet) => Promise<void>): Promise<void> {
  const namespace = `bench-${process.pid}`;
  await client.resource(namespaces).create({ metadata: { name: namespace }, spec: {}, status: {} });
  try {
    await until("the account", async () => (await client.resource(serviceAccounts).get("default", namespace).catch(() => undefined)) !== undefined);
    await work({ client, transport, namespace });
  } finally {
    await client.resource(namespaces).delete(namespace, undefined);
  }
}

/** Makes `count` pods and waits until all are Ready. */
export async function startAll({ client, namespace }: Fleet, count: number, spec: Pod["spec"]): Promise<void> {
  for (let i = 0; i < count; i++) await client.resource(pods).create({ metadata: { name: `p-${i}`, namespace }, spec, status: {} });
  await until("all Ready", async () => (await client.resource(pods).list({ namespace })).items.filter(isPodReady).length === count, startMs);
}

/** The sum of each metric of the first node's kubelet over all its labels, by name. */
export async function kubeletMetrics({ client, transport }: Fleet, path: string = "metrics"): Promise<ReadonlyMap<string, number>> {
  const [node] = (await client.resource(nodes).list({})).items;
  const { status, body } = await transport({ method: "GET", path: `/api/v1/nodes/${node?.metadata.name ?? ""}/proxy/${path}` });
  const text = await readText(body);
  if (status !== 200) throw new Error(`the kubelet's metrics: ${status} ${text}`);
  const sums = new Map<string, number>();
  for (const line of text.split("\n")) {
    const [, name = "", labels = "", value = ""] = /^([a-z_:]+)(\{[^}]*\})? (\S+)/.exec(line) ?? [];
    if (name === "") continue;
    for (const key of new Set([name, `${name}${labels}`])) sums.set(key, (sums.get(key) ?? 0) + Number(value));
  }
  return sums;
}

export const sleep = (ms: number): Promise<void> => systemClock.sleep(ms, AbortSignal.timeout(ms + startMs));
