/** Claims of dynamic resources: prepared by their drivers before a pod's sandbox is made, given back after its end. Upstream: pkg/kubelet/cm/dra/manager.go */
import type { Container, Pod, ResourceStatus } from "#api/gen/core-v1.ts";
import type { ResourceClaim } from "#api/gen/resource-v1.ts";
import { resourceClaims } from "#api/resources.ts";
import type { Clock } from "#base/clock.ts";
import { untilAborted, type Component } from "#base/component.ts";
import { messageOf } from "#base/error-message.ts";
import { KeyedLock } from "#base/keyed-lock.ts";
import type { Logger } from "#base/log.ts";
import type { Client } from "#client/client.ts";
import type { Registry } from "prom-client";
import { readCheckpoint, writeCheckpoint } from "../checkpoint-file.ts";
import { namespaceOf, uidOf } from "../names.ts";
import type { PluginHandler } from "../plugins/plugin-watcher.ts";
import { answersOf, unprepareCalls, type DriverCall } from "./calls.ts";
import { ClaimInfos, isClaimsCheckpoint, keyOfClaim, type ClaimInfo } from "./claim-infos.ts";
import { claimProblem, claimsOf, driversOf, type ClaimRef } from "./claims.ts";
import { cdiDevicesOf, factsOf, healthOf, type ClaimFact } from "./container-claims.ts";
import { DeviceHealths, keyOfDevice } from "./device-healths.ts";
import type { DraDriver } from "./dra-driver.ts";
import { DraDrivers } from "./dra-drivers.ts";
import type { DeviceHealth } from "./gen/dra-health-v1alpha1.ts";
import { DraMetrics } from "./metrics.ts";

export interface DraDeps {
  readonly client: Client;
  /** What is prepared, over restarts. */
  readonly checkpoint: string;
  /** A driver can be used from now on, or no more. */
  readonly usable: (driver: string, is: boolean) => void;
  /** A pod's devices are well or ill now. */
  readonly poke: (uid: string) => void;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What the rest of the kubelet asks about claims. */
export interface PodClaims {
  /** Has the drivers prepare what the pod claims; what is prepared already stays as it is. Rejects in upstream's words. */
  prepare(pod: Pod, signal: AbortSignal): Promise<void>;
  /** Nothing of the pod runs any more: what no other pod uses is given back. Rejects while a driver does not take it. */
  unprepare(uid: string, signal: AbortSignal): Promise<void>;
  /** True for a pod whose claims are not given back. */
  holds(uid: string): boolean;
  /** Those pods. */
  pods(): readonly string[];
  /** The names of a container's CDI devices. Throws when its claims are not prepared. */
  cdiDevices(pod: Pod, container: Container): readonly string[];
  of(pod: Pod, container: Container): readonly ClaimFact[];
  health(pod: Pod, container: string): readonly ResourceStatus[];
}

interface Wanted { readonly key: string; readonly claim: ResourceClaim }

export class DraManager implements Component, PodClaims {
  readonly name = "dynamic resources";
  readonly #deps: DraDeps;
  readonly #metrics: DraMetrics;
  readonly #drivers: DraDrivers;
  readonly #healths = new DeviceHealths();
  /** One pod at a time prepares a claim or gives it back. */
  readonly #locks = new KeyedLock();
  #infos = new ClaimInfos();
  #saves: Promise<unknown> = Promise.resolve();

  constructor(deps: DraDeps) {
    this.#deps = deps;
    this.#metrics = new DraMetrics(deps.registry, deps.clock, () => this.#inUse());
    this.#drivers = new DraDrivers({ ...deps, metrics: this.#metrics, healths: (driver, devices) => this.#told(driver, devices) });
  }

  /** Plugins of type `DRAPlugin`. */
  get watched(): PluginHandler {
    return this.#drivers.watched;
  }

  /** Reads what is prepared. Call it before pods are let in. */
  async load(): Promise<void> {
    this.#infos = new ClaimInfos(await readCheckpoint(this.#deps.checkpoint, isClaimsCheckpoint, this.#deps.log));
  }

  run = async (signal: AbortSignal): Promise<void> => {
    await untilAborted(signal);
    this.#drivers.close();
  };

