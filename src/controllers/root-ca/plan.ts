import type { ConfigMap, Namespace } from "#api/gen/core-v1.ts";
import { isGoing } from "../serviceaccount/plan.ts";

export const rootCaName = "kube-root-ca.crt";
/** What a reader of the ConfigMap is told, in upstream's words, which clients compare. */
const description = "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.";

export type Plan = { readonly action: "create" | "update"; readonly map: ConfigMap } | { readonly action: "none" };

/** Brings the namespace's ConfigMap to hold the cluster's CA and nothing else. @param ca PEM */
export function plan(namespace: Namespace | undefined, map: ConfigMap | undefined, ca: string): Plan {
  if (namespace === undefined || isGoing(namespace)) return { action: "none" };
  const annotations = { "kubernetes.io/description": description };
  if (map === undefined) return { action: "create", map: { metadata: { name: rootCaName, namespace: namespace.metadata.name, annotations }, data: { "ca.crt": ca } } };
  const { data = {}, metadata } = map;
  if (data["ca.crt"] === ca && Object.keys(data).length === 1 && map.binaryData === undefined && metadata.annotations?.["kubernetes.io/description"] === description) return { action: "none" };
  const { binaryData: _, ...rest } = map;
  return { action: "update", map: { ...rest, metadata: { ...metadata, annotations: { ...metadata.annotations, ...annotations } }, data: { "ca.crt": ca } } };
}
