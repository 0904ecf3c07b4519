import type { PolicyRule } from "#api/gen/rbac-v1.ts";

export const read: readonly string[] = ["get", "list", "watch"];
export const write: readonly string[] = ["create", "delete", "deletecollection", "patch", "update"];
export const readWrite: readonly string[] = [...read, ...write].toSorted();

/** Verbs on resources of one group. */
export const on = (group: string, resources: string, verbs: readonly string[], names?: readonly string[]): PolicyRule =>
  ({ apiGroups: [group], resources: resources.split(" "), verbs: [...verbs], ...(names && { resourceNames: [...names] }) });

/** `get` on paths. */
export const paths = (...urls: readonly string[]): PolicyRule => ({ nonResourceURLs: [...urls], verbs: ["get"] });
