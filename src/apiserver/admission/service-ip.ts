import { randomInt } from "node:crypto";
import type { Service, ServicePort } from "#api/gen/core-v1.ts";
import { services } from "#api/resources.ts";
import { invalid, type Cause } from "#apimachinery/status.ts";
import { invalidValue } from "#apimachinery/validation/causes.ts";
import type { Clock } from "#base/clock.ts";
import { AddressRange } from "./address-range.ts";
import type { AdmissionAttributes } from "./attributes.ts";
import { concerns, refused, type AdmissionPlugin } from "./plugin.ts";
import { Reservations } from "./reservations.ts";

const firstNodePort = 30_000;
const lastNodePort = 32_767;

/**
 * Gives Services their addresses and node ports. What is taken is read from the Services themselves.
 * Not a plugin upstream but a part of the registry. Upstream: pkg/registry/core/service/storage/alloc.go
 */
export function serviceIp(clock: Clock, cidr: string): AdmissionPlugin {
  const range = new AddressRange(cidr);
  const addresses = new Reservations<string>(clock);
  const ports = new Reservations<number>(clock);
  return {
    name: "ServiceAllocation",
    async admit(attributes, object) {
      if ((attributes.operation !== "CREATE" && attributes.operation !== "UPDATE") || !concerns(attributes, "", "services")) return;
      const service = object as Service;
      const others = (await attributes.reader.list(services)).filter((other) => other.metadata.uid !== service.metadata.uid);
      const old = attributes.oldObject as Service | undefined;
      if (service.spec.type === "ExternalName") return;
      giveAddress(attributes, service, old, range, new Set([...others.flatMap((o) => o.spec.clusterIPs ?? []), ...addresses.values]));
      for (const address of service.spec.clusterIPs ?? []) if (address !== "None" && old?.spec.clusterIPs?.includes(address) !== true) addresses.hold(address);
      giveNodePorts(service, old, new Set([...others.flatMap((o) => (o.spec.ports ?? []).map((p) => p.nodePort ?? 0)), ...ports.values]), ports);
    },
  };
}

const problem = (service: Service, cause: Cause): Error => invalid({ group: "", kind: "Service" }, service.metadata.name, [cause]);

function giveAddress(attributes: AdmissionAttributes, service: Service, old: Service | undefined, range: AddressRange, taken: ReadonlySet<string>): void {
  const { spec } = service;
  spec.ipFamilies ??= ["IPv4"];
  spec.ipFamilyPolicy ??= "SingleStack";
  const [given] = spec.clusterIPs ?? [];
  if (given === "None" || (given !== undefined && given === old?.spec.clusterIPs?.[0])) return;
  if (given === undefined) {
    const address = range.pick(taken);
    if (address === undefined) throw refused(attributes, "failed to allocate a serviceIP: range is full");
    spec.clusterIP = address;
    spec.clusterIPs = [address];
    return;
  }
  const why = !range.includes(given) ? `the provided IP (${given}) is not in the valid range. The range of valid IPs is ${range.cidr}` : taken.has(given) ? "provided IP is already allocated" : undefined;
  if (why !== undefined && /^\d+(\.\d+){3}$/.test(given)) {
    throw problem(service, invalidValue("spec.clusterIPs", spec.clusterIPs, `failed to allocate IP ${given}: ${why}`));
  }
}

function wantsNodePorts({ spec }: Service): boolean {
  return spec.type === "NodePort" || (spec.type === "LoadBalancer" && spec.allocateLoadBalancerNodePorts !== false);
}

function giveNodePorts(service: Service, old: Service | undefined, taken: ReadonlySet<number>, reservations: Reservations<number>): void {
  const list = service.spec.ports ?? [];
  if (!wantsNodePorts(service)) {
    if (old !== undefined && wantsNodePorts(old)) for (const port of list) delete port.nodePort;
    return;
  }
  const own = new Set(list.map((port) => port.nodePort ?? 0));
  for (const [i, port] of list.entries()) {
    if (port.nodePort) checkNodePort(service, old, port, i, taken);
    else port.nodePort = freePort(service, new Set([...taken, ...own]));
    own.add(port.nodePort);
    reservations.hold(port.nodePort);
  }
}

function checkNodePort(service: Service, old: Service | undefined, { nodePort = 0 }: ServicePort, index: number, taken: ReadonlySet<number>): void {
  if (old?.spec.ports?.some((p) => p.nodePort === nodePort) === true) return;
  const field = `spec.ports[${index}].nodePort`;
  if (nodePort < firstNodePort || nodePort > lastNodePort) {
    throw problem(service, invalidValue(field, nodePort, `provided port is not in the valid range. The range of valid ports is ${firstNodePort}-${lastNodePort}`));
  }
  if (taken.has(nodePort)) throw problem(service, invalidValue(field, nodePort, "provided port is already allocated"));
}

function freePort(service: Service, taken: ReadonlySet<number>): number {
  const size = lastNodePort - firstNodePort + 1;
  const start = randomInt(size);
  for (let i = 0; i < size; i++) {
    const port = firstNodePort + ((start + i) % size);
    if (!taken.has(port)) return port;
  }
  throw problem(service, invalidValue("spec.ports", service.spec.ports, "failed to allocate a nodePort: range is full"));
}
