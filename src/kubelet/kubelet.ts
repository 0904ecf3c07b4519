/** The node's agent: brings the pods that are bound to this node to life and says how they are. Start reading at `pod-worker.ts`. */
import { mkdir, readdir } from "node:fs/promises";
import type { Node, Pod } from "#api/gen/core-v1.ts";
import { nodes, services } from "#api/resources.ts";
import type { Clock } from "#base/clock.ts";
import { loop, runAll, type Component } from "#base/component.ts";
import type { Logger } from "#base/log.ts";
import type { Client } from "#client/client.ts";
import type { EventRecorder } from "#client/events.ts";
import type { Informer, Informers } from "#client/lister.ts";
import type { Runtime } from "#cri/runtime.ts";
import type { VolumePlugin } from "#volumes/plugin.ts";
import { refusal } from "./admission.ts";
import { Backoff } from "./backoff.ts";
import { Cgroups, hollowCgroups, isCgroupV2 } from "./cgroups.ts";
import { followPods, ownPods } from "./config.ts";
import { hostResolver } from "./dns.ts";
import { newHost, type KubeletHost } from "./host.ts";
import { Images } from "./images.ts";
import { LogRotation } from "./log-rotation.ts";
import { resourcesOf, type Resources } from "./node-info.ts";
import { NodeLease } from "./node-lease.ts";
import { NodeStatusReporter } from "./node-status.ts";
import { uidOf } from "./names.ts";
import { ObjectCache } from "./object-cache.ts";
import { Paths } from "./paths.ts";
import { Pleg } from "./pleg.ts";
import type { NodeFacts, PodContext } from "./pod-context.ts";
import { noRuntime } from "./pod-runtime.ts";
import { PodWorkers } from "./pod-workers.ts";
import { ProbeManager } from "./probes/probe-manager.ts";
import { RuntimeCache } from "./runtime-cache.ts";
import { messageOf } from "./start-error.ts";
import { StatusManager } from "./status.ts";
import { Tokens } from "./tokens.ts";
import { VolumeManager } from "./volume-manager.ts";
import { volumeSources } from "./volume-sources.ts";

export interface KubeletOptions {
  readonly client: Client;
  /** Shared with other parts of the agent; its owner runs it. */
  readonly informers: Informers;
  readonly runtime: Runtime;
  readonly volumePlugins: readonly VolumePlugin[];
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly log: Logger;
  readonly nodeName: string;
  /** The node's own addresses, the first one wins. */
  readonly nodeAddresses: readonly string[];
  readonly nodeLabels?: Readonly<Record<string, string>>;
  /** Where the kubelet's HTTPS API listens. */
  readonly kubeletPort: number;
  readonly rootDir: string;
  readonly podLogsDir: string;
  /** Addresses of the cluster's DNS; none: pods get the node's resolver. */
  readonly clusterDns: readonly string[];
  readonly clusterDomain: string;
  /** Absolute within the cgroup hierarchy: `/seedpod-1a2b3c4d`. Undefined on a hollow node, whose runtime runs nothing. */
  readonly cgroupParent: string | undefined;
}

export interface Kubelet extends Component {
  readonly host: KubeletHost;
}

const housekeepingMs = 60_000;

/** Runs until its signal aborts; the pods run on, and the next kubelet finds them by what they say of themselves. */
export function newKubelet(options: KubeletOptions): Kubelet {
  const cache = new RuntimeCache(options.runtime);
  const paths = new Paths(options.rootDir, options.podLogsDir);
  const informer = ownPods(options.informers, options.nodeName);
  const inside: { workers?: PodWorkers; statuses?: StatusManager } = {};
  const host = newHost({ runtime: options.runtime, cache, paths, pods: () => informer.list().map((pod) => ({ ...pod, status: inside.statuses?.get(pod) ?? pod.status })) });
  const run = async (signal: AbortSignal): Promise<void> => {
    await mkdir(paths.pods, { recursive: true, mode: 0o750 });
    const resources = await resourcesOf(options.rootDir);
    const { context, workers, parts, pleg } = assemble(options, { cache, paths, resources, informer, signal });
    inside.workers = workers;
    inside.statuses = context.statuses;
    await runAll([...parts, { name: "pods", run: (inner) => runPods(options, context, workers, informer, pleg, inner) }], signal);
    await workers.stopped();
  };
  return { name: "kubelet", host, run };
}

