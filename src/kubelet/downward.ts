/** Values of a pod's own fields and resources, for env and downward API volumes. Upstream: pkg/fieldpath, pkg/api/v1/resource ExtractContainerResourceValue */
import { Quantity } from "#apimachinery/quantity.ts";
import type { Container, Pod, ResourceFieldSelector } from "#api/gen/core-v1.ts";
import { findContainer } from "./containers.ts";

/** @param status what the kubelet knows now, newer than the pod's own. Throws in upstream's words for a path that is not supported. */
export function fieldValue(pod: Pod, path: string, facts: { readonly podIps: readonly string[]; readonly hostIps: readonly string[] }): string {
  const { metadata, spec } = pod;
  const keyed = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path);
  if (keyed !== null) return (keyed[1] === "labels" ? metadata.labels : metadata.annotations)?.[keyed[2] ?? ""] ?? "";
  switch (path) {
    case "metadata.name":
      return metadata.name;
    case "metadata.namespace":
      return metadata.namespace ?? "";
    case "metadata.uid":
      return metadata.uid ?? "";
    case "metadata.labels":
      return formatMap(metadata.labels);
    case "metadata.annotations":
      return formatMap(metadata.annotations);
    case "spec.nodeName":
      return spec.nodeName ?? "";
    case "spec.serviceAccountName":
      return spec.serviceAccountName ?? "";
    case "status.hostIP":
      return facts.hostIps[0] ?? "";
    case "status.hostIPs":
      return facts.hostIps.join(",");
    case "status.podIP":
      return facts.podIps[0] ?? "";
    case "status.podIPs":
      return facts.podIps.join(",");
    default:
      throw new Error(`unsupported fieldPath: ${path}`);
  }
}

/** `key="value"` lines, sorted. Upstream: pkg/fieldpath FormatMap */
export const formatMap = (map: Readonly<Record<string, string>> = {}): string =>
  Object.entries(map)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join("\n");

/**
 * A container's limit or request as text, in units of the divisor, rounded up; a missing limit is what the node can give.
 * @param allocatable of the node. Throws when the container or the resource is unknown.
 */
export function resourceValue(
  pod: Pod,
  selector: ResourceFieldSelector,
  own: Container | undefined,
  allocatable: Readonly<Record<string, string>>,
): string {
  const container =
    selector.containerName === undefined || selector.containerName === "" ? own : findContainer(pod, selector.containerName)?.container;
  if (container === undefined) throw new Error(`container ${selector.containerName ?? ""} not found`);
  const [, kind, resource] = /^(limits|requests)\.(cpu|memory|ephemeral-storage|hugepages-.+)$/.exec(selector.resource) ?? [];
  if (kind === undefined || resource === undefined) throw new Error(`unsupported container resource : ${selector.resource}`);
  const limit = container.resources?.limits?.[resource];
  const amount = kind === "limits" ? (limit ?? allocatable[resource] ?? "0") : (container.resources?.requests?.[resource] ?? limit ?? "0");
  const divisor = selector.divisor === undefined || selector.divisor === "0" || selector.divisor === "" ? "1" : selector.divisor;
  const [have, per] = [Quantity.parse(amount), Quantity.parse(divisor)];
  return resource === "cpu" ? String(Math.ceil(have.milliValue / per.milliValue)) : String(Math.ceil(have.value / per.value));
}
