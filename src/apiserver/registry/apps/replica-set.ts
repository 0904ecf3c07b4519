import type { ReplicaSet } from "#api/gen/apps-v1.ts";
import { labelSelectorOf } from "#apimachinery/selectors.ts";
import { immutable, nonNegative } from "#apimachinery/validation/causes.ts";
import { replicated } from "../common/replicas.ts";
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
  ...replicated<ReplicaSet>(({ spec }) => labelSelectorOf(spec.selector).toString(), ({ spec }) => selectorText(spec.selector)),
};
