import { isTrue } from "./connect-verbs.ts";
import type { RequestInfo } from "./request-info.ts";

export const targetLabelNames = ["verb", "group", "version", "resource", "subresource", "scope", "component"] as const;
const separator = "\n";

/** A request's labels as upstream's metrics have them, in one text. Upstream: apiserver/pkg/endpoints/metrics */
export function targetLabels({ verb, target, path, query }: RequestInfo): string {
  if (target === undefined) return [verb.toUpperCase(), "", "", "", path, "", "apiserver"].join(separator);
  const { group, version, resource, subresource, namespace, name } = target;
  const scope = name !== "" ? "resource" : namespace !== "" ? "namespace" : "cluster";
  const connects = subresource === "exec" || subresource === "attach" || subresource === "portforward" || subresource === "proxy" || (subresource === "log" && isTrue(query, "follow"));
  return [connects ? "CONNECT" : verb.toUpperCase(), group, version, resource, subresource, scope, "apiserver"].join(separator);
}

/** The labels that were joined, by name. */
export function asLabels(joined: string): Record<(typeof targetLabelNames)[number], string> {
  const values = joined.split(separator);
  return Object.fromEntries(targetLabelNames.map((name, i) => [name, values[i] ?? ""])) as Record<(typeof targetLabelNames)[number], string>;
}
