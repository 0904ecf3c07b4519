/** What the metrics of an autoscaler ask for together. Pure. Upstream: pkg/controller/podautoscaler/horizontal.go computeReplicasForMetrics */
import type { Scale } from "#api/gen/autoscaling-v1.ts";
import type { HorizontalPodAutoscaler, MetricStatus } from "#api/gen/autoscaling-v2.ts";
import type { Pod } from "#api/gen/core-v1.ts";
import { Quantity } from "#apimachinery/quantity.ts";
import { propose, type Proposal, type Reading } from "./proposal.ts";
import type { Tolerances } from "./replicas.ts";
import { defaultAutoscaling, type AutoscalerSettings } from "./settings.ts";
import type { Told } from "../told.ts";

export interface Seen {
  readonly hpa: HorizontalPodAutoscaler;
  readonly scale: Scale;
  /** Which pods are scaled. */
  readonly pods: readonly Pod[];
  /** One for each metric of the spec. */
  readonly readings: readonly Reading[];
  readonly now: number;
  readonly settings?: AutoscalerSettings;
}

export type Computed = { readonly metrics: MetricStatus[]; readonly events: readonly Told[] } & (
  | { readonly replicas: number; readonly metric: string }
  | { readonly replicas: undefined; readonly reason: string; readonly message: string; readonly error: string }
);

/** The most that a metric asks for; nothing when all fail, or when some do and the others ask for fewer. */
export function compute(seen: Seen): Computed {
  const { hpa, scale, readings, settings = defaultAutoscaling } = seen;
  const current = scale.spec.replicas ?? 0;
  const specs = hpa.spec.metrics ?? [];
  const asked = { pods: seen.pods, replicas: current, running: scale.status.replicas, namespace: hpa.metadata.namespace ?? "", tolerances: tolerancesOf(hpa, settings), now: seen.now, settings };
  const proposals = specs.map((spec, i): Proposal => propose(spec, readings[i] ?? { failure: "not read" }, asked));
  const [valid, failed] = [proposals.filter((proposal) => proposal.ok), proposals.filter((proposal) => !proposal.ok)];
  const said = {
    metrics: proposals.map((proposal): MetricStatus => (proposal.ok ? proposal.status : { type: "" })),
    events: failed.map(({ reason, failure }): Told => ({ type: "Warning", reason, message: failure })),
  };
  const most = valid.toSorted((a, b) => b.replicas - a.replicas)[0];
  const [first] = failed;
  if (most !== undefined && (first === undefined || most.replicas >= current)) return { ...said, replicas: most.replicas, metric: most.metric };
  return {
    ...said, replicas: undefined, reason: first?.reason ?? "", message: `the HPA was unable to compute the replica count: ${first?.failure ?? ""}`,
    error: `invalid metrics (${failed.length} invalid out of ${specs.length}), first error is: ${first?.told ?? ""}`,
  };
}

/** Upstream: tolerancesForHpa */
function tolerancesOf({ spec: { behavior } }: HorizontalPodAutoscaler, { tolerance }: AutoscalerSettings): Tolerances {
  const of = (text: string | undefined): number => (text === undefined ? tolerance : Quantity.parse(text).approximate);
  return { up: of(behavior?.scaleUp?.tolerance), down: of(behavior?.scaleDown?.tolerance) };
}
