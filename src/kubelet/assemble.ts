/** Puts the kubelet's parts together. */
import type { Node, Pod } from "#api/gen/core-v1.ts";
import { nodes, services } from "#api/resources.ts";
import { parseDuration } from "#apimachinery/go-duration.ts";
import type { Component } from "#base/component.ts";
import type { EvictionWords } from "./eviction/messages.ts";
import { refusal, resizeRefusal, type AdmissionFacts, type Refusal } from "./pods/admission.ts";
import { makeRoom, type RoomDeps } from "./pods/make-room.ts";
import { DeviceManager, noDevices, type PodDevices } from "./devices/device-manager.ts";
import { DraManager } from "./dra/dra-manager.ts";
import { SliceWiper } from "./dra/slice-wiper.ts";
import { attachedVolumes } from "./volumes/attached-volumes.ts";
import { Backoff } from "./backoff.ts";
import { cdiDirs } from "./cdi/cdi.ts";
import { isCgroupV2 } from "./resources/cgroup-limits.ts";
import type { PodCgroups } from "./resources/cgroups.ts";
import { hostResolver } from "./sandbox/dns.ts";
import { EvictionManager } from "./eviction/eviction-manager.ts";
import { pressureRefusal } from "./eviction/admission.ts";
import { spaceOf } from "./eviction/machine-source.ts";
import type { EvictionSource } from "./eviction/source.ts";
import { volumeImages } from "./images/image-volumes.ts";
import { ImageGc } from "./images/image-gc.ts";
import { Images } from "./images/images.ts";
import { LogRotation } from "./containers/log-rotation.ts";
import type { KubeletMetrics } from "./metrics.ts";
import { uidOf } from "./names.ts";
import type { Resources } from "./node/node-info.ts";
import type { NodeFeatures } from "./node/node-features.ts";
import { nodeEvents } from "./node/node-events.ts";
import { NodeLease } from "./node/node-lease.ts";
import { NodeStatusReporter } from "./node/node-status.ts";
import { NodeShutdown } from "./node/node-shutdown.ts";
import { ObjectCache } from "./object-cache.ts";
import type { KubeletOptions } from "./options.ts";
import type { Paths } from "./paths.ts";
import { csiNode, csiRegistration } from "./plugins/csi-registration.ts";
import { PluginWatcher } from "./plugins/plugin-watcher.ts";
import { Pleg } from "./runtime/pleg.ts";
import { PodCertificates } from "./pod-certificates/pod-certificates.ts";
import type { NodeFacts, PodContext } from "./pods/pod-context.ts";
import { PodWorkers } from "./pods/pod-workers.ts";
import { podResourcesServer } from "./pod-resources/pod-resources-server.ts";
import { ProbeManager } from "./probes/probe-manager.ts";
import type { RuntimeCache } from "./runtime/runtime-cache.ts";
import { StatusManager } from "./status/status.ts";
import { Tokens } from "./pods/tokens.ts";
import { TrustAnchors } from "./volumes/trust-anchors.ts";
import { UserNamespaces } from "./containers/user-namespaces.ts";
import { newVolumeExpander } from "./volumes/volume-expander.ts";
import { VolumeManager } from "./volumes/volume-manager.ts";
import { volumeSources } from "./volumes/volume-sources.ts";

/** What is known before the parts are made. */
export interface Ground {
  readonly cache: RuntimeCache;
  readonly cgroups: PodCgroups;
  readonly metrics: KubeletMetrics;
  readonly paths: Paths;
  readonly resources: Resources;
  /** How the runtime calls itself: `containerd`. */
  readonly runtimeName: string;
  readonly features: NodeFeatures;
  /** What the node has left; undefined on a hollow one, which never runs short. */
  readonly evictionSource: EvictionSource | undefined;
  /** Ends the kubelet. */
  readonly signal: AbortSignal;
}

export interface Assembled {
  readonly context: PodContext;
  readonly workers: PodWorkers;
  readonly pleg: Pleg;
  readonly shutdown: NodeShutdown;
  /** This node as the API server has it. */
  readonly node: () => Node | undefined;
  /** Whatever runs as long as the kubelet. */
  readonly parts: readonly Component[];
}

