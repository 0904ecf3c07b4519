/** The node's agent: brings the pods that are bound to this node to life and says how they are. Start reading at `pod-worker.ts`. */
import { mkdir, readdir } from "node:fs/promises";
import type { Pod } from "#api/gen/core-v1.ts";
import { isMirrorPod } from "#api/pod.ts";
import { loop, runAll, type Component } from "#base/component.ts";
import { messageOf } from "#base/error-message.ts";
import type { Informer } from "#client/lister.ts";
import { restoreInUse } from "#volumes/csi/staging.ts";
import { assemble, type Assembled } from "./assemble.ts";
import { Cgroups, hollowCgroups } from "./resources/cgroups.ts";
import { enforceAllocatable } from "./resources/enforce-allocatable.ts";
import { machineSource } from "./eviction/machine-source.ts";
import { followPods, ownPods } from "./config.ts";
import { kubeletConfiguration } from "./configuration.ts";
import { newHost, type KubeletHost } from "./host.ts";
import { measuredRuntime } from "./runtime/measured-runtime.ts";
import { KubeletMetrics } from "./metrics.ts";
import { nodeEvents } from "./node/node-events.ts";
import { nodeFeatures } from "./node/node-features.ts";
import { resourcesOf } from "./node/node-info.ts";
import type { NodeShutdown } from "./node/node-shutdown.ts";
import type { KubeletOptions } from "./options.ts";
import { Paths } from "./paths.ts";
import { RuntimeCache } from "./runtime/runtime-cache.ts";
import { newCgroupReader, noCgroups } from "./stats/cgroup-reader.ts";
import { newStats } from "./stats/stats.ts";
import { storageEviction } from "./volumes/storage-eviction.ts";
import { StaticPods, type StaticSource } from "./static/static-pods.ts";
import type { StatusManager } from "./status/status.ts";
import type { StandingVolume } from "./volumes/volume-manager.ts";

export interface Kubelet extends Component {
  readonly host: KubeletHost;
  /** Ends the pods as the settings say, for good: the node goes down. To be called before the kubelet's own end; without such settings it does nothing. */
  shutDown(): Promise<void>;
}

/** Leftovers of pods that are gone are looked for this often. */
const housekeepingMs = 60_000;

/** Runs until its signal aborts; the pods run on, and the next kubelet finds them by what they say of themselves. */
export function newKubelet(options: KubeletOptions): Kubelet {
  const { rootDir, podLogsDir, nodeName, clock, cgroupParent, settings } = options;
  const paths = new Paths(rootDir, podLogsDir);
  const informer = ownPods(options.informers, nodeName);
  let statuses: StatusManager | undefined;
  let shutdown: NodeShutdown | undefined;
  let statics: StaticPods | undefined;
  let standing: ((uid: string) => readonly StandingVolume[]) | undefined;
  const pods = (): Pod[] => [...informer.list().filter((pod) => !isMirrorPod(pod)), ...(statics?.list() ?? [])].map((pod) => ({ ...pod, status: statuses?.get(pod) ?? pod.status }));
  const metrics = new KubeletMetrics(nodeName, pods, clock);
  const runtime = measuredRuntime(options.runtime, metrics);
  const cache = new RuntimeCache(runtime);
  const cgroups = cgroupParent === undefined ? hollowCgroups : new Cgroups(cgroupParent, clock, settings.podPidsLimit);
  const reader = cgroupParent === undefined ? noCgroups : newCgroupReader();
  const volumes = (uid: string): readonly StandingVolume[] => standing?.(uid) ?? [];
  const stats = newStats({ pods, cache, volumes, cgroups, parent: cgroupParent, reader, runtime, paths, nodeName, clock });
  const evictionSource = options.evictionSource ?? (cgroupParent === undefined ? undefined : machineSource({ reader, parent: cgroupParent, rootDir, runtime, stats }));
  const run = async (signal: AbortSignal): Promise<void> => {
    await mkdir(paths.pods, { recursive: true, mode: 0o750 });
    await restoreInUse(options.csi);
    const [resources, features, version] = await Promise.all([
      resourcesOf(rootDir, settings),
      nodeFeatures(runtime),
      runtime.version({}).catch(() => undefined),
    ]);
    const say = nodeEvents(options.events, nodeName);
    say("Normal", "Starting", "Starting kubelet.");
    await enforceAllocatable({ cgroups, resources, settings, say, log: options.log });
    const assembled = await assemble({ ...options, runtime }, { cache, cgroups, metrics, paths, resources, features, evictionSource, runtimeName: version?.runtimeName ?? "containerd", signal });
    statuses = assembled.context.statuses;
    shutdown = assembled.shutdown;
    standing = (uid) => assembled.context.volumes.standing(uid);
    const { workers } = assembled;
    statics = options.staticPods === undefined ? undefined : newStaticPods(options.staticPods, options, informer, assembled);
    const eviction = storageEviction({
      pods: () => workers.admitted(),
      cache,
      disk: (limited) => stats.disk(limited),
      evict: (uid, message) => workers.evict(uid, { message, annotations: {} }, 0),
      clock,
      log: options.log,
    });
    await runAll([...assembled.parts, eviction, ...(statics === undefined ? [] : [statics]), { name: "pods", run: (inner) => runPods(options, informer, assembled, statics, inner) }], signal);
    await assembled.workers.stopped();
  };
  return { name: "kubelet", shutDown: async () => shutdown?.run(), host: newHost({ runtime, cache, paths, pods, stats, metrics, config: kubeletConfiguration(options), nodeLogsDir: nodeLogsOf(options) }), run };
}

/** Upstream: pkg/kubelet/kubelet.go nodeLogDir */
const nodeLogsOf = ({ settings, nodeLogsDir = "/var/log" }: KubeletOptions): string | undefined => (settings.enableSystemLogHandler ? nodeLogsDir : undefined);

const newStaticPods = (source: StaticSource, options: KubeletOptions, informer: Informer<Pod>, { context, workers, node }: Assembled): StaticPods =>
  new StaticPods({ ...options, source, informer, workers, node, statuses: context.statuses });

/** Follows the pods once all is known that their containers are made of, and removes what nobody owns. */
async function runPods(
  { informers, clock, log }: KubeletOptions,
  informer: Informer<Pod>,
  assembled: Assembled,
  statics: StaticPods | undefined,
  signal: AbortSignal,
): Promise<void> {
  await statics?.begin(); // these need no API server
  await loop(signal, async () => {
    await informers.synced(signal);
    const stop = followPods(informer, assembled.workers);
    statics?.mirrorsKnown();
    await loop(signal, async () => {
      await removeOrphans(assembled).catch((err: unknown) => log.warn({ err: messageOf(err) }, "orphaned pods not looked for"));
      await assembled.context.volumes.sweep().catch((err: unknown) => log.warn({ err: messageOf(err) }, "volumes of no pod not taken away"));
      for (const memory of [assembled.context.crashes, assembled.context.images]) memory.prune();
      assembled.context.certificates.prune((uid) => assembled.workers.has(uid));
      await clock.sleep(housekeepingMs, signal);
    });
    stop();
  });
}

/** What the runtime, the disk, the cgroups or drivers still have of pods that the API server has no more. */
async function removeOrphans({ context: { cache, cgroups, claims, paths }, workers, pleg }: Assembled): Promise<void> {
  await pleg.relist();
  const left = new Set([...pleg.pods, ...(await readdir(paths.pods)), ...(await cgroups.list()), ...claims.pods()]);
  for (const uid of left) if (!workers.has(uid)) workers.removeOrphan(await cache.get(uid));
}
