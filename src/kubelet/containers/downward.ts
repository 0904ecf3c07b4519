/** What a pod may know of itself, for its environment and downward API volumes. Upstream: pkg/fieldpath/fieldpath.go, pkg/api/v1/resource/helpers.go */
import { Quantity } from "#apimachinery/quantity.ts";
import { quote } from "#apimachinery/quote.ts";
import { qualifiedName } from "#apimachinery/validation/names.ts";
import type { Container, Pod, ResourceFieldSelector } from "#api/gen/core-v1.ts";
import { isHugePages } from "#api/resource-names.ts";
import { findContainer } from "./containers.ts";

/** Addresses as the kubelet knows them now, which may be newer than the pod's status. */
interface Addresses { readonly podIps: readonly string[]; readonly hostIps: readonly string[] }

/**
 * The value of `fieldRef`. Throws in upstream's words for a path that is not supported.
 * @param fieldPath `metadata.name`, `metadata.labels['app']`, `status.podIP`, …
 */
export function fieldValue(pod: Pod, fieldPath: string, { podIps, hostIps }: Addresses): string {
  const [, path, key] = /^(.+?)\['([^]*)'\]$/.exec(fieldPath) ?? [];
  if (path !== undefined && key !== undefined) return subscripted(pod, fieldPath, path, key);
  switch (fieldPath) {
    case "metadata.name": return pod.metadata.name;
    case "metadata.namespace": return pod.metadata.namespace ?? "";
    case "metadata.uid": return pod.metadata.uid ?? "";
    case "metadata.labels": return formatMap(pod.metadata.labels);
    case "metadata.annotations": return formatMap(pod.metadata.annotations);
    case "spec.nodeName": return pod.spec.nodeName ?? "";
    case "spec.serviceAccountName": return pod.spec.serviceAccountName ?? "";
    case "status.hostIP": return hostIps[0] ?? "";
    case "status.hostIPs": return hostIps.join(",");
    case "status.podIP": return podIps[0] ?? "";
    case "status.podIPs": return podIps.join(",");
    default: throw new Error(`unsupported fieldPath: ${fieldPath}`);
  }
}

function subscripted(pod: Pod, fieldPath: string, path: string, key: string): string {
  if (path !== "metadata.labels" && path !== "metadata.annotations") throw new Error(`fieldPath ${quote(fieldPath)} does not support subscript`);
  const errors = qualifiedName(path === "metadata.annotations" ? key.toLowerCase() : key);
  if (errors.length > 0) throw new Error(`invalid key subscript in ${fieldPath}: ${errors.join(";")}`);
  const map = path === "metadata.labels" ? pod.metadata.labels : pod.metadata.annotations;
  return map !== undefined && Object.hasOwn(map, key) ? (map[key] ?? "") : "";
}

/** One `key="value"` a line, sorted. */
function formatMap(map: Readonly<Record<string, string>> | undefined): string {
  return Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => `${key}=${quote(value)}`).join("\n");
}

/**
 * The value of `resourceFieldRef`: the amount in units of the divisor, rounded up. A missing limit is what the node has
 * to give. Throws in upstream's words when the container or the resource is unknown.
 * @param own whose environment this is, meant where the selector names none
 */
export function resourceValue(pod: Pod, selector: ResourceFieldSelector, own: Container | undefined, allocatable: Readonly<Record<string, string>>): string {
  const container = selector.containerName ? findContainer(pod, selector.containerName)?.container : own;
  if (container === undefined) throw new Error(`container ${selector.containerName ?? ""} not found`);
  const [, list, resource = ""] = /^(limits|requests)\.(.+)$/.exec(selector.resource) ?? [];
  if (list === undefined || !(common.includes(resource) || isHugePages(resource))) throw new Error(`unsupported container resource : ${selector.resource}`);
  const amount = Quantity.parse(list === "limits" ? limitOf(container, resource, allocatable) : (container.resources?.requests?.[resource] ?? "0"));
  const given = Quantity.parse(selector.divisor || "0");
  const divisor = given.isZero() ? Quantity.of(1) : given;
  return String(Math.ceil(resource === "cpu" ? amount.milliValue / divisor.milliValue : amount.value / divisor.value));
}

const common: readonly string[] = ["cpu", "memory", "ephemeral-storage"];

/** Huge pages always have a limit of their own. */
function limitOf(container: Pick<Container, "resources">, resource: string, allocatable: Readonly<Record<string, string>>): string {
  const own = container.resources?.limits?.[resource] ?? "0";
  return Quantity.parse(own).isZero() && common.includes(resource) ? (allocatable[resource] ?? "0") : own;
}
