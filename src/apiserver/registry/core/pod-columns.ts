import type { Pod } from "#api/gen/core-v1.ts";
import { ageColumn, nameColumn } from "../common/columns.ts";
import type { Column } from "../resource.ts";
import { summarize } from "./pod-status-text.ts";

function gates({ spec, status }: Pod): string {
  const all = spec.readinessGates ?? [];
  if (all.length === 0) return "<none>";
  const open = all.filter((gate) => status.conditions?.some((c) => c.type === gate.conditionType && c.status === "True"));
  return `${open.length}/${all.length}`;
}

/** Upstream: pkg/printers/internalversion podColumnDefinitions */
export const podColumns: readonly Column<Pod>[] = [
  nameColumn,
  { name: "Ready", type: "string", description: "The aggregate readiness state of this pod for accepting traffic.", cell: (pod, now) => summarize(pod, now).ready },
  { name: "Status", type: "string", description: "The aggregate status of the containers in this pod.", cell: (pod, now) => summarize(pod, now).status },
  {
    name: "Restarts", type: "string", description: "The number of times the containers in this pod have been restarted and when the last container in this pod has restarted.",
    cell: (pod, now) => summarize(pod, now).restarts,
  },
  ageColumn,
  { name: "IP", type: "string", wide: true, description: "The pod's address.", cell: ({ status }) => status.podIPs?.[0]?.ip || status.podIP || "<none>" },
  { name: "Node", type: "string", wide: true, description: "Where the pod runs.", cell: ({ spec }) => spec.nodeName || "<none>" },
  {
    name: "Nominated Node", type: "string", wide: true, description: "Where room is being made for the pod.",
    cell: ({ status }) => status.nominatedNodeName || "<none>",
  },
  { name: "Readiness Gates", type: "string", wide: true, description: "How many of the conditions hold that others set.", cell: gates },
];
