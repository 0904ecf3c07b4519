import { mkdir, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Pod, Volume } from "#api/gen/core-v1.ts";
import type { EventRecorder } from "#client/events.ts";
import type { MountedVolume, VolumePlugin, VolumeSources } from "#volumes/plugin.ts";
import { unmountSubPaths } from "#volumes/subpath.ts";
import { containersOf } from "./containers.ts";
import { about, uidOf } from "./names.ts";
import type { Paths } from "./paths.ts";
import { messageOf } from "./start-error.ts";

/** Whether one of the pod's containers mounts the volume, or reads a variable from it. */
const isUsed = (pod: Pod, name: string): boolean =>
  containersOf(pod).some(
    ({ container: { volumeMounts = [], volumeDevices = [], env = [] } }) =>
      [...volumeMounts, ...volumeDevices].some((mount) => mount.name === name) || env.some(({ valueFrom }) => valueFrom?.fileKeyRef?.volumeName === name),
  );

/** Some of a pod's volumes do not stand yet; the events say why. */
export class VolumesNotReady extends Error {
  override readonly name = "VolumesNotReady";
}

/** Makes a pod's volumes stand before its containers start, brings changes into them, and takes them away. What it knows is on disk. */
export class VolumeManager {
  readonly #plugins: readonly VolumePlugin[];
  readonly #paths: Paths;
  readonly #source: VolumeSources;
  readonly #events: EventRecorder;

  constructor(plugins: readonly VolumePlugin[], paths: Paths, source: VolumeSources, events: EventRecorder) {
    this.#plugins = plugins;
    this.#paths = paths;
    this.#source = source;
    this.#events = events;
  }

  /** All volumes that the pod's containers mount, by name. Repeatable: this is also how changes reach them. Throws `VolumesNotReady`. */
  async setUp(pod: Pod): Promise<ReadonlyMap<string, MountedVolume>> {
    const volumes = (pod.spec.volumes ?? []).filter((v) => isUsed(pod, v.name));
    const results = await Promise.all(volumes.map((volume) => this.#setUpOne(pod, volume)));
    const missing = volumes.filter((_, i) => results[i] === undefined).map((v) => v.name);
    if (missing.length > 0)
      throw new VolumesNotReady(
        `Unable to attach or mount volumes: unmounted volumes=[${missing.join(" ")}], unattached volumes=[], failed to process volumes=[]: timed out waiting for the condition`,
      );
    return new Map(volumes.map((volume, i) => [volume.name, results[i] ?? { path: "" }]));
  }

  /** Takes away everything that was set up for a pod, whether this process did it or one before. */
  async tearDown(uid: string): Promise<void> {
    await unmountSubPaths(this.#paths.pod(uid));
    const root = this.#paths.volumes(uid);
    const kinds = await readdir(root).catch((): string[] => []);
    await Promise.all(
      kinds.map(async (kind) => {
        const plugin = this.#plugins.find((p) => p.name.replaceAll("/", "~") === kind);
        if (plugin === undefined) throw new Error(`no plugin for the volumes in ${join(root, kind)}`);
        await Promise.all((await readdir(join(root, kind))).map((name) => plugin.tearDown(join(root, kind, name))));
      }),
    );
    await rm(root, { recursive: true, force: true });
  }

  /** Undefined when it failed; the event says why. */
  async #setUpOne(pod: Pod, volume: Volume): Promise<MountedVolume | undefined> {
    try {
      const plugin = this.#plugins.find((p) => p.supports(volume));
      if (plugin === undefined) throw new Error(`no volume plugin matched`);
      const dir = this.#paths.volume(uidOf(pod), plugin.name, volume.name);
      await mkdir(dirname(dir), { recursive: true, mode: 0o750 });
      return await plugin.setUp({ pod, volume, dir, source: this.#source });
    } catch (err) {
      this.#events.event(about(pod), "Warning", "FailedMount", `MountVolume.SetUp failed for volume "${volume.name}" : ${messageOf(err)}`);
      return undefined;
    }
  }
}
