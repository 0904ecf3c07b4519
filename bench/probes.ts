/**
 * Whether probes keep their time: many pods with a TCP probe every second, on the cluster of KUBECONFIG. Of as many probes as
 * there should have been, how many there were, and what they cost the agent.
 *
 * `node bench/probes.ts [pods=100] [seconds=60] [image]`
 */
import { clusterClient } from "./cluster-client.ts";
import { kubeletMetrics, sleep, startAll, withNamespace } from "./fleet.ts";
import { nowMs, round, say } from "./support.ts";

const [count = 100, seconds = 60] = process.argv.slice(2, 4).map(Number);
const image = process.argv[4] ?? "seedpod.local/busybox:1";
const { client, transport, close } = await clusterClient();

await withNamespace(client, transport, async (fleet) => {
  const command = ["sh", "-c", "httpd -p 8080; while :; do sleep 1000; done"];
  await startAll(fleet, count, {
    terminationGracePeriodSeconds: 1,
    containers: [{ name: "c", image, command, livenessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1, failureThreshold: 1_000 } }],
  });
  const read = async (): Promise<{ readonly at: number; readonly probes: number; readonly ok: number; readonly cpu: number }> => {
    const probes = await kubeletMetrics(fleet, "metrics/probes");
    const ok = [...probes].filter(([name]) => name.includes('result="successful"')).reduce((sum, [, value]) => sum + value, 0);
    return { at: nowMs(), probes: probes.get("prober_probe_total") ?? 0, ok, cpu: (await kubeletMetrics(fleet)).get("process_cpu_seconds_total") ?? 0 };
  };
  const before = await read();
  await sleep(seconds * 1_000);
  const after = await read();
  const ms = after.at - before.at;
  const done = after.probes - before.probes;
  say(`${count} pods, a probe a second`, {
    expected: Math.round((count * ms) / 1_000), done, share: round((done * 1_000) / (count * ms)), successful: after.ok - before.ok,
    cpuPercentOfOneCore: round(((after.cpu - before.cpu) * 100_000) / ms),
  });
});
close();
