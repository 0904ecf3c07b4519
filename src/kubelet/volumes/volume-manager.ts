import { mkdir, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Pod, Volume } from "#api/gen/core-v1.ts";
import type { FileSystem } from "#base/file-system.ts";
import type { EventRecorder } from "#client/events.ts";
import { modeOf } from "#api/volume-matching.ts";
import { messageOf } from "#base/error-message.ts";
import { boundVolume } from "#volumes/bound-volume.ts";
import { directoryOf, type Mount, type MountedVolume, type Persistent, type VolumePlugin, type VolumeSources } from "#volumes/plugin.ts";
import { unmountSubPaths } from "#volumes/subpath.ts";
import { containersOf } from "../containers/containers.ts";
import { about, namespaceOf, uidOf } from "../names.ts";
import type { KubeletMetrics } from "../metrics.ts";
import type { Paths } from "../paths.ts";
import type { VolumeExpander } from "./volume-expander.ts";

/** Whether one of the pod's containers mounts the volume, or reads a variable from it. */
const isUsed = (pod: Pod, name: string): boolean =>
  containersOf(pod).some(
    ({ container: { volumeMounts = [], volumeDevices = [], env = [] } }) =>
      [...volumeMounts, ...volumeDevices].some((mount) => mount.name === name) || env.some(({ valueFrom }) => valueFrom?.fileKeyRef?.volumeName === name),
  );

/** Some of a pod's volumes do not stand yet; the events say why. */
class VolumesNotReady extends Error {
  override readonly name = "VolumesNotReady";
}

/** A pod's volumes on their way. Who does not wait for `volumes` may as well: a rejection of either is nobody's surprise. */
export interface Mounting {
  /** Resolves when all stand, or surely will: nothing that they are made of is missing. Rejects as `volumes`, when all has ended. */
  readonly certain: Promise<unknown>;
  /** All that the pod's containers mount, by name. Rejects with `VolumesNotReady`, when all has ended. */
  readonly volumes: Promise<ReadonlyMap<string, MountedVolume>>;
}

/** A volume that stands for a pod. */
export interface StandingVolume {
  readonly name: string;
  readonly dir: string;
  readonly mounted: MountedVolume;
  readonly claim?: { readonly namespace: string; readonly name: string };
  /** Where a look at the directory does not tell it. */
  readonly usage?: () => Promise<FileSystem | undefined>;
}

export interface VolumeManagerDeps {
  readonly plugins: readonly VolumePlugin[];
  readonly paths: Paths;
  readonly source: VolumeSources;
  readonly events: EventRecorder;
  readonly expand: VolumeExpander;
  readonly metrics: KubeletMetrics;
}

/** Makes a pod's volumes stand before its containers start, brings changes into them, and takes them away. What it knows is on disk. */
export class VolumeManager {
  readonly #plugins: readonly VolumePlugin[];
  readonly #paths: Paths;
  readonly #source: VolumeSources;
  readonly #events: EventRecorder;
  readonly #expand: VolumeExpander;
  readonly #metrics: KubeletMetrics;
  /** By the pod's uid and the volume's name; known again after the first look at a pod. Devices are among them where their plugin can tell of them. */
  readonly #standing = new Map<string, Map<string, StandingVolume>>();

  constructor({ plugins, paths, source, events, expand, metrics }: VolumeManagerDeps) {
    this.#metrics = metrics;
    this.#plugins = plugins;
    this.#paths = paths;
    this.#source = source;
    this.#events = events;
    this.#expand = expand;
  }

  /** Begins to make a pod's volumes stand. Repeatable: this is also how changes reach them. */
  setUp(pod: Pod, signal: AbortSignal): Mounting {
    const used = (pod.spec.volumes ?? []).filter((v) => isUsed(pod, v.name));
    const sure = used.map(() => Promise.withResolvers<void>());
    const volumes = this.#all(used, used.map((volume, i) => this.#setUpOne(pod, volume, signal, () => sure[i]?.resolve())));
    const certain = Promise.race([volumes, Promise.all(sure.map(({ promise }) => promise))]);
    for (const promise of [volumes, certain]) promise.catch(() => {});
    return { certain, volumes };
  }

