/** Device plugins: who offers what, and which pods have which devices. Upstream: pkg/kubelet/cm/devicemanager/manager.go */
import { join } from "node:path";
import { Quantity } from "#apimachinery/quantity.ts";
import type { Container, Pod, ResourceStatus } from "#api/gen/core-v1.ts";
import type { Clock } from "#base/clock.ts";
import { loop, type Component } from "#base/component.ts";
import { messageOf } from "#base/error-message.ts";
import type { Logger } from "#base/log.ts";
import type { Refusal } from "../pods/admission.ts";
import { readCheckpoint, writeCheckpoint } from "../checkpoint-file.ts";
import { containersOf } from "../containers/containers.ts";
import type { PluginHandler } from "../plugins/plugin-watcher.ts";
import { formatPod, uidOf } from "../names.ts";
import { isCheckpoint, type Allocated } from "./checkpoint.ts";
import { choose, offer, type Pool } from "./choose.ts";
import type { ContainerAllocateResponse, PluginDevice, RegisterRequest } from "./messages.ts";
import { Plugin } from "./plugin.ts";
import { serveRegistration, watchedProblem } from "./registration.ts";

/** Devices whose plugin has been away for so long count no more. Upstream: devicemanager endpointStopGracePeriod */
const goneMs = 300_000;

export interface DeviceDeps {
  /** Holds the registration socket, the plugins' sockets and the checkpoint. */
  readonly dir: string;
  /** The node has other devices now. */
  readonly changed: () => void;
  /** True for a pod of which something may still run: it keeps its devices. */
  readonly mayRun: (uid: string) => boolean;
  /** A pod's devices are well or ill now. */
  readonly poke: (uid: string) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What the rest of the kubelet asks about devices. */
export interface PodDevices {
  /** By resource: how many there are, and how many are well. */
  amounts(): { readonly capacity: Readonly<Record<string, string>>; readonly allocatable: Readonly<Record<string, string>> };
  /** Gives a pod what it asks for; undefined when it has it. */
  allocate(pod: Pod): Promise<Refusal | undefined>;
  /** What a container's devices bring with them, when it is about to start. Rejects when a plugin refuses. */
  prepare(uid: string, container: string): Promise<readonly ContainerAllocateResponse[]>;
  /** Of a container's devices. */
  health(uid: string, container: string): readonly ResourceStatus[];
  /** What a container has. */
  of(uid: string, container: string): readonly DeviceFact[];
  /** All devices that are well, given or not. */
  well(): readonly DeviceFact[];
  /** Nothing of the pod runs any more. */
  release(uid: string): Promise<void>;
}

/** Of a node that takes no plugins. */
export const noDevices: PodDevices = { amounts: () => ({ capacity: {}, allocatable: {} }), allocate: async () => undefined, prepare: async () => [], health: () => [], of: () => [], well: () => [], release: async () => {} };

/** One device of a resource. */
export interface DeviceFact {
  readonly resource: string;
  readonly id: string;
  /** The NUMA nodes it is near; undefined where its plugin does not say. */
  readonly near: readonly string[] | undefined;
}

interface Resource extends Pool {
  readonly near: ReadonlyMap<string, readonly string[]>;
  readonly plugin: Plugin | undefined;
  /** Since when there is no plugin. */
  readonly awaySince: number | undefined;
}

export class DeviceManager implements Component, PodDevices {
  readonly name = "device plugins";
  readonly #deps: DeviceDeps;
  readonly #checkpoint: string;
  readonly #resources = new Map<string, Resource>();
  #allocated: readonly Allocated[] = [];
  /** One allocation at a time: two pods must not get the same device. */
  #queue: Promise<unknown> = Promise.resolve();
  #saves: Promise<unknown> = Promise.resolve();

  constructor(deps: DeviceDeps) {
    this.#deps = deps;
    this.#checkpoint = join(deps.dir, "devices.json");
  }

