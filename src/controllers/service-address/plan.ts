import type { IPAddress } from "#api/gen/networking-v1.ts";
import type { Service } from "#api/gen/core-v1.ts";
import { semanticEqual } from "#apimachinery/equal.ts";

const managedBy = "ipaddress.kubernetes.io/managed-by";
const allocator = "ipallocator.k8s.io";

export type Plan = { readonly action: "create"; readonly address: IPAddress } | { readonly action: "delete" | "none" };

/** The addresses of a Service that are recorded. */
export const addressesOf = ({ spec }: Pick<Service, "spec">): readonly string[] => (spec.clusterIPs ?? []).filter((ip) => ip !== "None" && ip !== "");

/**
 * One IPAddress for each address that a Service has, and none of ours for any other.
 * Upstream records them where they are given; here a controller follows. Upstream: pkg/registry/core/service/ipallocator, pkg/controlplane/controller/ipallocator repair
 */
export function plan(ip: string, service: Service | undefined, address: IPAddress | undefined): Plan {
  const ours = address?.metadata.labels?.[managedBy] === allocator;
  if (service === undefined) return { action: ours ? "delete" : "none" };
  const wanted = record(ip, service);
  if (address === undefined) return { action: "create", address: wanted };
  return { action: ours && !semanticEqual(address.spec, wanted.spec) ? "delete" : "none" }; // its going makes us come again
}

const record = (ip: string, { metadata: { name, namespace = "" } }: Service): IPAddress => ({
  metadata: { name: ip, labels: { "ipaddress.kubernetes.io/ip-family": ip.includes(":") ? "IPv6" : "IPv4", [managedBy]: allocator } },
  spec: { parentRef: { resource: "services", namespace, name } },
});
