/**
 * Scheduling decisions per second over simulated nodes, in memory: filter, score, reserve, assume. No API server.
 *
 *     node bench/scheduler.ts [nodes] [pods]
 */
import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import type { Node, Pod } from "#api/gen/core-v1.ts";
import { newFakeCluster } from "../src/scheduler/fake-cluster.ts";

const nodeCount = Number(process.argv[2] ?? 5_000);
const podCount = Number(process.argv[3] ?? 10_000);

const shapes: Readonly<Record<string, (i: number) => Partial<Pod["spec"]>>> = {
  "plain pods": () => ({}),
  "pods with a node selector and tolerations": (i) => ({ nodeSelector: { half: String(i % 2) }, tolerations: [{ key: "x", operator: "Exists" }] }),
  "pods spread over zones": () => ({ topologySpreadConstraints: [{ maxSkew: 5, topologyKey: "topology.kubernetes.io/zone", whenUnsatisfiable: "DoNotSchedule", labelSelector: { matchLabels: { app: "bench" } } }] }),
};

for (const [name, shape] of Object.entries(shapes)) {
  const cluster = newFakeCluster();
  for (let i = 0; i < nodeCount; i++) cluster.addNode(node(i));
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const began = performance.now();
  for (let i = 0; i < podCount; i++) cluster.addPod(pod(i, shape(i)));
  await cluster.allBound(podCount);
  const seconds = (performance.now() - began) / 1_000;
  delay.disable();
  await cluster.stop();
  console.log(`${nodeCount} nodes, ${podCount} ${name}: ${Math.round(podCount / seconds)} pods/s, loop delay p99 ${(delay.percentile(99) / 1e6 - 1).toFixed(1)} ms`);
}

function node(i: number): Node {
  return {
    metadata: { name: `node-${i}`, labels: { "kubernetes.io/hostname": `node-${i}`, "topology.kubernetes.io/zone": `zone-${i % 3}`, half: String(i % 2) } },
    spec: {},
    status: { allocatable: { cpu: "16", memory: "64Gi", pods: "110" }, conditions: [{ type: "Ready", status: "True" }] },
  };
}

function pod(i: number, spec: Partial<Pod["spec"]>): Pod {
  return {
    metadata: { name: `pod-${i}`, namespace: "default", uid: `uid-${i}`, labels: { app: "bench" } },
    spec: { containers: [{ name: "c", image: "nginx:1", resources: { requests: { cpu: "100m", memory: "200Mi" } } }], schedulerName: "default-scheduler", ...spec },
    status: { phase: "Pending" },
  };
}
