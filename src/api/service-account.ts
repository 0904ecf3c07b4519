/** Who a service account is towards the API server. Upstream: apiserver/pkg/authentication/serviceaccount/util.go */

/** Upstream: MakeUsername */
export const accountUser = (namespace: string, name: string): string => `system:serviceaccount:${namespace}:${name}`;
/** Upstream: MakeGroupNames */
export const accountGroups = (namespace: string): string[] => ["system:serviceaccounts", `system:serviceaccounts:${namespace}`];
