/**
 * What a kubelet costs that has nothing to do: processor time and memory of the agent with many idle pods, on the
 * cluster of KUBECONFIG.
 *
 * `node bench/pods-idle.ts [pods=100] [seconds=60] [image]`
 */
import { clusterClient } from "./cluster-client.ts";
import { kubeletMetrics, sleep, startAll, withNamespace, type Fleet } from "./fleet.ts";
import { nowMs, round, say } from "./support.ts";

const [count = 100, seconds = 60] = process.argv.slice(2, 4).map(Number);
const image = process.argv[4] ?? "seedpod.local/busybox:1";
const settleMs = 15_000;
const { client, transport, close } = await clusterClient();

async function measure(fleet: Fleet, step: string): Promise<void> {
  const [from, before] = [nowMs(), await kubeletMetrics(fleet)];
  await sleep(seconds * 1_000);
  const after = await kubeletMetrics(fleet);
  const used = (after.get("process_cpu_seconds_total") ?? 0) - (before.get("process_cpu_seconds_total") ?? 0);
  say(step, { cpuPercentOfOneCore: round((used * 100_000) / (nowMs() - from)), residentMiB: round((after.get("process_resident_memory_bytes") ?? 0) / 2 ** 20) });
}

await withNamespace(client, transport, async (fleet) => {
  await measure(fleet, "no pods of ours");
  const from = nowMs();
  await startAll(fleet, count, { terminationGracePeriodSeconds: 1, containers: [{ name: "c", image, command: ["sleep", "100000"] }] });
  say(`${count} pods Ready`, { allMs: round(nowMs() - from) });
  await sleep(settleMs);
  await measure(fleet, `${count} idle pods`);
});
close();