interface Base { readonly cache: RuntimeCache; readonly paths: Paths; readonly resources: Resources; readonly informer: Informer<Pod>; readonly signal: AbortSignal }
interface Assembled { readonly context: PodContext; readonly workers: PodWorkers; readonly parts: readonly Component[]; readonly pleg: Pleg }

function assemble(options: KubeletOptions, { cache, paths, resources, signal }: Base): Assembled {
  const { client, informers, runtime, clock, log, events, nodeName } = options;
  const serviceInformer = informers.for(services);
  const nodeInformer = informers.for<Node>(nodes, { fieldSelector: `metadata.name=${nodeName}` });
  const node: NodeFacts = {
    name: nodeName, addresses: options.nodeAddresses, clusterDomain: options.clusterDomain, cgroupV2: isCgroupV2(), memoryCapacity: resources.memoryBytes,
    allocatable: resources.allocatable, runtimeName: "containerd",
  };
  const objects = new ObjectCache(client, clock);
  const tokens = new Tokens(client, clock);
  const statuses = new StatusManager(client, clock, log, signal);
  const probes = new ProbeManager({ runtime, events, clock, hostIp: options.nodeAddresses[0] ?? "127.0.0.1" }, (uid) => workers.poke(uid), signal);
  const source = volumeSources({ objects, tokens, statuses, node });
  const resolver = hostResolver();
  const context: PodContext = {
    runtime, cache, events, clock, log, paths, objects, node, statuses, probes, cgroups: options.cgroupParent === undefined ? hollowCgroups : new Cgroups(options.cgroupParent, clock), images: new Images(runtime, events, clock),
    volumes: new VolumeManager(options.volumePlugins, paths, source, events), crashes: new Backoff(clock), services: () => serviceInformer.list(),
    dns: async () => ({ clusterDns: options.clusterDns, clusterDomain: options.clusterDomain, host: await resolver }),
    refuses: (pod) => refusal(pod, {
      others: workers.list().filter((w) => w.admitted && (w.phase === "syncing" || w.phase === "terminating") && uidOf(w.pod) !== uidOf(pod)).map((w) => w.pod),
      allocatable: node.allocatable, labels: (nodeInformer.get(nodeName) ?? reporter.node)?.metadata.labels ?? {}, nodeName,
    }),
  };
  const workers: PodWorkers = new PodWorkers(context, signal);
  const pleg = new Pleg({ runtime, cache, clock, log, changed: (uid) => workers.poke(uid) });
  const reporter: NodeStatusReporter = new NodeStatusReporter({ client, runtime, clock, log, nodeName, addresses: options.nodeAddresses, kubeletPort: options.kubeletPort, rootDir: options.rootDir, resources, ...(options.nodeLabels !== undefined && { labels: options.nodeLabels }) });
  const lease = new NodeLease({ client, clock, log, nodeName, nodeUid: () => reporter.node?.metadata.uid });
  return { context, workers, pleg, parts: [pleg, reporter, lease, new LogRotation(runtime, clock, log)] };
}

/** Follows the pods once all is known that their containers are made of, and removes what nobody owns. */
async function runPods(options: KubeletOptions, context: PodContext, workers: PodWorkers, informer: Informer<Pod>, pleg: Pleg, signal: AbortSignal): Promise<void> {
  await loop(signal, async () => {
    await options.informers.synced(signal);
    const stop = followPods(informer, workers);
    await loop(signal, async () => {
      await removeOrphans(context, workers, pleg).catch((err: unknown) => context.log.warn({ err: messageOf(err) }, "orphaned pods not looked for"));
      context.crashes.prune();
      await context.clock.sleep(housekeepingMs, signal);
    });
    stop();
  });
}

/** What the runtime, the disk or the cgroups still have of pods that the API server has no more. */
async function removeOrphans({ cache, cgroups, paths }: PodContext, workers: PodWorkers, pleg: Pleg): Promise<void> {
  await pleg.relist();
  const known = new Set([...pleg.pods, ...(await readdir(paths.pods)), ...(await cgroups.list())]);
  for (const uid of known) {
    if (workers.has(uid)) continue;
    const runtime = await cache.get(uid);
    workers.removeOrphan(runtime.uid === "" ? noRuntime(uid) : runtime);
  }
}
