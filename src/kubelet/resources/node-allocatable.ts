/** What of the node pods may ask for. Upstream: pkg/kubelet/cm/node_container_manager_linux.go, pkg/kubelet/nodestatus/setters.go */
import { isHugePages } from "#api/resource-names.ts";
import { Quantity } from "#apimachinery/quantity.ts";
import { amountOf, quantityOf } from "../eviction/thresholds.ts";
import type { KubeletSettings } from "../settings/settings.ts";

type Amounts = Readonly<Record<string, string>>;
type Reservations = Pick<KubeletSettings, "kubeReserved" | "systemReserved" | "evictionHard">;

const evictionSignals: Readonly<Record<string, string>> = { memory: "memory.available", "ephemeral-storage": "nodefs.available" };

/** The capacity less what is reserved for the system and the node's agents, less what would have pods evicted, less huge pages, which are memory given away. */
export function allocatableOf(capacity: Amounts, settings: Reservations): Record<string, string> {
  const pages = Object.entries(capacity).filter(([name]) => isHugePages(name)).map(([, amount]) => Quantity.parse(amount));
  return Object.fromEntries(Object.entries(capacity).map(([name, amount]) => {
    const total = Quantity.parse(amount);
    const taken = [reservedOf(name, settings), evictionReserve(name, total, settings), ...(name === "memory" ? pages : [])].filter((part) => !part.isZero());
    if (taken.length === 0) return [name, amount];
    const rest = taken.reduce((left, part) => left.sub(part), total);
    return [name, rest.sign < 0 ? "0" : printed(name, rest)];
  }));
}

/** What all pods together may take before the kernel stops them; what would have them evicted is theirs until then. */
export function podsLimit(capacity: Amounts, settings: Reservations): { readonly memory: number; readonly milliCpu: number } {
  const left = (name: string): Quantity => Quantity.parse(capacity[name] ?? "0").sub(reservedOf(name, settings));
  return { memory: Math.max(0, left("memory").value), milliCpu: Math.max(0, left("cpu").milliValue) };
}

const reservedOf = (name: string, { kubeReserved, systemReserved }: Reservations): Quantity => Quantity.parse(kubeReserved[name] ?? "0").add(Quantity.parse(systemReserved[name] ?? "0"));

function evictionReserve(name: string, total: Quantity, { evictionHard }: Reservations): Quantity {
  const threshold = evictionHard[evictionSignals[name] ?? ""];
  return threshold === undefined ? Quantity.zero : Quantity.parse(String(quantityOf(amountOf(threshold), { capacity: total.value, available: 0 })));
}

/** Storage is printed in bytes, as upstream's is. */
const printed = (name: string, amount: Quantity): string => (name === "ephemeral-storage" ? String(amount.value) : amount.toString());
