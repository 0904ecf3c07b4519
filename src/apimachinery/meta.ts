/** What every object carries. The generated `api/gen/meta-v1.ts` fits these structurally. */
export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

export interface ObjectMeta {
  name: string;
  generateName?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
  finalizers?: string[];
  managedFields?: ManagedFieldsEntry[];
}

/** What one manager owns of an object. */
export interface ManagedFieldsEntry {
  manager?: string;
  operation?: string;
  apiVersion?: string;
  time?: string;
  fieldsType?: string;
  /** A `FieldSet`. */
  fieldsV1?: unknown;
  subresource?: string;
}

export interface KubeObject {
  kind?: string;
  apiVersion?: string;
  metadata: ObjectMeta;
}

export interface GroupResource { readonly group: string; readonly resource: string }
export interface GroupKind { readonly group: string; readonly kind: string }

/** `deployments.apps`; `pods` for the core group. */
export const qualified = (r: GroupResource): string => (r.group === "" ? r.resource : `${r.resource}.${r.group}`);

/** `apps/v1`; `v1` for the core group. */
export const apiVersionOf = (group: string, version: string): string => (group === "" ? version : `${group}/${version}`);

/** `namespace/name`, or the bare name of a cluster-scoped object. The key of caches and work queues. */
export const keyOf = (obj: { readonly metadata: { readonly name: string; readonly namespace?: string } }): string =>
  obj.metadata.namespace === undefined || obj.metadata.namespace === "" ? obj.metadata.name : `${obj.metadata.namespace}/${obj.metadata.name}`;

/** Splits what `keyOf` made. */
export function splitKey(key: string): { readonly namespace: string | undefined; readonly name: string } {
  const slash = key.indexOf("/");
  return slash < 0 ? { namespace: undefined, name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** The one owner that manages the object, if any. Upstream: apimachinery/pkg/apis/meta/v1 GetControllerOf */
export const controllerOf = (obj: { readonly metadata: { readonly ownerReferences?: readonly OwnerReference[] } }): OwnerReference | undefined =>
  obj.metadata.ownerReferences?.find((o) => o.controller === true);