  async #all(volumes: readonly Volume[], going: readonly Promise<MountedVolume | undefined>[]): Promise<ReadonlyMap<string, MountedVolume>> {
    const results = await Promise.all(going);
    const missing = volumes.filter((_, i) => results[i] === undefined).map((v) => v.name);
    if (missing.length > 0)
      throw new VolumesNotReady(
        `Unable to attach or mount volumes: unmounted volumes=[${missing.join(" ")}], unattached volumes=[], failed to process volumes=[]: timed out waiting for the condition`,
      );
    return new Map(volumes.map((volume, i) => [volume.name, results[i] ?? { path: "" }]));
  }

  /** The volumes of a pod that this process has seen stand. */
  standing(uid: string): readonly StandingVolume[] {
    return [...(this.#standing.get(uid)?.values() ?? [])];
  }

  /** Takes away everything that was set up for a pod, whether this process did it or one before. */
  async tearDown(uid: string): Promise<void> {
    await unmountSubPaths(this.#paths.pod(uid));
    await this.#takeDown(this.#paths.volumeDevices(uid), async (plugin, link) => plugin.unmapDevice?.(link));
    await this.#takeDown(this.#paths.volumes(uid), (plugin, dir) => plugin.tearDown(dir));
    this.#standing.delete(uid);
  }

  /** What no pod has any more and a kubelet before this one has left behind. */
  async sweep(): Promise<void> {
    for (const plugin of this.#plugins) await plugin.sweep?.();
  }

  async #takeDown(root: string, undo: (plugin: VolumePlugin, path: string) => Promise<void>): Promise<void> {
    const kinds = await readdir(root).catch((): string[] => []);
    await Promise.all(
      kinds.map(async (kind) => {
        const plugin = this.#plugins.find((p) => directoryOf(p.name) === kind);
        if (plugin === undefined) throw new Error(`no plugin for the volumes in ${join(root, kind)}`);
        await Promise.all((await readdir(join(root, kind))).map((name) => undo(plugin, join(root, kind, name))));
      }),
    );
    await rm(root, { recursive: true, force: true });
  }

  /** Undefined when it failed and does not stand from before; the event says why. */
  async #setUpOne(pod: Pod, volume: Volume, signal: AbortSignal, certain: () => void): Promise<MountedVolume | undefined> {
    let block = false;
    try {
      const persistent = await boundVolume(pod, volume, this.#source);
      block = persistent !== undefined && modeOf(persistent.volume) === "Block";
      const plugin = this.#plugins.find((p) => p.supports(volume, persistent?.volume));
      if (plugin === undefined) throw new Error(`no volume plugin matched`);
      checkUse(pod, volume, block);
      const mount = { ...this.#mount(pod, volume, persistent, plugin, signal), certain };
      await mkdir(dirname(mount.dir), { recursive: true, mode: 0o750 });
      const mounted = await this.#metrics.mounting(plugin.name, () => this.#make(plugin, mount, block));
      await this.#expand(plugin, mount, mounted.path);
      this.#note(mount, plugin, block, mounted);
      certain();
      return mounted;
    } catch (err) {
      if (signal.aborted) return undefined;
      const [reason, step] = block ? ["FailedMapVolume", "MapVolume.SetUpDevice"] : ["FailedMount", "MountVolume.SetUp"];
      this.#events.event(about(pod), "Warning", reason, `${step} failed for volume "${volume.name}" : ${messageOf(err)}`);
      return this.#standing.get(uidOf(pod))?.get(volume.name)?.mounted; // what has gone since leaves the volume as it was
    }
  }

  #note({ pod, volume: { name }, dir, persistent }: Mount, plugin: VolumePlugin, block: boolean, mounted: MountedVolume): void {
    const told = block ? plugin.deviceUsage?.bind(plugin) : plugin.usage?.bind(plugin);
    if (block && told === undefined) return;
    const claim = persistent && { namespace: namespaceOf(pod), name: persistent.claim.metadata.name };
    const known = this.#standing.get(uidOf(pod)) ?? new Map<string, StandingVolume>();
    this.#standing.set(uidOf(pod), known.set(name, { name, dir, mounted, ...(claim && { claim }), ...(told && { usage: async () => told(dir) }) }));
  }

  #mount(pod: Pod, volume: Volume, persistent: Persistent | undefined, plugin: VolumePlugin, signal: AbortSignal): Mount {
    const name = persistent?.volume.metadata.name ?? volume.name;
    const block = persistent !== undefined && modeOf(persistent.volume) === "Block";
    const dir = block ? this.#paths.volumeDevice(uidOf(pod), plugin.name, name) : this.#paths.volume(uidOf(pod), plugin.name, name);
    return { pod, volume, dir, source: this.#source, signal, ...(persistent && { persistent }) };
  }

  #make(plugin: VolumePlugin, mount: Mount, block: boolean): Promise<MountedVolume> {
    if (!block) return plugin.setUp(mount);
    if (plugin.mapDevice === undefined) throw new Error(`volumeMode Block is not supported by ${plugin.name}`);
    return plugin.mapDevice(mount);
  }
}

/** A device is no directory, and a directory no device. Upstream: pkg/kubelet/volumemanager/populator/desired_state_of_world_populator.go createVolumeSpec */
function checkUse(pod: Pod, { name }: Volume, block: boolean): void {
  const used = (field: "volumeMounts" | "volumeDevices"): boolean => containersOf(pod).some(({ container }) => container[field]?.some((use) => use.name === name) === true);
  if (block && used("volumeMounts")) throw new Error(`volume ${name} has volumeMode Block, but is specified in volumeMounts`);
  if (!block && used("volumeDevices")) throw new Error(`volume ${name} has volumeMode Filesystem, but is specified in volumeDevices`);
}
