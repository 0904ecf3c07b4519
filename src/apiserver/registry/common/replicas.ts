import type { PodTemplateSpec } from "#api/gen/core-v1.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import type { Resource } from "../resource.ts";
import { ageColumn, nameColumn, templateColumns } from "./columns.ts";
import { validateCounts } from "./counts.ts";

interface Replicated extends KubeObject {
  spec: { replicas?: number; readonly template?: PodTemplateSpec };
  readonly status: { readonly replicas: number; readonly readyReplicas?: number };
}

/**
 * What ReplicaSet and its elder, ReplicationController, show and let change alike.
 * @param selector the selector as the scale subresource tells it
 * @param shown the selector as people read it
 */
export const replicated = <T extends Replicated>(selector: (obj: T) => string, shown: (obj: T) => string): Pick<Resource<T>, "selectableFields" | "subresources" | "columns"> => ({
  selectableFields: { "status.replicas": ({ status }) => String(status.replicas) },
  subresources: {
    status: { type: "write", prepareUpdate: (next, old) => { next.spec = old.spec; }, validateUpdate: ({ status }) => validateCounts(status) },
    scale: {
      type: "scale",
      replicas: (obj) => ({ spec: obj.spec.replicas ?? 0, status: obj.status.replicas, selector: selector(obj) }),
      setReplicas: ({ spec }, replicas) => { spec.replicas = replicas; },
    },
  },
  columns: [
    nameColumn,
    { name: "Desired", type: "integer", description: "How many pods there should be.", cell: ({ spec }) => spec.replicas ?? 0 },
    { name: "Current", type: "integer", description: "How many pods there are.", cell: ({ status }) => status.replicas },
    { name: "Ready", type: "integer", description: "How many of them are ready.", cell: ({ status }) => status.readyReplicas ?? 0 },
    ageColumn,
    ...templateColumns<T>(({ spec }) => spec.template),
    { name: "Selector", type: "string", wide: true, description: "Which pods are its own.", cell: shown },
  ],
});
