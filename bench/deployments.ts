/**
 * Many Deployments at once on nodes that only say that pods run: a server process of its own, run as `up` runs it, time to all Ready,
 * its processor time and memory, and how many requests each pod took, by whom.
 *
 * `node bench/deployments.ts [deployments=1000] [replicas=5] [nodes=100] [writers=16]`; without nodes' agents' patches: `agent` in the last line
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { deployments, leases, namespaces, nodes, pods, serviceAccounts } from "#api/resources.ts";
import type { Deployment } from "#api/gen/apps-v1.ts";
import type { Pod, PodStatus } from "#api/gen/core-v1.ts";
import { getCondition } from "#api/conditions.ts";
import { microTimestamp, timestamp } from "#apimachinery/time.ts";
import { systemClock } from "#base/clock.ts";
import type { Client } from "#client/client.ts";
import { environmentOf } from "#cmd/processes.ts";
import { startLoneServer } from "../test/support/lone-server.ts";
import { clusterClient } from "./cluster-client.ts";
import { many, nowMs, percentile, round, say } from "./support.ts";

const [count = 1000, replicas = 5, nodeCount = 100, writers = 16] = process.argv.slice(2, 6).map(Number);
const namespace = "bench-deployments";
Object.assign(process.env, environmentOf("server"));
const lone = await startLoneServer();
const server = lone.process;
process.env["KUBECONFIG"] = join(server.dataDir, "kubeconfig");
const { client, close } = await clusterClient();
const stop = new AbortController();

await client.resource(namespaces).create({ metadata: { name: namespace }, spec: {}, status: {} });
const names = Array.from({ length: nodeCount }, (_, i) => `hollow-${i}`);
for (const name of names) await newNode(client, name);
const beating = beat().catch((err: unknown) => { if (!stop.signal.aborted) throw err; });
while ((await client.resource(serviceAccounts).list({ namespace })).items.length === 0) await systemClock.sleep(100, stop.signal);

const waits: number[] = [];
const all = Promise.withResolvers<void>();
let agentPatches = 0;
const agent = runAgent().catch((err: unknown) => { if (!stop.signal.aborted) all.reject(err); });
const before = { calls: await requests(), cpu: cpuSeconds(), from: nowMs() };
const { perSecond } = await many(count, writers, async (i) => { await client.resource(deployments).create(deploymentOf(`d-${i}`)); });
say("created", { deployments: count, perSecond, seconds: round((nowMs() - before.from) / 1000) });
await all.promise;
const seconds = (nowMs() - before.from) / 1000;
say("all pods Ready", { pods: count * replicas, seconds: round(seconds), perSecond: round((count * replicas) / seconds), p50Ms: round(percentile(waits, 0.5)), p99Ms: round(percentile(waits, 0.99)) });
await allAvailable();
const calls = difference(await requests(), before.calls);
const total = [...calls.values()].reduce((sum, n) => sum + n, 0);
say("all Deployments available", { seconds: round((nowMs() - before.from) / 1000), serverCpuSeconds: round(cpuSeconds() - before.cpu), serverMiB: memoryMiB() });
say("requests", { total, perPod: round(total / (count * replicas)), ofAgentsPerPod: round(agentPatches / (count * replicas)), ...Object.fromEntries([...calls].toSorted(([, a], [, b]) => b - a).slice(0, 14).map(([key, n]) => [key, round(n / (count * replicas))])) });
stop.abort();
await Promise.all([agent, beating]);
close();
await lone.remove();

function deploymentOf(name: string): Deployment {
  const labels = { app: name };
  return { metadata: { name, namespace }, spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: "app", image: "app:1", resources: { requests: { cpu: "10m", memory: "16Mi" } } }] } } }, status: {} };
}

async function newNode(via: Client, name: string): Promise<void> {
  await via.resource(nodes).create({ metadata: { name, labels: { "kubernetes.io/hostname": name } }, spec: {}, status: {} });
  await sayReady(via, name);
  await via.resource(nodes).patch(name, undefined, { type: "merge", body: { spec: { taints: null } } });
  await via.resource(leases).create({ metadata: { name, namespace: "kube-node-lease" }, spec: { holderIdentity: name, leaseDurationSeconds: 40, renewTime: microTimestamp(systemClock.now()) } });
}

/** As often as kubelets do, and Ready again where the machine was too busy for that; not counted. */
async function beat(): Promise<void> {
  for (;;) {
    await systemClock.sleep(10_000, stop.signal);
    await many(names.length, writers, async (i) => { await client.resource(leases).patch(names[i] ?? "", "kube-node-lease", { type: "merge", body: { spec: { renewTime: microTimestamp(systemClock.now()) } } }); });
    for (const { metadata, status } of (await client.resource(nodes).list({})).items) {
      if (getCondition(status.conditions, "Ready")?.status !== "True") await sayReady(client, metadata.name);
    }
  }
}

