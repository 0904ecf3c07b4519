/** What a pod may know of itself. Upstream: pkg/fieldpath/fieldpath.go, pkg/api/v1/resource/helpers.go */
import { Quantity } from "#apimachinery/quantity.ts";
import { quote } from "#apimachinery/quote.ts";
import { qualifiedName } from "#apimachinery/validation/names.ts";
import type { Container, Pod, ResourceFieldSelector } from "./gen/core-v1.ts";
import { visitContainers } from "./pod.ts";

/** A reference that nothing answers to. */
export class DownwardError extends Error {
  override readonly name = "DownwardError";
}

/**
 * The value of `fieldRef`. Addresses are those in the pod's status. Throws DownwardError in upstream's words.
 * @param fieldPath `metadata.name`, `metadata.labels['app']`, `status.podIP`, …
 */
export function fieldValue(pod: Pod, fieldPath: string): string {
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
    case "status.hostIP": return pod.status.hostIP ?? "";
    case "status.hostIPs": return (pod.status.hostIPs ?? []).map((a) => a.ip).join(",");
    case "status.podIP": return pod.status.podIP ?? "";
    case "status.podIPs": return (pod.status.podIPs ?? []).map((a) => a.ip).join(",");
    default: throw new DownwardError(`unsupported fieldPath: ${fieldPath}`);
  }
}

function subscripted(pod: Pod, fieldPath: string, path: string, key: string): string {
  if (path !== "metadata.labels" && path !== "metadata.annotations") throw new DownwardError(`fieldPath ${quote(fieldPath)} does not support subscript`);
  const errors = qualifiedName(path === "metadata.annotations" ? key.toLowerCase() : key);
  if (errors.length > 0) throw new DownwardError(`invalid key subscript in ${fieldPath}: ${errors.join(";")}`);
  const map = path === "metadata.labels" ? pod.metadata.labels : pod.metadata.annotations;
  return map !== undefined && Object.hasOwn(map, key) ? (map[key] ?? "") : "";
}

/** One `key="value"` a line, sorted. */
function formatMap(map: Readonly<Record<string, string>> | undefined): string {
  return Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => `${key}=${quote(value)}`).join("\n");
}

/**
 * The value of `resourceFieldRef`: the amount in units of the divisor, rounded up. A missing limit is what the node has
 * to give. Throws DownwardError in upstream's words.
 * @param containerName whose environment this is, where the selector names none
 */
export function resourceFieldValue(pod: Pod, selector: ResourceFieldSelector, containerName: string, allocatable: Readonly<Record<string, string>>): string {
  const name = selector.containerName || containerName;
  const container = visitContainers(pod.spec).find((v) => v.container.name === name)?.container;
  if (container === undefined) throw new DownwardError(`container ${name} not found`);
  const [, list, resource = ""] = /^(limits|requests)\.(.+)$/.exec(selector.resource) ?? [];
  if (list === undefined || !(common.includes(resource) || resource.startsWith("hugepages-"))) throw new DownwardError(`unsupported container resource : ${selector.resource}`);
  const amount = Quantity.parse(list === "limits" ? limitOf(container, resource, allocatable) : (container.resources?.requests?.[resource] ?? "0"));
  const given = Quantity.parse(selector.divisor ?? "0");
  const divisor = given.isZero() ? Quantity.of(1) : given;
  const milli = resource === "cpu";
  return String(Math.ceil(milli ? amount.milliValue / divisor.milliValue : amount.value / divisor.value));
}

const common: readonly string[] = ["cpu", "memory", "ephemeral-storage"];

/** Huge pages always have a limit of their own. */
function limitOf(container: Pick<Container, "resources">, resource: string, allocatable: Readonly<Record<string, string>>): string {
  const own = container.resources?.limits?.[resource] ?? "0";
  return Quantity.parse(own).isZero() && common.includes(resource) ? (allocatable[resource] ?? "0") : own;
}