  /** Reads who has which devices. Call it before pods are let in. */
  async load(): Promise<void> {
    const { allocated, registered } = (await readCheckpoint(this.#checkpoint, isCheckpoint, this.#deps.log)) ?? { allocated: [], registered: {} };
    this.#allocated = allocated;
    for (const [name, devices] of Object.entries(registered))
      this.#resources.set(name, { healthy: new Set(), unhealthy: new Set(devices), near: new Map(), plugin: undefined, awaySince: this.#deps.clock.now() });
  }

  run = async (signal: AbortSignal): Promise<void> => {
    const { dir, clock, log } = this.#deps;
    const stop = await serveRegistration(dir, (request) => this.#register(request)).catch((err: unknown) => {
      log.warn({ err: messageOf(err), dir }, "device plugins cannot register");
      return async () => {};
    });
    await loop(signal, async () => {
      await clock.sleep(goneMs, signal);
      this.#deps.changed(); // what has been away for long is told
    });
    for (const { plugin } of this.#resources.values()) plugin?.close();
    await stop();
  };

  /** Plugins that come by the kubelet's common way instead of the devices' own. Upstream: pkg/kubelet/cm/devicemanager/manager.go GetWatcherHandler */
  readonly watched: PluginHandler = {
    register: async (resource, endpoint, versions) => {
      const problem = watchedProblem(resource, versions);
      if (problem !== undefined) throw new Error(problem);
      const plugin = new Plugin(endpoint, {}, this.#deps.clock);
      await plugin.ask().catch((err: unknown) => {
        plugin.close();
        throw err;
      });
      this.#take(resource, endpoint, plugin);
    },
    deregister: async (resource) => this.#resources.get(resource)?.plugin?.close(),
  };

  amounts(): ReturnType<PodDevices["amounts"]> {
    const now = this.#deps.clock.now();
    const all = [...this.#resources].map(([name, { healthy, unhealthy, awaySince }]) => {
      const gone = awaySince !== undefined && now - awaySince >= goneMs;
      return { name, total: gone ? 0 : healthy.size + unhealthy.size, well: healthy.size };
    });
    return { capacity: Object.fromEntries(all.map(({ name, total }) => [name, String(total)])), allocatable: Object.fromEntries(all.map(({ name, well }) => [name, String(well)])) };
  }

  allocate(pod: Pod): Promise<Refusal | undefined> {
    const allocation = this.#queue.then(() => this.#allocate(pod));
    this.#queue = allocation.catch(() => {});
    return allocation;
  }

  async prepare(uid: string, container: string): Promise<readonly ContainerAllocateResponse[]> {
    const own = this.#of(uid, container);
    for (const { resource, devices } of own) {
      const plugin = this.#resources.get(resource)?.plugin;
      if (plugin?.options.preStartRequired === true) await plugin.preStart(devices);
    }
    return own.map(({ response }) => response);
  }

  health(uid: string, container: string): readonly ResourceStatus[] {
    return this.#of(uid, container).map(({ resource, devices }) => ({ name: resource, resources: devices.map((resourceID) => ({ resourceID, health: this.#healthOf(resource, resourceID) })) }));
  }

  of(uid: string, container: string): readonly DeviceFact[] {
    return this.#of(uid, container).flatMap(({ resource, devices }) => devices.map((id) => this.#fact(resource, id)));
  }

  well(): readonly DeviceFact[] {
    return [...this.#resources].flatMap(([resource, { healthy }]) => [...healthy].map((id) => this.#fact(resource, id)));
  }

  async release(uid: string): Promise<void> {
    if (!this.#allocated.some((entry) => entry.uid === uid)) return;
    this.#allocated = this.#allocated.filter((entry) => entry.uid !== uid);
    await this.#save();
  }

  async #allocate(pod: Pod): Promise<Refusal | undefined> {
    const reusable = new Map<string, readonly string[]>();
    this.#allocated = this.#allocated.filter(({ uid }) => this.#deps.mayRun(uid)); // the others may be cleaned up still, or went while there was no kubelet
    try {
      for (const { container, kind } of containersOf(pod))
        for (const [resource, count] of this.#wishes(container)) {
          const devices = await this.#give(pod, container.name, resource, count, reusable.get(resource) ?? []);
          const before = (reusable.get(resource) ?? []).filter((id) => !devices.includes(id));
          reusable.set(resource, kind === "init" ? [...before, ...devices] : before);
        }
      return undefined;
    } catch (err) {
      await this.release(uidOf(pod));
      return { reason: "UnexpectedAdmissionError", message: `Allocate failed due to ${messageOf(err)}, which is unexpected` };
    }
  }

  /** What a container asks of resources that plugins have registered. */
  #wishes({ resources }: Container): [string, number][] {
    return Object.entries(resources?.limits ?? {}).filter(([name]) => this.#resources.has(name)).map(([name, amount]): [string, number] => [name, Quantity.parse(amount).value]).filter(([, count]) => count > 0);
  }

  async #give(pod: Pod, container: string, resource: string, count: number, reusable: readonly string[]): Promise<readonly string[]> {
    const uid = uidOf(pod);
    const had = this.#of(uid, container).find((entry) => entry.resource === resource);
    if (had !== undefined) return had.devices; // of a kubelet before this one
    const found = this.#resources.get(resource);
    const used = new Set(this.#allocated.filter((entry) => entry.resource === resource).flatMap(({ devices }) => devices));
    const offered = offer(found, { resource, count, reusable, used });
    if (!offered.ok) throw new Error(offered.why);
    const plugin = found?.plugin;
    if (plugin === undefined) throw new Error(`endpoint not found for ${resource}`);
    const preferred = plugin.options.getPreferredAllocationAvailable === true ? await plugin.preferred(offered.offer, count) : [];
    const devices = choose(offered.offer, count, preferred);
    const response = await plugin.allocate(devices);
    this.#allocated = [...this.#allocated, { uid, container, resource, devices, response }];
    await this.#save();
    this.#deps.log.info({ pod: formatPod(pod), container, resource, devices }, "devices given");
    return devices;
  }

  #register({ resourceName = "", endpoint = "", options = {} }: RegisterRequest): void {
    const { dir, clock } = this.#deps;
    this.#take(resourceName, endpoint, new Plugin(join(dir, endpoint), options, clock));
  }

  /** A plugin that registers again takes the place of the one before. */
  #take(resourceName: string, endpoint: string, plugin: Plugin): void {
    const { log } = this.#deps;
    const before = this.#resources.get(resourceName);
    this.#resources.set(resourceName, { healthy: before?.healthy ?? new Set(), unhealthy: before?.unhealthy ?? new Set(), near: before?.near ?? new Map(), plugin, awaySince: undefined });
    before?.plugin?.close();
    log.info({ resource: resourceName, endpoint }, "device plugin registered");
    void this.#follow(resourceName, plugin);
  }

  async #follow(resource: string, plugin: Plugin): Promise<void> {
    try {
      for await (const devices of plugin.devices()) if (this.#resources.get(resource)?.plugin === plugin) await this.#told(resource, plugin, devices);
    } catch (err) {
      this.#deps.log.warn({ err: messageOf(err), resource }, "device plugin lost");
    }
    plugin.close();
    const left = this.#resources.get(resource);
    if (left?.plugin !== plugin) return;
    this.#set(resource, { healthy: new Set(), unhealthy: new Set([...left.healthy, ...left.unhealthy]), near: left.near, plugin: undefined, awaySince: this.#deps.clock.now() });
  }

  async #told(resource: string, plugin: Plugin, devices: readonly PluginDevice[]): Promise<void> {
    const ids = (well: boolean): Set<string> => new Set(devices.filter(({ health }) => (health === "Healthy") === well).map(({ ID = "" }) => ID));
    const near = new Map(devices.flatMap(({ ID = "", topology }) => (topology === undefined ? [] : [[ID, (topology.nodes ?? []).map(({ ID: node = "0" }) => node)] as const])));
    this.#set(resource, { healthy: ids(true), unhealthy: ids(false), near, plugin, awaySince: undefined });
    await this.#save().catch((err: unknown) => this.#deps.log.warn({ err: messageOf(err) }, "the devices' checkpoint cannot be written"));
  }

  #set(resource: string, now: Resource): void {
    this.#resources.set(resource, now);
    this.#deps.changed();
    for (const { uid } of this.#allocated.filter((entry) => entry.resource === resource)) this.#deps.poke(uid);
  }

  #fact(resource: string, id: string): DeviceFact {
    return { resource, id, near: this.#resources.get(resource)?.near.get(id) };
  }

  #healthOf(resource: string, id: string): "Healthy" | "Unhealthy" | "Unknown" {
    const found = this.#resources.get(resource);
    if (found?.plugin === undefined) return "Unknown";
    return found.healthy.has(id) ? "Healthy" : "Unhealthy";
  }

  #of(uid: string, container: string): Allocated[] {
    return this.#allocated.filter((entry) => entry.uid === uid && entry.container === container);
  }

  #save(): Promise<void> {
    const registered = Object.fromEntries([...this.#resources].map(([name, { healthy, unhealthy }]) => [name, [...healthy, ...unhealthy]]));
    const saved = this.#saves.then(() => writeCheckpoint(this.#checkpoint, { allocated: this.#allocated, registered }));
    this.#saves = saved.catch(() => {});
    return saved;
  }
}
