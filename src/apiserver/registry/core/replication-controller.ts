import type { ReplicationController } from "#api/gen/core-v1.ts";
import { selectorOfLabels } from "#apimachinery/selectors.ts";
import type { Cause } from "#apimachinery/status.ts";
import { invalidValue, nonNegative, required } from "#apimachinery/validation/causes.ts";
import { validateLasting } from "../apps/selected-template.ts";
import { formatLabels } from "../common/columns.ts";
import { replicated } from "../common/replicas.ts";
import type { Resource } from "../resource.ts";
import { defaultPodTemplate } from "./pod-spec/defaults.ts";
import { validatePodTemplate } from "./pod-spec/validate-spec.ts";

/** The template's labels stand in for a selector and for its own. Upstream: pkg/apis/core/v1 SetDefaults_ReplicationController */
function defaults({ metadata, spec }: ReplicationController): void {
  const labels = spec.template?.metadata?.labels;
  if (labels !== undefined) {
    if (Object.keys(spec.selector ?? {}).length === 0) spec.selector = { ...labels };
    if (Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = { ...labels };
  }
  spec.replicas ??= 1;
  defaultPodTemplate(spec.template);
}

function validateTemplate({ template, selector = {} }: ReplicationController["spec"]): readonly Cause[] {
  if (template === undefined) return [required("spec.template")];
  const labels = template.metadata?.labels ?? {};
  return [
    ...(selectorOfLabels(selector).matches(labels) ? [] : [invalidValue("spec.template.metadata.labels", labels, "`selector` does not match template `labels`")]),
    ...validatePodTemplate(template, "spec.template"),
    ...validateLasting(template, "ReplicationController"),
  ];
}

/** Upstream: pkg/apis/core/validation ValidateReplicationControllerSpec */
const validate = ({ spec }: ReplicationController): readonly Cause[] => [
  ...nonNegative("spec.minReadySeconds", spec.minReadySeconds),
  ...(Object.keys(spec.selector ?? {}).length === 0 ? [required("spec.selector")] : []),
  ...nonNegative("spec.replicas", spec.replicas),
  ...validateTemplate(spec),
];

export const replicationControllers: Resource<ReplicationController> = {
  group: "", version: "v1", kind: "ReplicationController", schema: "core/v1.ReplicationController", scope: "Namespaced",
  names: { plural: "replicationcontrollers", singular: "replicationcontroller", short: ["rc"], categories: ["all"] },
  orphansByDefault: true,
  defaults,
  validate,
  ...replicated<ReplicationController>(({ spec }) => selectorOfLabels(spec.selector ?? {}).toString(), ({ spec }) => formatLabels(spec.selector)),
};
