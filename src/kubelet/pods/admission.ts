/** What the kubelet itself checks before it runs a pod: the scheduler may have been wrong, or not asked. Upstream: pkg/kubelet/lifecycle/predicate.go */
import { Quantity } from "#apimachinery/quantity.ts";
import type { NodeSelectorRequirement, NodeSelectorTerm, Pod } from "#api/gen/core-v1.ts";
import { podRequests } from "#api/pod-resources.ts";
import { addResources, type ResourceList } from "#api/resource-list.ts";
import { mayBeDevices } from "#api/resource-names.ts";
import { missingFeature } from "./admission-features.ts";
import { containersOf } from "../containers/containers.ts";
import type { NodeFeatures } from "../node/node-features.ts";
import { numberOf, podAmount } from "../resources/resources.ts";
import type { Amount } from "./preemption.ts";

export interface AdmissionFacts {
  /** The pods that run here already. */
  readonly others: readonly Pod[];
  readonly allocatable: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly nodeName: string;
  readonly features: NodeFeatures;
}
export interface Refusal {
  readonly reason: string;
  readonly message: string;
}

/** Undefined when the pod may run here. */
export function refusal(pod: Pod, facts: AdmissionFacts): Refusal | undefined {
  return missingFeature(pod, facts.features) ?? tooMuch(pod, facts) ?? wrongNode(pod, facts) ?? portTaken(pod, facts);
}

/** What a pod lacks here, if nothing else speaks against it. */
export const lacksOnly = (pod: Pod, facts: AdmissionFacts): readonly Amount[] =>
  (missingFeature(pod, facts.features) ?? wrongNode(pod, facts) ?? portTaken(pod, facts)) === undefined ? shortages(pod, facts).map(({ name, requested, used, capacity }) => ({ name, amount: requested + used - capacity })) : [];

const tooMuch = (pod: Pod, facts: AdmissionFacts): Refusal | undefined => shortages(pod, facts).map(outOf)[0];

interface Shortage {
  readonly name: string;
  readonly requested: number;
  readonly used: number;
  readonly capacity: number;
}

function shortages(pod: Pod, { others, allocatable }: AdmissionFacts): readonly Shortage[] {
  const places = Quantity.parse(allocatable["pods"] ?? "0").value;
  const found: Shortage[] = others.length + 1 > places ? [{ name: "pods", requested: 1, used: others.length, capacity: places }] : [];
  const asking = [pod.spec.resources, ...containersOf(pod).map((c) => c.container.resources)];
  const names = new Set(asking.flatMap((resources) => Object.keys(resources?.requests ?? {})));
  const taken = others.map((other) => podRequests(other)).reduce<ResourceList>(addResources, {});
  for (const name of names) {
    const requested = podAmount(pod, "requests", name);
    if (requested === 0 || isCountedElsewhere(pod, name, allocatable[name])) continue;
    const used = numberOf(name, taken[name]);
    const capacity = valueOf(name, allocatable[name] ?? "0");
    if (used + requested > capacity) found.push({ name, requested, used, capacity });
  }
  return found;
}

/** What nobody here counts others do; of a claim's devices the scheduler. Upstream: removeMissingExtendedResources, shouldDelegateResourceToDRA */
const isCountedElsewhere = ({ status }: Pod, name: string, allocatable: string | undefined): boolean =>
  mayBeDevices(name) && (allocatable === undefined || (allocatable === "0" && status.extendedResourceClaimStatus?.requestMappings?.some(({ resourceName }) => resourceName === name) === true));

/** Why a pod that runs here cannot have other resources: never on this node, or not while others have them. */
export interface ResizeRefusal {
  readonly reason: "Deferred" | "Infeasible";
  readonly message: string;
}

/** @param pod as it would be. Upstream: pkg/kubelet/allocation canResizePod */
export function resizeRefusal(pod: Pod, facts: AdmissionFacts): ResizeRefusal | undefined {
  for (const name of ["memory", "cpu"]) {
    const requested = podAmount(pod, "requests", name);
    const capacity = valueOf(name, facts.allocatable[name] ?? "0");
    if (requested > capacity)
      return { reason: "Infeasible", message: `Node didn't have enough capacity: ${name}, requested: ${requested}, capacity: ${capacity}` };
  }
  const refused = tooMuch(pod, facts);
  return refused && { reason: "Deferred", message: refused.message };
}

const outOf = ({ name, requested, used, capacity }: Shortage): Refusal => ({
  reason: `OutOf${name}`,
  message: `Node didn't have enough resource: ${name}, requested: ${requested}, used: ${used}, capacity: ${capacity}`,
});
const valueOf = (name: string, text: string): number => numberOf(name, Quantity.parse(text));
function wrongNode({ spec }: Pod, facts: AdmissionFacts): Refusal | undefined {
  const selected = Object.entries(spec.nodeSelector ?? {}).every(([key, value]) => facts.labels[key] === value);
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  if (selected && (terms === undefined || terms.some((term) => matches(term, facts)))) return undefined;
  return { reason: "NodeAffinity", message: "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector" };
}

function matches({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, { labels, nodeName }: AdmissionFacts): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false;
  return (
    matchExpressions.every((r) => meets(r, labels[r.key])) && matchFields.every((r) => meets(r, r.key === "metadata.name" ? nodeName : undefined))
  );
}

function meets({ operator, values = [] }: NodeSelectorRequirement, value: string | undefined): boolean {
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "Gt":
      return Number(value) > Number(values[0]);
    case "Lt":
      return Number(value) < Number(values[0]);
    default:
      return false;
  }
}

function portTaken(pod: Pod, { others }: AdmissionFacts): Refusal | undefined {
  const taken = others.flatMap(hostPorts);
  const clash = hostPorts(pod).some((p) =>
    taken.some((t) => t.port === p.port && t.protocol === p.protocol && (t.ip === p.ip || isAny(t.ip) || isAny(p.ip))),
  );
  return clash
    ? { reason: "NodePorts", message: "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports" }
    : undefined;
}

const hostPorts = (pod: Pod): { readonly port: number; readonly protocol: string; readonly ip: string }[] =>
  containersOf(pod)
    .filter((c) => c.kind === "app" || c.kind === "sidecar")
    .flatMap(({ container }) => container.ports ?? [])
    .filter((p) => (p.hostPort ?? 0) > 0)
    .map((p) => ({ port: p.hostPort ?? 0, protocol: p.protocol ?? "TCP", ip: p.hostIP ?? "" }));
const isAny = (ip: string): boolean => ip === "" || ip === "0.0.0.0" || ip === "::";
