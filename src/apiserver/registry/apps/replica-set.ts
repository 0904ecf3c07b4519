import type { ReplicaSet } from "#api/gen/apps-v1.ts";
import { labelSelectorOf } from "#apimachinery/selectors.ts";
import { immutable, nonNegative } from "#apimachinery/validation/causes.ts";
import { ageColumn, nameColumn, templateColumns } from "../common/columns.ts";
import { validateCounts } from "../common/counts.ts";
import { defaultPodTemplate } from "../core/pod-spec/defaults.ts";
import type { Resource } from "../resource.ts";
import { selectorText, validateSelectedTemplate } from "./selected-template.ts";

/** Upstream: pkg/apis/apps/validation ValidateReplicaSetSpec */
export const replicaSets: Resource<ReplicaSet> = {
  group: "apps", version: "v1", kind: "ReplicaSet", schema: "apps/v1.ReplicaSet", scope: "Namespaced",
  names: { plural: "replicasets", singular: "replicaset", short: ["rs"], categories: ["all"] },
  defaults({ spec }) {
    spec.replicas ??= 1;
    defaultPodTemplate(spec.template);
  },
  validate: ({ spec }) => [
    ...nonNegative("spec.replicas", spec.replicas),
    ...nonNegative("spec.minReadySeconds", spec.minReadySeconds),
    ...validateSelectedTemplate(spec),
  ],
  validateUpdate: (next, old) => immutable("spec.selector", next.spec.selector, old.spec.selector),
  selectableFields: { "status.replicas": ({ status }) => String(status.replicas) },
  subresources: {
    status: { type: "write", prepareUpdate: (next, old) => { next.spec = old.spec; }, validateUpdate: ({ status }) => validateCounts(status) },
    scale: {
      type: "scale",
      replicas: ({ spec, status }) => ({ spec: spec.replicas ?? 0, status: status.replicas, selector: labelSelectorOf(spec.selector).toString() }),
      setReplicas: ({ spec }, replicas) => { spec.replicas = replicas; },
    },
  },
  columns: [
    nameColumn,
    { name: "Desired", type: "integer", description: "How many pods there should be.", cell: ({ spec }) => spec.replicas ?? 0 },
    { name: "Current", type: "integer", description: "How many pods there are.", cell: ({ status }) => status.replicas },
    { name: "Ready", type: "integer", description: "How many of them are ready.", cell: ({ status }) => status.readyReplicas ?? 0 },
    ageColumn,
    ...templateColumns<ReplicaSet>(({ spec }) => spec.template),
    { name: "Selector", type: "string", wide: true, description: "Which pods are its own.", cell: ({ spec }) => selectorText(spec.selector) },
  ],
};