export async function assemble(options: KubeletOptions, ground: Ground): Promise<Assembled> {
  const { client, runtime, clock, log, nodeName, nodeAddresses, kubeletPort, nodeLabels, settings } = options;
  const { resources, features, metrics, evictionSource: source, signal } = ground;
  const say = nodeEvents(options.events, nodeName);
  const nodeInformer = options.informers.for<Node>(nodes, { fieldSelector: `metadata.name=${nodeName}` });
  const reporter = new NodeStatusReporter({
    client,
    runtime,
    clock,
    log,
    nodeName,
    addresses: nodeAddresses,
    kubeletPort,
    resources,
    seen: () => nodeInformer.get(nodeName),
    devices: () => devices.amounts(),
    shutdown: () => shutdown.why,
    pressures: () => eviction?.conditions ?? [],
    say,
    labels: nodeLabels ?? {},
    ...(options.runtimeFlaws !== undefined && { runtimeFlaws: options.runtimeFlaws }),
    volumesInUse: options.csi.inUse,
  });
  const node = (): Node | undefined => nodeInformer.get(nodeName) ?? reporter.node;
  const admission = (pod: Pod): AdmissionFacts => ({
    others: workers.admitted().filter((other) => uidOf(other) !== uidOf(pod)),
    allocatable: { ...resources.allocatable, ...devices.amounts().allocatable },
    labels: node()?.metadata.labels ?? {},
    nodeName,
    features,
  });
  const poke = (uid: string): void => workers.poke(uid);
  const evict = (uid: string, words: EvictionWords, graceSeconds: number): void => workers.evict(uid, words, graceSeconds);
  const room: RoomDeps = { facts: admission, evict, mayRun: (uid) => workers.mayRun(uid), preempted: (resource) => metrics.preempted(resource), clock, log };
  const closed = (pod: Pod): Refusal | undefined => shutdown.refusal ?? pressureRefusal(pod, eviction?.conditions ?? []);
  const refuses = (pod: Pod): Refusal | undefined => closed(pod) ?? refusal(pod, admission(pod));
  const manager = options.devicePlugins === true ? new DeviceManager({ dir: ground.paths.devicePlugins, clock, log, poke, mayRun: (uid) => workers.mayRun(uid), changed: () => reporter.wake() }) : undefined;
  const devices: PodDevices = manager ?? noDevices;
  await manager?.load();
  const wiper = options.devicePlugins === true ? new SliceWiper({ client, nodeName, clock, log }) : undefined;
  const claims = new DraManager({ client, checkpoint: ground.paths.draState, usable: (driver, is) => wiper?.usable(driver, is), poke, registry: metrics.registry, clock, log });
  await claims.load();
  const context = contextOf(options, ground, poke, { devices, claims }, { makeRoom: async (pod, ended) => closed(pod) ?? makeRoom(pod, room, ended), refuses, refusesResize: (pod) => resizeRefusal(pod, admission(pod)), retryResizes: () => workers.retryResizes() });
  const workers = new PodWorkers(context, signal);
  const pleg = new Pleg({ runtime, cache: ground.cache, metrics: ground.metrics, clock, log, changed: poke });
  const lease = new NodeLease({ client, clock, log, nodeName, nodeUid: () => reporter.node?.metadata.uid });
  const shutdown = new NodeShutdown({
    settings, clock, log,
    pods: () => workers.active(),
    isOver: (uid) => workers.isOver(uid),
    end: (uid, message, graceSeconds) => workers.shutDown(uid, message, graceSeconds),
    told: (uid) => context.statuses.flush(uid),
    changed: () => reporter.wake(),
  });
  const warn = (reason: string, message: string): void => say("Warning", reason, message);
  const imageGc = new ImageGc({ runtime, settings, clock, log, space: spaceOf(runtime), volumeImages: () => volumeImages(workers.admitted()), say: warn, removed: (reason) => metrics.imageRemoved(reason) });
  const eviction = source && new EvictionManager({
    settings, source, clock, log, say: warn,
    pods: () => workers.active(),
    isGone: (uid) => workers.isOver(uid),
    evict,
    reclaimDisk: async () => {
      const removed = await workers.removeDead();
      await imageGc.removeUnused();
      return removed;
    },
    changed: () => reporter.wake(),
    evicted: (evictionSignal) => metrics.evicted(evictionSignal),
  });
  const ofMachine = eviction === undefined ? [] : [eviction, imageGc];
  const plugins = new PluginWatcher({ dir: ground.paths.pluginsRegistry, clock, log, handlers: { CSIPlugin: csiRegistration({ client, drivers: options.csi.drivers, nodeName, clock }), DRAPlugin: claims.watched, ...(manager !== undefined && { DevicePlugin: manager.watched }) } });
  const forPlugins = manager === undefined ? [] : [manager, podResourcesServer({ dir: ground.paths.podResources, pods: () => workers.active(), devices, claims, metrics, clock, log })];
  return { context, workers, pleg, node, shutdown, parts: [pleg, reporter, lease, plugins, claims, ...(wiper === undefined ? [] : [wiper]), csiNode({ client, nodeName, clock }), new LogRotation(runtime, settings, clock, log), ...ofMachine, ...forPlugins] };
}

