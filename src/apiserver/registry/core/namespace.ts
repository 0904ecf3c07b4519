import { setOf } from "#apimachinery/apply/field-set.ts";
import type { Namespace } from "#api/gen/core-v1.ts";
import { eachInvalid, invalidValue } from "#apimachinery/validation/causes.ts";
import { dns1123Label, prefixOf, qualifiedName } from "#apimachinery/validation/names.ts";
import { ageColumn, nameColumn } from "../common/columns.ts";
import type { Resource } from "../resource.ts";

const nameLabel = "kubernetes.io/metadata.name";

function label(ns: Namespace): void {
  if (ns.metadata.name) ns.metadata.labels = { ...ns.metadata.labels, [nameLabel]: ns.metadata.name };
}

/** Upstream: pkg/registry/core/namespace, pkg/apis/core/validation ValidateNamespace */
export const namespaces: Resource<Namespace> = {
  group: "", version: "v1", kind: "Namespace", schema: "core/v1.Namespace", scope: "Cluster",
  names: { plural: "namespaces", singular: "namespace", short: ["ns"] },
  verbs: ["create", "get", "list", "watch", "update", "patch", "delete"],
  validateName: (name, prefix) => dns1123Label(prefix ? prefixOf(name) : name),
  generation: false,
  defaults: label,
  prepareCreate(ns) {
    ns.status = { phase: "Active" };
    ns.spec ??= {};
    if (!ns.spec.finalizers?.includes("kubernetes")) ns.spec.finalizers = [...(ns.spec.finalizers ?? []), "kubernetes"];
    label(ns);
  },
  prepareUpdate(next, old) {
    next.spec = { ...old.spec };
    next.status = old.status;
    label(next);
  },
  validate: ({ spec }) => (spec.finalizers ?? []).flatMap((name, i) => eachInvalid(`spec.finalizers[${i}]`, name, qualifiedName(name))),
  selectableFields: { "status.phase": ({ status }) => status.phase ?? "", name: ({ metadata }) => metadata.name },
  heldBack: ({ spec }) => (spec.finalizers ?? []).length > 0,
  markDeleting(ns) {
    ns.status.phase = "Terminating";
  },
  subresources: {
    status: {
      type: "write",
      prepareUpdate(next, old) {
        next.spec = old.spec;
      },
      validateUpdate: ({ metadata, status }) => {
        const wanted = metadata.deletionTimestamp === undefined ? "Active" : "Terminating";
        if (status.phase === wanted) return [];
        return [invalidValue("status.Phase", status.phase ?? "", wanted === "Active" ? "may only be 'Active' if `deletionTimestamp` is empty" : "may only be 'Terminating' if `deletionTimestamp` is not empty")];
      },
    },
    finalize: {
      type: "write", verbs: ["update"],
      prepareUpdate(next, old) {
        next.status = old.status;
      },
      resetFields: setOf(["status"]),
    },
  },
  columns: [
    nameColumn,
    { name: "Status", type: "string", description: "The status of the namespace", cell: ({ status }) => status.phase ?? "" },
    ageColumn,
  ],
};
