/** Upstream: pkg/quota/v1/evaluator/core/services.go */
import type { Service } from "../gen/core-v1.ts";
import { Quantity } from "#apimachinery/quantity.ts";
import type { Evaluator } from "./evaluator.ts";

const names: ReadonlySet<string> = new Set(["count/services", "services", "services.nodeports", "services.loadbalancers"]);

export const serviceEvaluator: Evaluator<Service> = {
  resource: { group: "", resource: "services" },
  counts: (name) => names.has(name),
  usage: (service) => ({
    "count/services": Quantity.of(1), services: Quantity.of(1), "services.nodeports": Quantity.of(nodePorts(service)),
    "services.loadbalancers": Quantity.of(service.spec.type === "LoadBalancer" ? 1 : 0),
  }),
  inScope: () => false,
  chargesUpdate: (subresource) => subresource === "",
};

/** A load balancer that needs no node ports has those that the user has asked for. */
function nodePorts({ spec: { type, ports = [], allocateLoadBalancerNodePorts } }: Service): number {
  if (type === "LoadBalancer" && allocateLoadBalancerNodePorts === false) return ports.filter(({ nodePort = 0 }) => nodePort !== 0).length;
  return type === "NodePort" || type === "LoadBalancer" ? ports.length : 0;
}
