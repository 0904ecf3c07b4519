/**
 * Scheduling decisions per second over simulated nodes, in memory: filter, score, reserve, assume. No API server.
 * Pods with a device each are a tenth of the pods, on nodes with eight devices each; an expression chooses half of them.
 *
 *     node bench/scheduler.ts [nodes] [pods]
 */
import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import type { Node, Pod } from "#api/gen/core-v1.ts";
import type { DeviceClass, ResourceClaim, ResourceSlice } from "#api/gen/resource-v1.ts";
import { deviceClasses, resourceClaims, resourceSlices } from "#api/resources.ts";
import { newFakeCluster, type FakeCluster } from "../src/scheduler/fake-cluster.ts";

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
  await measure(cluster, podCount, name, shape);
}

const withDevices = newFakeCluster();
for (let i = 0; i < nodeCount; i++) {
  withDevices.addNode(node(i));
  withDevices.table<ResourceSlice>(resourceSlices).put(slice(i));
}
withDevices.table<DeviceClass>(deviceClasses).put({ metadata: { name: "gpu" }, spec: { selectors: [{ cel: { expression: `device.driver == "gpu.example.com"` } }] } });
for (let i = 0; i < podCount / 10; i++) withDevices.table<ResourceClaim>(resourceClaims).put(claim(i));
await measure(withDevices, Math.trunc(podCount / 10), "pods with a device each", (i) => ({ resourceClaims: [{ name: "gpu", resourceClaimName: `claim-${i}` }] }));

async function measure(cluster: FakeCluster, podCount: number, name: string, shape: (i: number) => Partial<Pod["spec"]>): Promise<void> {
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

function slice(i: number): ResourceSlice {
  const devices = Array.from({ length: 8 }, (_, k) => ({ name: `gpu-${k}`, attributes: { model: { string: k % 2 === 0 ? "A100" : "H100" } } }));
  return { metadata: { name: `node-${i}` }, spec: { driver: "gpu.example.com", nodeName: `node-${i}`, pool: { name: `node-${i}`, generation: 1, resourceSliceCount: 1 }, devices } };
}

function claim(i: number): ResourceClaim {
  const selectors = [{ cel: { expression: `device.attributes["gpu.example.com"].model == "H100"` } }];
  const requests = [{ name: "gpu", exactly: { deviceClassName: "gpu", allocationMode: "ExactCount", count: 1, selectors } }];
  return { metadata: { name: `claim-${i}`, namespace: "default", uid: `claim-${i}`, resourceVersion: "1" }, spec: { devices: { requests } }, status: {} };
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
