import type { ContainerPort } from "#api/gen/core-v1.ts";

const wildcard = "0.0.0.0";
/** Beside IPv4's, IPv6's wildcard is an address of its own. Upstream: pkg/scheduler/framework/types.go HostPortInfo */
const addressOf = (port: ContainerPort): string => (port.hostIP === undefined || port.hostIP === "" ? wildcard : port.hostIP);
const slotOf = (port: ContainerPort): string => `${port.protocol ?? "TCP"}/${port.hostPort}`;

/** The host ports in use on one node: for each protocol and port, which addresses how often. */
export class HostPorts {
  readonly #slots = new Map<string, Map<string, number>>();

  add(ports: readonly ContainerPort[]): void {
    for (const port of ports) this.#count(port, 1);
  }

  remove(ports: readonly ContainerPort[]): void {
    for (const port of ports) this.#count(port, -1);
  }

  /** The wildcard address conflicts with every other. */
  conflicts(port: ContainerPort): boolean {
    const addresses = this.#slots.get(slotOf(port));
    if (addresses === undefined) return false;
    const address = addressOf(port);
    return address === wildcard || addresses.has(wildcard) || addresses.has(address);
  }

  copy(): HostPorts {
    const copy = new HostPorts();
    for (const [slot, addresses] of this.#slots) copy.#slots.set(slot, new Map(addresses));
    return copy;
  }

  #count(port: ContainerPort, by: 1 | -1): void {
    const slot = slotOf(port);
    const addresses = this.#slots.get(slot) ?? new Map<string, number>();
    const count = (addresses.get(addressOf(port)) ?? 0) + by;
    if (count > 0) addresses.set(addressOf(port), count);
    else addresses.delete(addressOf(port));
    if (addresses.size > 0) this.#slots.set(slot, addresses);
    else this.#slots.delete(slot);
  }
}
