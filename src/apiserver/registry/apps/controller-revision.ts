import { controllerOf } from "#apimachinery/meta.ts";
import type { ControllerRevision } from "#api/gen/apps-v1.ts";
import { immutable, nonNegative, required } from "#apimachinery/validation/causes.ts";
import { ageColumn, nameColumn } from "../common/columns.ts";
import type { Resource } from "../resource.ts";

/** `daemonset.apps/web`, as kubectl names an owner. */
function controllerName(revision: ControllerRevision): string {
  const owner = controllerOf(revision);
  if (owner === undefined) return "<none>";
  const group = owner.apiVersion.includes("/") ? `.${owner.apiVersion.split("/")[0] ?? ""}` : "";
  return `${owner.kind.toLowerCase()}${group}/${owner.name}`;
}

/** Upstream: pkg/apis/apps/validation ValidateControllerRevision */
export const controllerRevisions: Resource<ControllerRevision> = {
  group: "apps", version: "v1", kind: "ControllerRevision", schema: "apps/v1.ControllerRevision", scope: "Namespaced",
  names: { plural: "controllerrevisions", singular: "controllerrevision" },
  validate: ({ data, revision }) => [...(data === undefined ? [required("data", "data is mandatory")] : []), ...nonNegative("revision", revision)],
  validateUpdate: (next, old) => immutable("data", next.data, old.data),
  columns: [
    nameColumn,
    { name: "Controller", type: "string", description: "Whose history this is.", cell: controllerName },
    { name: "Revision", type: "string", description: "Its place in the history.", cell: ({ revision }) => revision },
    ageColumn,
  ],
};
