import type { CustomResourceDefinition, CustomResourceDefinitionNames } from "#api/gen/apiextensions-v1.ts";
import { cloneJson } from "#apimachinery/records.ts";
import { beginCleanup } from "../../crd/definition/cleanup.ts";
import { validateDefinition, validateDefinitionName, validateDefinitionUpdate, validateStatus, validateStoredVersions } from "../../crd/definition/spec-rules.ts";
import { nameColumn } from "../common/columns.ts";
import type { Resource } from "../resource.ts";

/** Upstream: apiextensions/v1 SetDefaults_CustomResourceDefinitionSpec */
function defaults({ spec }: CustomResourceDefinition): void {
  const { names } = spec;
  names.singular ||= names.kind.toLowerCase();
  if (names.kind !== "") names.listKind ||= `${names.kind}List`;
  spec.conversion ??= { strategy: "None" };
  const service = spec.conversion.webhook?.clientConfig?.service;
  if (service !== undefined) service.port ??= 443;
}

/** Objects may lie in the store in every version that was the storage version once. */
function noteStorageVersion({ spec, status }: CustomResourceDefinition): void {
  const storage = spec.versions.find((version) => version.storage);
  if (storage !== undefined && status.storedVersions?.includes(storage.name) !== true) status.storedVersions = [...(status.storedVersions ?? []), storage.name];
}

const none: CustomResourceDefinitionNames = { plural: "", kind: "" };

/** What a definition makes is in `crd/`. Upstream: apiextensions-apiserver/pkg/registry/customresourcedefinition */
export const customResourceDefinitions: Resource<CustomResourceDefinition> = {
  group: "apiextensions.k8s.io", version: "v1", kind: "CustomResourceDefinition", schema: "apiextensions/v1.CustomResourceDefinition", scope: "Cluster",
  names: { plural: "customresourcedefinitions", singular: "customresourcedefinition", short: ["crd", "crds"], categories: ["api-extensions"] },
  unconditionalUpdate: false,
  defaults,
  prepareCreate(crd) {
    crd.status = { acceptedNames: { ...none } };
    noteStorageVersion(crd);
  },
  prepareUpdate: noteStorageVersion,
  validate: validateDefinition,
  validateCreate: validateDefinitionName,
  validateUpdate: validateDefinitionUpdate,
  heldBack: ({ metadata }) => metadata.deletionTimestamp === undefined, // the first request to delete only marks
  markDeleting: beginCleanup,
  subresources: {
    status: {
      type: "write",
      prepareUpdate(next, old) {
        next.spec = old.spec;
        const { finalizers } = next.metadata;
        next.metadata = { ...cloneJson(old.metadata), ...(finalizers && { finalizers }) };
      },
      validateUpdate: ({ spec, status }) => [...validateStatus(status), ...validateStoredVersions(status.storedVersions ?? [], spec.versions)],
    },
  },
  columns: [nameColumn, { name: "Created At", type: "date", description: "When it was made.", cell: ({ metadata }) => metadata.creationTimestamp ?? "" }],
};
