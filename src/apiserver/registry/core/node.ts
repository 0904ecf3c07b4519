import type { Node, NodeCondition, Taint } from "#api/gen/core-v1.ts";
import { nodeAddress } from "#api/node.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import type { Cause } from "#apimachinery/status.ts";
import { duplicate, eachInvalid, forbidden, invalidValue, oneOf } from "#apimachinery/validation/causes.ts";
import { cidr, labelValue, qualifiedName } from "#apimachinery/validation/names.ts";
import { ageColumn, nameColumn } from "../common/columns.ts";
import type { Column, Resource } from "../resource.ts";

/** Upstream: pkg/apis/core/validation validateNodeTaints */
function validateTaints(taints: readonly Taint[], field: string): readonly Cause[] {
  return taints.flatMap(({ key, value = "", effect }, i) => [
    ...eachInvalid(`${field}[${i}].key`, key, qualifiedName(key)),
    ...eachInvalid(`${field}[${i}].value`, value, labelValue(value)),
    ...oneOf(`${field}[${i}].effect`, effect, ["NoSchedule", "PreferNoSchedule", "NoExecute"]),
    ...(taints.findIndex((t) => t.key === key && t.effect === effect) < i
      ? [{ ...duplicate(`${field}[${i}]`, {}), message: `Duplicate value: ${JSON.stringify(taints[i])}: taints must be unique by key and effect pair` }]
      : []),
  ]);
}

/** Upstream: pkg/apis/core/validation ValidateNode */
function validate({ spec }: Node): readonly Cause[] {
  const cidrs = spec.podCIDRs ?? [];
  return [
    ...validateTaints(spec.taints ?? [], "metadata.taints"),
    ...cidrs.flatMap((range, i) => eachInvalid(`spec.podCIDRs[${i}]`, range, cidr(range))),
    ...(cidrs.length > 2 ? [invalidValue("spec.podCIDRs", cidrs, "may specify no more than one CIDR for each IP family")] : []),
    ...(cidrs.length > 0 && spec.podCIDR !== undefined && spec.podCIDR !== cidrs[0]
      ? [invalidValue("spec.podCIDR", spec.podCIDR, "must match the first entry of podCIDRs")]
      : []),
  ];
}

/** The old single field and the list say the same. Upstream: pkg/apis/core/v1 Convert_v1_NodeSpec_To_core_NodeSpec */
function syncCidrs({ spec }: Node): void {
  if (spec.podCIDR && !spec.podCIDRs?.length) spec.podCIDRs = [spec.podCIDR];
  else if (!spec.podCIDR && spec.podCIDRs?.[0] !== undefined) spec.podCIDR = spec.podCIDRs[0];
}

/** Upstream: pkg/apis/core/validation ValidateNodeUpdate */
function validateUpdate(next: Node, old: Node): readonly Cause[] {
  const fixed = ({ spec }: Node): unknown => ({ ...spec, taints: [], unschedulable: false, podCIDR: "", podCIDRs: [], providerID: "" });
  return [
    ...((old.spec.podCIDRs ?? []).length > 0 && !semanticEqual(next.spec.podCIDRs, old.spec.podCIDRs)
      ? [forbidden("spec.podCIDRs", 'node updates may not change podCIDR except from "" to valid')]
      : []),
    ...(old.spec.providerID && next.spec.providerID !== old.spec.providerID
      ? [forbidden("spec.providerID", 'node updates may not change providerID except from "" to valid')]
      : []),
    ...(semanticEqual(fixed(next), fixed(old))
      ? []
      : [forbidden("", "node updates may only change labels, taints, or capacity (or configSource, if the DynamicKubeletConfig feature gate is enabled)")]),
  ];
}

function statusText({ spec, status }: Node): string {
  const ready = status.conditions?.find((c: NodeCondition) => c.type === "Ready");
  const word = ready === undefined ? "Unknown" : ready.status === "True" ? "Ready" : "NotReady";
  return spec.unschedulable === true ? `${word},SchedulingDisabled` : word;
}

const rolePrefix = "node-role.kubernetes.io/";
/** Upstream: pkg/printers/internalversion findNodeRoles */
function roles({ metadata: { labels = {} } }: Node): string {
  const roleOf = ([key, value]: readonly [string, string]): string => (key.startsWith(rolePrefix) ? key.slice(rolePrefix.length) : key === "kubernetes.io/role" ? value : "");
  const names = Object.entries(labels).map(roleOf).filter((name) => name !== "");
  return names.length === 0 ? "<none>" : [...new Set(names)].sort().join(",");
}

const address = (type: string) => (node: Node): string => nodeAddress(node, type) ?? "<none>";
const info = (field: "osImage" | "kernelVersion" | "containerRuntimeVersion") => ({ status }: Node): string => status.nodeInfo?.[field] || "<unknown>";

/** Upstream: pkg/printers/internalversion nodeColumnDefinitions */
const columns: readonly Column<Node>[] = [
  nameColumn,
  { name: "Status", type: "string", description: "The status of the node", cell: statusText },
  { name: "Roles", type: "string", description: "The roles of the node", cell: roles },
  ageColumn,
  { name: "Version", type: "string", description: "The version of the node's agent.", cell: ({ status }) => status.nodeInfo?.kubeletVersion ?? "" },
  { name: "Internal-IP", type: "string", wide: true, description: "Its address inside the cluster.", cell: address("InternalIP") },
  { name: "External-IP", type: "string", wide: true, description: "Its address outside the cluster.", cell: address("ExternalIP") },
  { name: "OS-Image", type: "string", wide: true, description: "The operating system.", cell: info("osImage") },
  { name: "Kernel-Version", type: "string", wide: true, description: "The kernel.", cell: info("kernelVersion") },
  { name: "Container-Runtime", type: "string", wide: true, description: "The container runtime.", cell: info("containerRuntimeVersion") },
];

export const nodes: Resource<Node> = {
  group: "", version: "v1", kind: "Node", schema: "core/v1.Node", scope: "Cluster",
  names: { plural: "nodes", singular: "node", short: ["no"] },
  generation: false,
  statusOnCreate: true,
  defaults(node) {
    syncCidrs(node);
    if (node.status?.capacity !== undefined) node.status.allocatable ??= { ...node.status.capacity };
  },
  validate,
  validateUpdate,
  selectableFields: { "spec.unschedulable": ({ spec }) => String(spec.unschedulable ?? false) },
  subresources: {
    status: { type: "write", prepareUpdate: (next, old) => { next.spec = old.spec; } },
    proxy: { type: "connect", kind: "NodeProxyOptions", verbs: ["create", "delete", "get", "patch", "update"] },
  },
  columns,
};
