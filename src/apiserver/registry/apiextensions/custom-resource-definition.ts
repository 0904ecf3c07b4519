import type { CustomResourceDefinition } from "#api/gen/apiextensions-v1.ts";
import { nameColumn } from "../common/columns.ts";
import type { Resource } from "../resource.ts";

/**
 * Read only, and always empty: custom resources are not served yet. kubectl lists the definitions before it says that
 * it does not know a kind.
 */
export const customResourceDefinitions: Resource<CustomResourceDefinition> = {
  group: "apiextensions.k8s.io", version: "v1", kind: "CustomResourceDefinition", schema: "apiextensions/v1.CustomResourceDefinition", scope: "Cluster",
  names: { plural: "customresourcedefinitions", singular: "customresourcedefinition", short: ["crd", "crds"], categories: ["api-extensions"] },
  verbs: ["get", "list", "watch"],
  columns: [nameColumn, { name: "Created At", type: "date", description: "When it was made.", cell: ({ metadata }) => metadata.creationTimestamp ?? "" }],
};
