/**
 * Where the time of a pod's start goes, one pod at a time on the cluster of KUBECONFIG: what a client sees (the write, the
 * binding, Ready), and the runtime's part of it by its calls. What is left is the kubelet's and the way of its words.
 *
 * `node bench/pod-phases.ts [pods=20] [image]`
 */
import type { Pod } from "#api/gen/core-v1.ts";
import { isPodReady } from "#api/pod.ts";
import { pods } from "#api/resources.ts";
import { clusterClient } from "./cluster-client.ts";
import { kubeletMetrics, sleep, withNamespace, type Fleet } from "./fleet.ts";
import { latency, nowMs, round, say } from "./support.ts";

const count = Number(process.argv[2] ?? 20);
const image = process.argv[3] ?? "seedpod.local/busybox:1";
const calls = ["run_podsandbox", "create_container", "start_container", "container_status", "podsandbox_status", "image_status"];
const { client, transport, close } = await clusterClient();

/** When a pod was first seen to be so. */
interface Seen { added?: number; bound?: number; ready?: number }

async function follow({ namespace }: Fleet, resourceVersion: string, seen: Map<string, Seen>, signal: AbortSignal): Promise<void> {
  for await (const event of client.resource(pods).watch({ namespace, resourceVersion }, signal)) {
    if (event.type === "BOOKMARK") continue;
    const times = seen.get(event.object.metadata.name) ?? {};
    seen.set(event.object.metadata.name, times);
    times.added ??= nowMs();
    if (event.object.spec.nodeName !== undefined) times.bound ??= nowMs();
    if (isPodReady(event.object)) times.ready ??= nowMs();
  }
}

const podOf = (name: string, namespace: string): Pod => ({
  metadata: { name, namespace }, status: {},
  spec: { terminationGracePeriodSeconds: 1, containers: [{ name: "c", image, command: ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.05; done"] }] },
});

await withNamespace(client, transport, async (fleet) => {
  const stop = new AbortController();
  const seen = new Map<string, Seen>();
  const { resourceVersion } = await client.resource(pods).list({ namespace: fleet.namespace });
  const following = follow(fleet, resourceVersion, seen, stop.signal).catch(() => {});
  const before = await kubeletMetrics(fleet);
  const phases: Readonly<Record<string, number[]>> = { "write answered": [], "written to seen by a watch": [], "seen to bound": [], "bound to Ready": [] };
  for (let i = 0; i < count; i++) {
    const [name, from] = [`p-${i}`, nowMs()];
    await client.resource(pods).create(podOf(name, fleet.namespace));
    const answered = nowMs();
    while (seen.get(name)?.ready === undefined) await sleep(5);
    const { added = 0, bound = 0, ready = 0 } = seen.get(name) ?? {};
    const parts = [answered - from, added - from, bound - added, ready - bound];
    Object.values(phases).forEach((sample, part) => sample.push(parts[part] ?? Number.NaN));
    await client.resource(pods).delete(name, fleet.namespace);
  }
  const after = await kubeletMetrics(fleet);
  for (const [phase, sample] of Object.entries(phases)) say(phase, latency(sample));
  const grown = (name: string): number => (after.get(name) ?? 0) - (before.get(name) ?? 0);
  for (const call of calls) {
    const labels = `{operation_type="${call}"}`;
    const times = grown(`kubelet_runtime_operations_duration_seconds_count${labels}`);
    say(`runtime: ${call}`, { perPod: round(times / count), meanMs: round((grown(`kubelet_runtime_operations_duration_seconds_sum${labels}`) * 1_000) / times) });
  }
  stop.abort();
  await following;
});
close();