async function sayReady(via: Client, name: string): Promise<void> {
  const at = timestamp(systemClock.now());
  await via.resource(nodes).patch(name, undefined, { type: "strategic", body: { status: { conditions: [{ type: "Ready", status: "True", lastHeartbeatTime: at, lastTransitionTime: at }], allocatable: { cpu: "16", memory: "64Gi", pods: "110" } } } }, { subresource: "status" });
}

/** All nodes' agents in one: two patches for each pod, as a kubelet whose containers start at once. */
async function runAgent(): Promise<void> {
  const { resourceVersion } = await client.resource(pods).list({ namespace });
  const seen = new Set<string>();
  let ready = 0;
  const start = async ({ metadata: { name, creationTimestamp } }: Pod): Promise<void> => {
    const at = timestamp(systemClock.now());
    await report(name, { conditions: ["PodReadyToStartContainers", "Initialized"].map((type) => ({ type, status: "True", lastTransitionTime: at })), startTime: at, hostIP: "10.0.0.1" });
    await report(name, {
      phase: "Running", podIP: "10.42.0.9", conditions: ["ContainersReady", "Ready"].map((type) => ({ type, status: "True", lastTransitionTime: at })),
      containerStatuses: [{ name: "app", image: "app:1", imageID: "sha256:0", ready: true, restartCount: 0, started: true, state: { running: { startedAt: at } } }],
    });
    waits.push(systemClock.now() - Date.parse(creationTimestamp ?? at));
    if (++ready === count * replicas) all.resolve();
  };
  const report = async (name: string, status: Partial<PodStatus>): Promise<void> => {
    agentPatches++;
    await client.resource(pods).patch(name, namespace, { type: "strategic", body: { status } }, { subresource: "status" });
  };
  for await (const event of client.resource(pods).watch({ namespace, resourceVersion }, stop.signal)) {
    if (event.type === "BOOKMARK" || event.object.spec.nodeName === undefined || seen.has(event.object.metadata.name)) continue;
    seen.add(event.object.metadata.name);
    start(event.object).catch(all.reject);
  }
}

async function allAvailable(): Promise<void> {
  for (;;) {
    const { items } = await client.resource(deployments).list({ namespace });
    if (items.filter(({ status }) => status.availableReplicas === replicas && status.observedGeneration !== undefined).length === count) return;
    await systemClock.sleep(500, stop.signal);
  }
}

/** Requests so far, by verb and resource. */
async function requests(): Promise<Map<string, number>> {
  const text = await server.kubectl("get", "--raw", "/metrics");
  const found = new Map<string, number>();
  for (const [, labels = "", value] of text.matchAll(/^apiserver_request_total\{([^}]*)\} (\d+)/gm)) {
    const label = (name: string): string => new RegExp(`(?:^|,)${name}="([^"]*)"`).exec(labels)?.[1] ?? "";
    if (label("resource") === "leases" || label("resource") === "nodes" || label("verb") === "WATCH") continue;
    const key = `${label("verb")} ${label("resource")}${label("subresource") === "" ? "" : `/${label("subresource")}`}${label("code").startsWith("2") ? "" : ` ${label("code")}`}`;
    found.set(key, (found.get(key) ?? 0) + Number(value));
  }
  return found;
}

function difference(after: ReadonlyMap<string, number>, was: ReadonlyMap<string, number>): Map<string, number> {
  return new Map([...after].map(([key, n]): [string, number] => [key, n - (was.get(key) ?? 0)]).filter(([, n]) => n > 0));
}

/** Of the server and what it started, in ticks of a hundredth. */
function cpuSeconds(): number {
  const fields = readFileSync(`/proc/${server.pid}/stat`, "utf8").replace(/^.*\) /, "").split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function memoryMiB(): number {
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, "utf8"))?.[1] ?? 0) / 1024);
}
