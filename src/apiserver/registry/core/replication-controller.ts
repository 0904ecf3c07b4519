import type { ReplicationController } from "#api/gen/core-v1.ts";
import { selectorOfLabels } from "#apimachinery/selectors.ts";
import type { Cause } from "#apimachinery/status.ts";
import { invalidValue, nonNegative, required } from "#apimachinery/validation/causes.ts";
import { validateLasting } from "../apps/selected-template.ts";
import { ageColumn, formatLabels, nameColumn, templateColumns } from "../common/columns.ts";
import { validateCounts } from "../common/counts.ts";
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
  selectableFields: { "status.replicas": ({ status }) => String(status.replicas) },
  subresources: {
    status: { type: "write", prepareUpdate: (next, old) => { next.spec = old.spec; }, validateUpdate: ({ status }) => validateCounts(status) },
    scale: {
      type: "scale",
      replicas: ({ spec, status }) => ({ spec: spec.replicas ?? 0, status: status.replicas, selector: selectorOfLabels(spec.selector ?? {}).toString() }),
      setReplicas: ({ spec }, replicas) => { spec.replicas = replicas; },
    },
  },
  columns: [
    nameColumn,
    { name: "Desired", type: "integer", description: "How many pods there should be.", cell: ({ spec }) => spec.replicas ?? 0 },
    { name: "Current", type: "integer", description: "How many pods there are.", cell: ({ status }) => status.replicas },
    { name: "Ready", type: "integer", description: "How many of them are ready.", cell: ({ status }) => status.readyReplicas ?? 0 },
    ageColumn,
    ...templateColumns<ReplicationController>(({ spec }) => spec.template),
    { name: "Selector", type: "string", wide: true, description: "Which pods are its own.", cell: ({ spec }) => formatLabels(spec.selector) },
  ],
};
