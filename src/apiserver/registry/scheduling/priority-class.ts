import type { PriorityClass } from "#api/gen/scheduling-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { forbidden, immutable, oneOf } from "#apimachinery/validation/causes.ts";
import { ageColumn, nameColumn } from "../common/columns.ts";
import type { Resource } from "../resource.ts";

/** The most that a user may give. Upstream: scheduling.HighestUserDefinablePriority */
const highestUserPriority = 1_000_000_000;

/** The two classes that exist in every cluster. Upstream: pkg/apis/scheduling/v1 SystemPriorityClasses */
export const systemPriorityClasses: readonly PriorityClass[] = [
  {
    apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass", metadata: { name: "system-node-critical" }, value: 2_000_001_000,
    description: "Used for system critical pods that must not be moved from their current node.", preemptionPolicy: "PreemptLowerPriority",
  },
  {
    apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass", metadata: { name: "system-cluster-critical" }, value: 2_000_000_000,
    description: "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.", preemptionPolicy: "PreemptLowerPriority",
  },
];

/** Why a class may not have a `system-` name; undefined when it may. Upstream: pkg/apis/scheduling/v1 IsKnownSystemPriorityClass */
function unknownSystemClass(pc: PriorityClass): string | undefined {
  const known = systemPriorityClasses.find((c) => c.metadata.name === pc.metadata.name);
  if (known === undefined) return `${pc.metadata.name} is not a known system priority class`;
  if (known.value !== (pc.value ?? 0)) return `value of ${pc.metadata.name} PriorityClass must be ${known.value}`;
  return pc.globalDefault === true ? `globalDefault of ${pc.metadata.name} PriorityClass must be false` : undefined;
}

function validateValue(pc: PriorityClass): readonly Cause[] {
  if (pc.metadata.name.startsWith("system-")) {
    const why = unknownSystemClass(pc);
    return why === undefined ? [] : [forbidden("metadata.name", `priority class names with 'system-' prefix are reserved for system use only. error: ${why}`)];
  }
  return (pc.value ?? 0) > highestUserPriority ? [forbidden("value", `maximum allowed value of a user defined priority is ${highestUserPriority}`)] : [];
}

/** Upstream: pkg/apis/scheduling/validation ValidatePriorityClass */
export const priorityClasses: Resource<PriorityClass> = {
  group: "scheduling.k8s.io", version: "v1", kind: "PriorityClass", schema: "scheduling/v1.PriorityClass", scope: "Cluster",
  names: { plural: "priorityclasses", singular: "priorityclass", short: ["pc"] },
  defaults(pc) {
    pc.preemptionPolicy ??= "PreemptLowerPriority";
  },
  validate: (pc) => [...validateValue(pc), ...oneOf("preemptionPolicy", pc.preemptionPolicy, ["Never", "PreemptLowerPriority"])],
  validateUpdate: (next, old) => [
    ...((next.value ?? 0) === (old.value ?? 0) ? [] : [forbidden("value", "may not be changed in an update.")]),
    ...immutable("preemptionPolicy", next.preemptionPolicy, old.preemptionPolicy),
  ],
  columns: [
    nameColumn,
    { name: "Value", type: "integer", description: "The priority of pods of this class.", cell: ({ value }) => value ?? 0 },
    { name: "Global-Default", type: "boolean", description: "Whether pods without a class get this one.", cell: ({ globalDefault }) => globalDefault ?? false },
    ageColumn,
    { name: "PreemptionPolicy", type: "string", description: "Whether its pods may displace others.", cell: ({ preemptionPolicy }) => preemptionPolicy ?? "" },
  ],
};
