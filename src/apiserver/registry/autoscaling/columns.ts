/** Upstream: pkg/printers/internalversion printHorizontalPodAutoscaler, formatHPAMetrics */
import type { HorizontalPodAutoscaler, MetricSpec, MetricStatus, MetricTarget, MetricValueStatus } from "#api/gen/autoscaling-v2.ts";
import { ageColumn, nameColumn } from "../common/columns.ts";
import type { Column } from "../resource.ts";

const shown = 2;
const unknown = "<unknown>";

function metricText(spec: MetricSpec, status: MetricStatus | undefined): string {
  switch (spec.type) {
    case "External": return valueText(spec.external?.target, status?.external?.current);
    case "Object": return valueText(spec.object?.target, status?.object?.current);
    case "Pods": return `${status?.pods?.current.averageValue ?? unknown}/${spec.pods?.target.averageValue ?? ""}`;
    case "Resource": return `${spec.resource?.name ?? ""}: ${useText(spec.resource?.target, status?.resource?.current)}`;
    case "ContainerResource": return `${spec.containerResource?.name ?? ""}: ${useText(spec.containerResource?.target, status?.containerResource?.current)}`;
    default: return "<unknown type>";
  }
}

const valueText = (target: MetricTarget | undefined, current: MetricValueStatus | undefined): string =>
  (target?.averageValue === undefined ? `${current?.value ?? unknown}/${target?.value ?? ""}` : `${current?.averageValue ?? unknown}/${target.averageValue} (avg)`);

function useText(target: MetricTarget | undefined, current: MetricValueStatus | undefined): string {
  if (target?.averageValue !== undefined) return `${current?.averageValue ?? unknown}/${target.averageValue}`;
  const percent = (value: number | undefined, otherwise: string): string => (value === undefined ? otherwise : `${value}%`);
  return `${percent(current?.averageUtilization, unknown)}/${percent(target?.averageUtilization, "<auto>")}`;
}

function targetsText({ spec, status }: HorizontalPodAutoscaler): string {
  const texts = (spec.metrics ?? []).map((metric, i) => metricText(metric, status.currentMetrics?.[i]));
  if (texts.length === 0) return "<none>";
  return texts.length > shown ? `${texts.slice(0, shown).join(", ")} + ${texts.length - shown} more...` : texts.join(", ");
}

export const autoscalerColumns: readonly Column<HorizontalPodAutoscaler>[] = [
  nameColumn,
  { name: "Reference", type: "string", description: "What it scales.", cell: ({ spec }) => `${spec.scaleTargetRef?.kind ?? ""}/${spec.scaleTargetRef?.name ?? ""}` },
  { name: "Targets", type: "string", description: "What it goes by: as it is, and as it should be.", cell: targetsText },
  { name: "MinPods", type: "string", description: "The fewest pods.", cell: ({ spec }) => (spec.minReplicas === undefined ? "<unset>" : String(spec.minReplicas)) },
  { name: "MaxPods", type: "integer", description: "The most pods.", cell: ({ spec }) => spec.maxReplicas },
  { name: "Replicas", type: "integer", description: "How many pods there are.", cell: ({ status }) => status.currentReplicas ?? 0 },
  ageColumn,
];
