import type { ResourceClaimTemplate } from "#api/gen/resource-v1.ts";
import { immutable } from "#apimachinery/validation/causes.ts";
import { validateAnnotations, validateLabels } from "#apimachinery/validation/metadata.ts";
import { ageColumn, nameColumn } from "../common/columns.ts";
import type { Resource } from "../resource.ts";
import { defaultClaimSpec, validateClaimSpec } from "./claim-spec.ts";

/** Upstream: pkg/apis/resource/validation ValidateResourceClaimTemplate */
export const resourceClaimTemplates: Resource<ResourceClaimTemplate> = {
  group: "resource.k8s.io", version: "v1", kind: "ResourceClaimTemplate", schema: "resource/v1.ResourceClaimTemplate", scope: "Namespaced",
  names: { plural: "resourceclaimtemplates", singular: "resourceclaimtemplate" },
  generation: false,
  defaults: ({ spec }) => defaultClaimSpec(spec.spec),
  validate: ({ spec }) => [
    ...validateLabels(spec.metadata?.labels, "spec.metadata.labels"),
    ...validateAnnotations(spec.metadata?.annotations, "spec.metadata.annotations"),
    ...validateClaimSpec(spec.spec, "spec.spec"),
  ],
  validateUpdate: (next, old) => immutable("spec", next.spec, old.spec),
  columns: [nameColumn, ageColumn],
};
