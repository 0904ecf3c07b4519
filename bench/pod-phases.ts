/**
 * Where the time of a pod's start goes, one pod at a time on the cluster of KUBECONFIG: what a client sees (the write, the
 * binding, Ready), and what of it the runtime's calls take (the network by what a sandbox in the host's takes less), the
 * volumes and the way of a status to the API server. What is left is the kubelet's own.
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
const calls = ["run_podsandbox", "create_container", "start_container", "container_status", "podsandbox_status", "list_podsandbox", "list_containers", "image_status"];
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

const podOf = (name: string, namespace: string, hostNetwork: boolean): Pod => ({
  metadata: { name, namespace }, status: {},
  spec: { terminationGracePeriodSeconds: 1, hostNetwork, containers: [{ name: "c", image, command: ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.05; done"] }] },
});

const steps = ["write answered", "written to seen by a watch", "seen to bound", "bound to Ready"] as const;

/** Pods one after another: what each step took, and how much each metric of the kubelet grew. */
async function startEach(fleet: Fleet, seen: Map<string, Seen>, prefix: string, hostNetwork: boolean): Promise<{ readonly samples: readonly (readonly number[])[]; readonly grown: (metric: string) => number }> {
  const samples: number[][] = steps.map(() => []);
  const before = await kubeletMetrics(fleet);
  for (let i = 0; i < count; i++) {
    const [name, from] = [`${prefix}-${i}`, nowMs()];
    await client.resource(pods).create(podOf(name, fleet.namespace, hostNetwork));
    const answered = nowMs();
    while (seen.get(name)?.ready === undefined) await sleep(5);
    const { added = 0, bound = 0, ready = 0 } = seen.get(name) ?? {};
    for (const [step, ms] of [answered - from, added - from, bound - added, ready - bound].entries()) samples[step]?.push(ms);
    await client.resource(pods).delete(name, fleet.namespace);
  }
  const after = await kubeletMetrics(fleet);
  return { samples, grown: (metric) => (after.get(metric) ?? 0) - (before.get(metric) ?? 0) };
}

/** How often something was done for a pod, and how long it took. @param labels within braces, of one kind of it */
function part(grown: (metric: string) => number, histogram: string, labels = ""): { readonly perPod: number; readonly meanMs: number } {
  const times = grown(`${histogram}_count${labels}`);
  return { perPod: round(times / count), meanMs: times === 0 ? 0 : round((grown(`${histogram}_sum${labels}`) * 1_000) / times) };
}
const call = (grown: (metric: string) => number, name: string): ReturnType<typeof part> => part(grown, "kubelet_runtime_operations_duration_seconds", `{operation_type="${name}"}`);

await withNamespace(client, transport, async (fleet) => {
  const stop = new AbortController();
  const seen = new Map<string, Seen>();
  const { resourceVersion } = await client.resource(pods).list({ namespace: fleet.namespace });
  const following = follow(fleet, resourceVersion, seen, stop.signal).catch(() => {});
  const own = await startEach(fleet, seen, "own", false);
  const host = await startEach(fleet, seen, "host", true);
  for (const [step, name] of steps.entries()) say(name, latency([...(own.samples[step] ?? [])]));
  for (const name of calls) say(`runtime: ${name}`, call(own.grown, name));
  say("network: of run_podsandbox", { meanMs: round(call(own.grown, "run_podsandbox").meanMs - call(host.grown, "run_podsandbox").meanMs) });
  say("volumes: each look", part(own.grown, "storage_operation_duration_seconds"));
  say("status: changed to accepted", part(own.grown, "kubelet_pod_status_sync_duration_seconds"));
  stop.abort();
  await following;
});
close();