/** @param admission who may run here @param poke called with a pod's uid when a probe has decided something about it */
function contextOf(options: KubeletOptions, ground: Ground, poke: (uid: string) => void, given: Pick<PodContext, "devices" | "claims">, admission: Pick<PodContext, "makeRoom" | "refuses" | "refusesResize" | "retryResizes">): PodContext {
  const { client, informers, runtime, clock, log, events, clusterDns, clusterDomain } = options;
  const { cache, cgroups, metrics, paths, signal } = ground;
  const node = nodeFacts(options, ground);
  const objects = new ObjectCache(client, clock);
  const statuses = new StatusManager({ client, clock, log, signal, metrics });
  const nodeInformer = informers.for<Node>(nodes, { fieldSelector: `metadata.name=${node.name}` });
  const attached = attachedVolumes({ nodeName: node.name, node: nodeInformer, clock, attachment: objects.volumeAttachment });
  const certificates = new PodCertificates({ client, informers, events, clock, log, nodeName: node.name, nodeUid: () => nodeInformer.get(node.name)?.metadata.uid, chance: Math.random });
  const source = volumeSources({ objects, tokens: new Tokens(client, clock), anchors: new TrustAnchors(informers, clock), certificates, statuses, node, attached });
  const serviceInformer = informers.for(services);
  const resolver = hostResolver();
  return {
    runtime,
    cache,
    events,
    clock,
    log,
    paths,
    metrics,
    objects,
    node,
    statuses,
    ...given,
    cdiDirs: options.cdiDirs ?? cdiDirs,
    ...admission,
    probes: new ProbeManager({ runtime, events, metrics, clock, hostIp: node.addresses[0] ?? "127.0.0.1" }, poke, signal),
    cgroups,
    images: new Images(runtime, events, clock),
    volumes: new VolumeManager({ plugins: options.volumePlugins, paths, source, events, expand: newVolumeExpander(client, events), metrics }),
    certificates,
    crashes: new Backoff(clock, parseDuration(options.settings.crashLoopBackOff.maxContainerRestartPeriod)),
    userNamespaces: new UserNamespaces(paths),
    imageViews: options.imageViews,
    services: () => serviceInformer.list(),
    dns: async () => ({ clusterDns, clusterDomain, host: await resolver }),
  };
}

function nodeFacts({ nodeName, nodeAddresses, clusterDomain }: KubeletOptions, { resources, runtimeName, features }: Ground): NodeFacts {
  const { memoryBytes, allocatable } = resources;
  return { name: nodeName, addresses: nodeAddresses, clusterDomain, cgroupV2: isCgroupV2(), memoryCapacity: memoryBytes, allocatable, runtimeName, features };
}
