import { randomInt } from "node:crypto";
import type { Service, ServicePort } from "#api/gen/core-v1.ts";
import { ipAddresses, services } from "#api/resources.ts";
import { invalid, type Cause } from "#apimachinery/status.ts";
import { invalidValue } from "#apimachinery/validation/causes.ts";
import { needsHealthCheck } from "../registry/core/service-needs.ts";
import { AddressRange } from "./address-range.ts";
import type { AdmissionAttributes } from "./attributes.ts";
import { concerns, refused, type AdmissionPlugin } from "./plugin.ts";
import type { Reservations } from "./reservations.ts";

const firstNodePort = 30_000;
const lastNodePort = 32_767;
const managedBy = "ipaddress.kubernetes.io/managed-by";
const allocator = "ipallocator.k8s.io";

export interface ServiceReservations { readonly addresses: Reservations<string>; readonly ports: Reservations<number> }

/** What one request may choose from. `taken` reads anew each time. */
interface Pool<T extends string | number> { readonly dryRun: boolean; readonly reservations: Reservations<T>; readonly taken: () => Promise<ReadonlySet<T>>; readonly whenDone: (step: () => Promise<void>) => void }

/**
 * Gives Services their addresses and node ports. What is taken is read from the Services themselves; what is being taken
 * is reserved in the store, for other servers give as well.
 * Not a plugin upstream but a part of the registry. Upstream: pkg/registry/core/service/storage/alloc.go
 */
export function serviceIp(cidr: string, { addresses, ports }: ServiceReservations): AdmissionPlugin {
  const range = new AddressRange(cidr);
  return {
    name: "ServiceAllocation",
    resources: ["services"],
    async admit(attributes, object) {
      if ((attributes.operation !== "CREATE" && attributes.operation !== "UPDATE") || !concerns(attributes, "", "services")) return;
      const service = object as Service;
      const old = attributes.oldObject as Service | undefined;
      if (service.spec.type === "ExternalName") return;
      const taken = async <T>(values: (other: Service) => readonly T[]): Promise<readonly T[]> =>
        (await attributes.reader.list(services)).filter((other) => other.metadata.uid !== service.metadata.uid).flatMap(values);
      const poolOf = <T extends string | number>(reservations: Reservations<T>, read: () => Promise<readonly T[]>): Pool<T> => ({
        dryRun: attributes.dryRun, reservations, whenDone: (step) => attributes.whenDone(step), taken: async () => new Set(await read()),
      });
      const addressesTaken = async (): Promise<readonly string[]> => [...await taken(({ spec }) => spec.clusterIPs ?? []), ...await recordedByOthers(attributes)];
      await giveAddress(attributes, service, old, range, poolOf(addresses, addressesTaken));
      const portPool = poolOf(ports, () => taken(({ spec }) => [spec.healthCheckNodePort ?? 0, ...(spec.ports ?? []).map((port) => port.nodePort ?? 0)]));
      await giveNodePorts(service, old, portPool);
      await giveHealthCheckPort(service, old, portPool);
    },
  };
}

/** Whether `value` is free, and this request's from now on. It looks again after reserving: who had reserved it before may have been quicker. */
async function secure<T extends string | number>(value: T, { dryRun, reservations, taken, whenDone }: Pool<T>): Promise<boolean> {
  if (!dryRun) {
    const giveBack = await reservations.hold(value);
    if (giveBack === undefined) return false;
    whenDone(giveBack);
  }
  return !(await taken()).has(value);
}

/** A value of this request's own, or undefined when there is none left. */
async function secureAny<T extends string | number>(pick: (taken: ReadonlySet<T>) => T | undefined, pool: Pool<T>): Promise<T | undefined> {
  for (const tried = new Set(await pool.taken()); ;) {
    const value = pick(tried);
    if (value === undefined || await secure(value, pool)) return value;
    tried.add(value);
  }
}

/** IPAddresses that follow the Services say nothing new; those of others count. */
const recordedByOthers = async ({ reader }: AdmissionAttributes): Promise<readonly string[]> =>
  (await reader.list(ipAddresses)).filter(({ metadata }) => metadata.labels?.[managedBy] !== allocator).map(({ metadata }) => metadata.name);

const problem = (service: Service, cause: Cause): Error => invalid({ group: "", kind: "Service" }, service.metadata.name, [cause]);

