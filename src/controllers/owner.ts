import { apiVersionOf, type KubeObject, type OwnerReference } from "#apimachinery/meta.ts";
import type { ResourceRef } from "#api/resources.ts";

/** The reference by which `owner` manages what it makes. Upstream: apimachinery/pkg/apis/meta/v1 NewControllerRef */
export function controllerRef(owner: KubeObject, { group, version, kind }: Pick<ResourceRef, "group" | "version" | "kind">): OwnerReference {
  return { ...ownerRef(owner, { group, version, kind }), controller: true, blockOwnerDeletion: true };
}

/** The reference of one owner of several, without control. */
export function ownerRef(owner: KubeObject, { group, version, kind }: Pick<ResourceRef, "group" | "version" | "kind">): OwnerReference {
  return { apiVersion: apiVersionOf(group, version), kind, name: owner.metadata.name, uid: owner.metadata.uid ?? "" };
}
