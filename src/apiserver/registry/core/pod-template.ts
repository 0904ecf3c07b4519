import type { PodTemplate } from "#api/gen/core-v1.ts";
import { formatLabels, nameColumn, templateColumns } from "../common/columns.ts";
import type { Resource } from "../resource.ts";
import { defaultPodTemplate } from "./pod-spec/defaults.ts";
import { validatePodTemplate } from "./pod-spec/validate-spec.ts";

/** Upstream: pkg/apis/core/validation ValidatePodTemplate */
export const podTemplates: Resource<PodTemplate> = {
  group: "", version: "v1", kind: "PodTemplate", schema: "core/v1.PodTemplate", scope: "Namespaced",
  names: { plural: "podtemplates", singular: "podtemplate" },
  generation: true,
  defaults: ({ template }) => defaultPodTemplate(template),
  validate: ({ template }) => validatePodTemplate(template, "template"),
  columns: [
    nameColumn,
    ...templateColumns<PodTemplate>(({ template }) => template).map((column) => ({ ...column, wide: false })),
    { name: "Pod Labels", type: "string", description: "The labels for the pod template.", cell: ({ template }) => formatLabels(template?.metadata?.labels) },
  ],
};