async function giveAddress(attributes: AdmissionAttributes, service: Service, old: Service | undefined, range: AddressRange, pool: Pool<string>): Promise<void> {
  const { spec } = service;
  spec.ipFamilies ??= ["IPv4"];
  spec.ipFamilyPolicy ??= "SingleStack";
  const [given] = spec.clusterIPs ?? [];
  if (given === "None" || (given !== undefined && given === old?.spec.clusterIPs?.[0])) return;
  if (given === undefined) {
    const address = await secureAny((taken) => range.pick(taken), pool);
    if (address === undefined) throw refused(attributes, "failed to allocate a serviceIP: range is full");
    spec.clusterIP = address;
    spec.clusterIPs = [address];
    return;
  }
  if (!/^\d+(\.\d+){3}$/.test(given)) return; // validation says what is wrong with it
  const refuse = (why: string): Error => problem(service, invalidValue("spec.clusterIPs", spec.clusterIPs, `failed to allocate IP ${given}: ${why}`));
  if (!range.includes(given)) throw refuse(`the provided IP (${given}) is not in the valid range. The range of valid IPs is ${range.cidr}`);
  if (!(await secure(given, pool))) throw refuse("provided IP is already allocated");
}

function wantsNodePorts({ spec }: Service): boolean {
  return spec.type === "NodePort" || (spec.type === "LoadBalancer" && spec.allocateLoadBalancerNodePorts !== false);
}

async function giveNodePorts(service: Service, old: Service | undefined, pool: Pool<number>): Promise<void> {
  const list = service.spec.ports ?? [];
  if (!wantsNodePorts(service)) {
    if (old !== undefined && wantsNodePorts(old)) for (const port of list) delete port.nodePort;
    return;
  }
  const own = new Set(list.map((port) => port.nodePort ?? 0));
  const secured = new Set<number>(); // one port may serve two protocols
  for (const [i, port] of list.entries()) {
    if (!port.nodePort) port.nodePort = await freePort(service, own, pool);
    else if (!secured.has(port.nodePort)) await checkNodePort(service, old, port, i, pool);
    own.add(port.nodePort);
    secured.add(port.nodePort);
  }
}

/** Upstream: pkg/registry/core/service/storage/alloc.go allocHealthCheckNodePort */
async function giveHealthCheckPort(service: Service, old: Service | undefined, pool: Pool<number>): Promise<void> {
  const { spec } = service;
  if (!needsHealthCheck(spec) || (spec.healthCheckNodePort !== undefined && spec.healthCheckNodePort === old?.spec.healthCheckNodePort)) return;
  if (!spec.healthCheckNodePort) spec.healthCheckNodePort = await freePort(service, new Set((spec.ports ?? []).map(({ nodePort }) => nodePort ?? 0)), pool);
  else await securePort(service, spec.healthCheckNodePort, "spec.healthCheckNodePort", pool);
}

async function checkNodePort(service: Service, old: Service | undefined, { nodePort = 0 }: ServicePort, index: number, pool: Pool<number>): Promise<void> {
  if (old?.spec.ports?.some((p) => p.nodePort === nodePort) === true) return;
  await securePort(service, nodePort, `spec.ports[${index}].nodePort`, pool);
}

async function securePort(service: Service, port: number, field: string, pool: Pool<number>): Promise<void> {
  if (port < firstNodePort || port > lastNodePort) {
    throw problem(service, invalidValue(field, port, `provided port is not in the valid range. The range of valid ports is ${firstNodePort}-${lastNodePort}`));
  }
  if (!(await secure(port, pool))) throw problem(service, invalidValue(field, port, "provided port is already allocated"));
}

async function freePort(service: Service, own: ReadonlySet<number>, pool: Pool<number>): Promise<number> {
  const port = await secureAny((taken) => pickPort((candidate) => !taken.has(candidate) && !own.has(candidate)), pool);
  if (port === undefined) throw problem(service, invalidValue("spec.ports", service.spec.ports, "failed to allocate a nodePort: range is full"));
  return port;
}

function pickPort(isFree: (port: number) => boolean): number | undefined {
  const size = lastNodePort - firstNodePort + 1;
  const start = randomInt(size);
  for (let i = 0; i < size; i++) {
    const port = firstNodePort + ((start + i) % size);
    if (isFree(port)) return port;
  }
  return undefined;
}