  async prepare(pod: Pod, signal: AbortSignal): Promise<void> {
    if (pod.spec.resourceClaims === undefined && pod.status.extendedResourceClaimStatus === undefined) return;
    await this.#metrics.operation("PrepareResources", () => this.#prepare(pod, signal)).catch((err: unknown) => {
      throw new Error(`prepare dynamic resources: ${messageOf(err)}`, { cause: err });
    });
  }

  async unprepare(uid: string, signal: AbortSignal): Promise<void> {
    if (!this.holds(uid)) return;
    await this.#metrics.operation("UnprepareResources", () => this.#locked(this.#infos.of(uid).map(keyOf), () => this.#unprepare(uid, signal))).catch((err: unknown) => {
      throw new Error(`unprepare dynamic resources: ${messageOf(err)}`, { cause: err });
    });
  }

  holds(uid: string): boolean {
    return this.#infos.of(uid).length > 0;
  }
  pods(): readonly string[] {
    return [...new Set(this.#infos.all().flatMap(({ pods }) => pods))];
  }

  cdiDevices(pod: Pod, container: Container): readonly string[] {
    return cdiDevicesOf(this.#infos, pod, container);
  }
  of(pod: Pod, container: Container): readonly ClaimFact[] {
    return factsOf(this.#infos, pod, container);
  }
  health(pod: Pod, name: string): readonly ResourceStatus[] {
    const container = pod.spec.containers.find((c) => c.name === name);
    const now = this.#deps.clock.now();
    return container === undefined ? [] : healthOf(this.#infos, pod, container, ({ driver, poolName, deviceName }) => this.#healths.of(driver, keyOfDevice(poolName, deviceName), now));
  }

  /** Everything is looked at before anything is changed: a pod that fails here has nothing to give back, also where its driver never was. */
  async #prepare(pod: Pod, signal: AbortSignal): Promise<void> {
    const wanted = await Promise.all(claimsOf(pod).map((ref) => this.#wanted(pod, ref, signal)));
    const drivers = new Map(wanted.flatMap(({ claim }) => driversOf(claim)).map((name) => [name, this.#drivers.get(name)]));
    await this.#locked(wanted.map(({ key }) => key), async () => {
      for (const { claim } of wanted) this.#infos.use(claim, uidOf(pod));
      if (wanted.length > 0) await this.#save(); // so that it is given back whatever becomes of this kubelet
      const keys = new Set(wanted.map(({ key }) => key)); // one claim may have two names in the pod
      const fresh = [...keys].flatMap((key) => (this.#infos.isPrepared(key) ? [] : (this.#infos.get(key) ?? [])));
      for (const [name, driver] of drivers) await this.#prepareBy(driver, fresh.filter((info) => Object.hasOwn(info.drivers, name)), signal);
      for (const info of fresh) this.#infos.prepared(keyOf(info));
      if (fresh.length > 0) await this.#save();
    });
  }

  async #wanted(pod: Pod, ref: ClaimRef, signal: AbortSignal): Promise<Wanted> {
    const claim = await this.#deps.client.resource(resourceClaims).get(ref.name, namespaceOf(pod), signal).catch((err: unknown) => {
      throw new Error(`fetch ResourceClaim ${ref.name}: ${messageOf(err)}`, { cause: err });
    });
    const problem = claimProblem(pod, ref, claim);
    if (problem !== undefined) throw new Error(problem);
    return { claim, key: keyOfClaim(namespaceOf(pod), ref.name) };
  }

  async #prepareBy(driver: DraDriver, infos: readonly ClaimInfo[], signal: AbortSignal): Promise<void> {
    if (infos.length === 0) return;
    const answers = await answersOf("NodePrepareResources", infos, (claims) => driver.prepare(claims, signal));
    for (const info of infos) this.#infos.give(keyOf(info), driver.name, answers[info.uid]?.devices ?? []);
  }

  async #unprepare(uid: string, signal: AbortSignal): Promise<void> {
    const own = this.#infos.of(uid);
    const last = own.filter(({ pods }) => pods.length === 1);
    for (const info of own) if (!last.includes(info)) this.#infos.leave(keyOf(info), uid);
    try {
      for (const { driver, infos } of unprepareCalls(last)) await this.#unprepareBy(driver, infos, signal);
      for (const info of last) this.#infos.remove(keyOf(info));
    } finally {
      await this.#save();
    }
  }

  async #unprepareBy(name: string, infos: DriverCall["infos"], signal: AbortSignal): Promise<void> {
    const driver = this.#drivers.get(name);
    await answersOf("NodeUnprepareResources", infos, (claims) => driver.unprepare(claims, signal));
  }

  /** In one order for all, so that no two wait for each other. */
  #locked<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
    return [...new Set(keys)].toSorted().reduceRight((inner, key) => () => this.#locks.run(key, inner), work)();
  }

  #told(driver: string, devices: readonly DeviceHealth[] | undefined): void {
    if (devices === undefined && !this.#healths.forget(driver)) return;
    const changed = new Set(devices === undefined ? [] : this.#healths.update(driver, devices, this.#deps.clock.now()));
    const touched = this.#infos.all().filter(({ drivers }) => (drivers[driver] ?? []).some(({ poolName, deviceName }) => devices === undefined || changed.has(keyOfDevice(poolName, deviceName))));
    for (const uid of new Set(touched.flatMap(({ pods }) => pods))) this.#deps.poke(uid);
  }

  #inUse(): ReadonlyMap<string, number> {
    const all = this.#infos.all();
    const counts = new Map([["<any>", all.length]]);
    for (const driver of all.flatMap(({ drivers }) => Object.keys(drivers))) counts.set(driver, (counts.get(driver) ?? 0) + 1);
    return counts;
  }

  #save(): Promise<void> {
    const saved = this.#saves.then(() => writeCheckpoint(this.#deps.checkpoint, this.#infos.checkpoint)).catch((err: unknown) => {
      throw new Error(`checkpoint ResourceClaim state: ${messageOf(err)}`, { cause: err });
    });
    this.#saves = saved.catch(() => {});
    return saved;
  }
}

const keyOf = ({ namespace, name }: ClaimInfo): string => keyOfClaim(namespace, name);
