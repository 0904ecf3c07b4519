import type * as v1 from "#api/gen/autoscaling-v1.ts";
import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerSpec, HPAScalingRules } from "#api/gen/autoscaling-v2.ts";
import type { Resource } from "../resource.ts";
import { autoscalerColumns } from "./columns.ts";
import { defaultMetrics, toV1, toV2 } from "./convert.ts";
import { validateAutoscaler, validateAutoscalerStatus, validateLeast } from "./validate.ts";

const names: Resource["names"] = { plural: "horizontalpodautoscalers", singular: "horizontalpodautoscaler", short: ["hpa"], categories: ["all"] };

/** Upstream: pkg/apis/autoscaling/v2 GenerateHPAScaleUpRules, GenerateHPAScaleDownRules */
const periodSeconds = 15;
const upwards: HPAScalingRules = { stabilizationWindowSeconds: 0, selectPolicy: "Max", policies: [{ type: "Pods", value: 4, periodSeconds }, { type: "Percent", value: 100, periodSeconds }] };
const downwards: HPAScalingRules = { selectPolicy: "Max", policies: [{ type: "Percent", value: 100, periodSeconds }] };

function defaultSpec(spec: HorizontalPodAutoscalerSpec): void {
  spec.minReplicas ??= 1;
  if ((spec.metrics ?? []).length === 0) spec.metrics = defaultMetrics();
  if (spec.behavior === undefined) return;
  spec.behavior.scaleUp = { ...structuredClone(upwards), ...spec.behavior.scaleUp };
  spec.behavior.scaleDown = { ...structuredClone(downwards), ...spec.behavior.scaleDown };
}

export const horizontalPodAutoscalers: Resource<HorizontalPodAutoscaler> = {
  group: "autoscaling", version: "v2", kind: "HorizontalPodAutoscaler", schema: "autoscaling/v2.HorizontalPodAutoscaler", scope: "Namespaced",
  names,
  generation: false,
  defaults: ({ spec }) => defaultSpec(spec),
  validate: validateAutoscaler,
  validateCreate: (hpa) => validateLeast(hpa),
  validateUpdate: validateLeast,
  subresources: {
    status: { type: "write", prepareUpdate: (next, old) => { next.spec = old.spec; }, validateUpdate: validateAutoscalerStatus },
  },
  columns: autoscalerColumns,
};

/** As version 2 has it, with its defaults. */
function whole(hpa: v1.HorizontalPodAutoscaler): HorizontalPodAutoscaler {
  const converted = structuredClone(toV2(hpa));
  defaultSpec(converted.spec);
  return converted;
}

/** The same objects in the older version. */
export const horizontalPodAutoscalersV1: Resource<v1.HorizontalPodAutoscaler> = {
  group: "autoscaling", version: "v1", kind: "HorizontalPodAutoscaler", schema: "autoscaling/v1.HorizontalPodAutoscaler", scope: "Namespaced",
  names,
  generation: false,
  defaults({ spec }) {
    spec.minReplicas ??= 1;
  },
  validate: (hpa) => validateAutoscaler(whole(hpa)),
  validateCreate: (hpa) => validateLeast(hpa),
  validateUpdate: validateLeast,
  subresources: {
    status: { type: "write", prepareUpdate: (next, old) => { next.spec = old.spec; }, validateUpdate: validateAutoscalerStatus },
  },
  columns: autoscalerColumns.map((column) => ({ ...column, cell: (hpa, now) => column.cell(toV2(hpa), now) })),
  storedAs: { group: "autoscaling", version: "v2", plural: names.plural, to: whole, from: (stored) => toV1(stored as HorizontalPodAutoscaler) },
};
