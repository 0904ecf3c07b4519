import type { ServiceCIDR } from "#api/gen/networking-v1.ts";
import type { Condition } from "#api/gen/meta-v1.ts";
import { setCondition } from "#api/conditions.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import { timestamp } from "#apimachinery/time.ts";

/** The range that a cluster begins with. Upstream: pkg/controlplane/controller/defaultservicecidr */
export const defaultName = "kubernetes";
export const defaultServiceCidr = (cidr: string): ServiceCIDR => ({ metadata: { name: defaultName }, spec: { cidrs: [cidr] }, status: {} });

/** The range with the condition that it lacks; undefined when it lacks none. Upstream: pkg/controller/servicecidrs */
export function marked(range: ServiceCIDR, ours: string, now: number): ServiceCIDR | undefined {
  const used = range.spec.cidrs?.includes(ours) === true;
  const next: Condition = { type: "Ready", lastTransitionTime: timestamp(now), ...(used ? ready(range.metadata.name) : unused) };
  const conditions = setCondition(range.status.conditions, next, now);
  return semanticEqual(conditions, range.status.conditions) ? undefined : { ...range, status: { ...range.status, conditions } };
}

const ready = (name: string): Omit<Condition, "type" | "lastTransitionTime"> =>
  ({ status: "True", reason: "", message: name === defaultName ? "Kubernetes default Service CIDR is ready" : "Kubernetes Service CIDR is ready" });

/** Addresses are given out of the one range that the nodes know the way to. */
const unused: Omit<Condition, "type" | "lastTransitionTime"> = { status: "False", reason: "NotUsed", message: "Services get their addresses from the range that the server was started with" };
