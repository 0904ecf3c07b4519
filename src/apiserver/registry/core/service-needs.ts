/** What a Service of each type has a use for. Upstream: pkg/registry/core/service/strategy.go */
import type { Service, ServiceSpec } from "#api/gen/core-v1.ts";
import { semanticEqual } from "#apimachinery/equal.ts";

type Field = keyof ServiceSpec;

const isBalanced = ({ type }: ServiceSpec): boolean => type === "LoadBalancer";
const hasAddress = ({ type }: ServiceSpec): boolean => type !== "ExternalName";
const isOutside = (spec: ServiceSpec): boolean => spec.type === "NodePort" || isBalanced(spec) || (spec.type === "ClusterIP" && (spec.externalIPs?.length ?? 0) > 0);
export const hasNodePorts = ({ type }: ServiceSpec): boolean => type === "NodePort" || type === "LoadBalancer";
/** Balancers that must know on which nodes pods are ask at a port of each node. */
export const needsHealthCheck = (spec: ServiceSpec): boolean => isBalanced(spec) && spec.externalTrafficPolicy === "Local";

const fields: readonly (readonly [field: Field, needs: (spec: ServiceSpec) => boolean])[] = [
  ["clusterIP", hasAddress], ["clusterIPs", hasAddress], ["ipFamilies", hasAddress], ["ipFamilyPolicy", hasAddress],
  ["healthCheckNodePort", needsHealthCheck], ["allocateLoadBalancerNodePorts", isBalanced], ["loadBalancerClass", isBalanced], ["externalTrafficPolicy", isOutside],
];

/** Takes away what the new type has no use for, where the user left it as it was. Upstream: dropTypeDependentFields */
export function dropUnneeded(next: Service, old: Service): void {
  for (const [field, needs] of fields) {
    if (needs(old.spec) && !needs(next.spec) && semanticEqual(next.spec[field], old.spec[field])) delete next.spec[field];
  }
  const portsOf = ({ spec }: Service): readonly number[] => (spec.ports ?? []).map(({ nodePort }) => nodePort ?? 0).sort((a, b) => a - b);
  if (hasNodePorts(old.spec) && !hasNodePorts(next.spec) && semanticEqual(portsOf(next), portsOf(old))) for (const port of next.spec.ports ?? []) delete port.nodePort;
}
