/** What is prepared on this node: for each claim its pods and what the drivers gave. Upstream: pkg/kubelet/cm/dra/claiminfo.go, state/state.go */
import type { ResourceClaim } from "#api/gen/resource-v1.ts";
import { driversOf } from "./claims.ts";
import type { Device } from "./gen/dra-v1.ts";

export interface ClaimInfo {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** The pods that use it, by their uids. */
  readonly pods: readonly string[];
  /** What each driver that has a part in it gave for it; nothing yet, or nothing to give. */
  readonly drivers: Readonly<Record<string, readonly Device[]>>;
}

/** What outlives the kubelet. */
export interface ClaimsCheckpoint { readonly claims: readonly ClaimInfo[] }

export const isClaimsCheckpoint = (value: unknown): value is ClaimsCheckpoint => Array.isArray((value as Partial<ClaimsCheckpoint> | null)?.claims);

export const keyOfClaim = (namespace: string, name: string): string => `${namespace}/${name}`;

export class ClaimInfos {
  readonly #infos: Map<string, ClaimInfo>;
  /** Those that were prepared by this kubelet: what the one before did may be undone by a restart of the node, and drivers take a second time. */
  readonly #prepared = new Set<string>();

  constructor({ claims }: ClaimsCheckpoint = { claims: [] }) {
    this.#infos = new Map(claims.map((info) => [keyOfClaim(info.namespace, info.name), info]));
  }

  get checkpoint(): ClaimsCheckpoint {
    return { claims: [...this.#infos.values()] };
  }

  get(key: string): ClaimInfo | undefined {
    return this.#infos.get(key);
  }
  all(): readonly ClaimInfo[] {
    return [...this.#infos.values()];
  }
  /** Those that a pod uses. */
  of(pod: string): ClaimInfo[] {
    return this.all().filter(({ pods }) => pods.includes(pod));
  }
  isPrepared(key: string): boolean {
    return this.#prepared.has(key);
  }

  /** The pod uses the claim from now on. Throws when another claim of this name has not been given back. */
  use({ metadata, ...claim }: ResourceClaim, pod: string): ClaimInfo {
    const { namespace = "", name, uid = "" } = metadata;
    const key = keyOfClaim(namespace, name);
    const old = this.#infos.get(key) ?? { namespace, name, uid, pods: [], drivers: Object.fromEntries(driversOf({ metadata, ...claim }).map((driver) => [driver, []])) };
    if (old.uid !== uid) throw new Error(`old ResourceClaim with same name ${name} and different UID ${old.uid} still exists (previous pod force-deleted?!)`);
    const info = { ...old, pods: [...new Set([...old.pods, pod])] };
    this.#infos.set(key, info);
    return info;
  }

  /** What a driver gave. */
  give(key: string, driver: string, devices: readonly Device[]): void {
    const info = this.#infos.get(key);
    if (info !== undefined) this.#infos.set(key, { ...info, drivers: { ...info.drivers, [driver]: devices } });
  }
  prepared(key: string): void {
    this.#prepared.add(key);
  }

  /** The pod uses the claim no more; another does. */
  leave(key: string, pod: string): void {
    const info = this.#infos.get(key);
    if (info !== undefined) this.#infos.set(key, { ...info, pods: info.pods.filter((uid) => uid !== pod) });
  }
  remove(key: string): void {
    this.#infos.delete(key);
    this.#prepared.delete(key);
  }
}

export interface GivenDevice extends Device { readonly driver: string }

/** The devices of a claim that belong to a request, or to one of its alternatives (`request/alternative`). Upstream: cdiDevicesAsList, BaseRequestRef */
export function devicesFor({ drivers }: ClaimInfo, request: string): GivenDevice[] {
  const all = Object.entries(drivers).flatMap(([driver, devices]) => devices.map((device) => ({ ...device, driver })));
  return all.filter(({ requestNames = [] }) => request === "" || requestNames.length === 0 || requestNames.some((name) => base(name) === base(request)));
}

const base = (request: string): string => request.split("/")[0] ?? request;
