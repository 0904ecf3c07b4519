import type { ContainerStatus, Pod, PodSpec } from "#api/gen/core-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { duplicate, eachInvalid, forbidden, invalidValue } from "#apimachinery/validation/causes.ts";
import { dns1123Subdomain, ipAddress, qualifiedName } from "#apimachinery/validation/names.ts";
import { couldRestartAll } from "#api/restart-rules.ts";
import { validateAnnotations } from "./pod-spec/validate-update.ts";

const ownConditions: ReadonlySet<string> = new Set(["PodScheduled", "Ready", "Initialized"]);

/** Upstream: pkg/apis/core/validation ValidatePodStatusUpdate */
export function validatePodStatus(next: Pod, old: Pod): readonly Cause[] {
  const nominated = next.status.nominatedNodeName ?? "";
  const { spec } = old;
  return [
    ...validateAnnotations(next, old),
    ...(next.status.conditions ?? []).flatMap(({ type }, i) => (ownConditions.has(type) ? [] : eachInvalid(`status.conditions[${i}].Type`, type, qualifiedName(type)))),
    ...(nominated !== "" && nominated !== old.status.nominatedNodeName ? eachInvalid("status.nominatedNodeName", nominated, dns1123Subdomain(nominated)) : []),
    ...notRevived(next.status.containerStatuses, old.status.containerStatuses, spec, "status.containerStatuses"),
    ...notRevived(next.status.initContainerStatuses, old.status.initContainerStatuses, spec, "status.initContainerStatuses"),
    ...notRevived(next.status.ephemeralContainerStatuses, old.status.ephemeralContainerStatuses, { containers: [], restartPolicy: "Never" }, "status.ephemeralContainerStatuses"),
    ...validateAddresses((next.status.podIPs ?? []).map((a) => a.ip), "status.podIPs"),
    ...validateAddresses((next.status.hostIPs ?? []).map((a) => a.ip), "status.hostIPs"),
  ];
}

/** A container that ended for good stays ended. Upstream: pkg/apis/core/validation ValidateContainerStateTransition */
function notRevived(next: readonly ContainerStatus[] | undefined, old: readonly ContainerStatus[] | undefined, spec: PodSpec, field: string): readonly Cause[] {
  if (spec.restartPolicy === "Always" || couldRestartAll(spec)) return [];
  return (old ?? []).flatMap((before, i) => {
    const end = before.state?.terminated;
    if (end === undefined || (end.exitCode !== 0 && spec.restartPolicy === "OnFailure") || mayRestart(spec, before.name)) return [];
    const after = next?.find((status) => status.name === before.name);
    return after !== undefined && after.state?.terminated === undefined ? [forbidden(`${field}[${i}].state`, "may not be transitioned to non-terminated state")] : [];
  });
}

const mayRestart = (spec: PodSpec, name: string): boolean => {
  const container = [...(spec.initContainers ?? []), ...spec.containers].find((c) => c.name === name);
  return container?.restartPolicy === "Always" || (container?.restartPolicyRules ?? []).length > 0;
};

function validateAddresses(addresses: readonly string[], field: string): readonly Cause[] {
  const families = addresses.map((address) => (address.includes(":") ? 6 : 4));
  return [
    ...addresses.flatMap((address, i) => eachInvalid(`${field}[${i}]`, address, ipAddress(address))),
    ...(new Set(families).size < families.length
      ? [invalidValue(field, addresses.map((ip) => ({ ip })), "may specify no more than one IP for each IP family")]
      : []),
    ...addresses.flatMap((ip, i) => (addresses.indexOf(ip) < i ? [duplicate(`${field}[${i}]`, { ip })] : [])),
  ];
}
