import type { Container, Pod, ResourceRequirements } from "#api/gen/core-v1.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import type { Cause } from "#apimachinery/status.ts";
import { forbidden, invalidValue } from "#apimachinery/validation/causes.ts";
import { qosClass } from "#api/pod.ts";
import { validatePodSpec } from "./pod-spec/validate-spec.ts";

/** Takes back all but the containers' resources. */
export function keepOnlyResources(next: Pod, old: Pod): void {
  const take = (after: readonly Container[] | undefined, before: readonly Container[] | undefined): Container[] | undefined =>
    after?.map((container) => {
      const known = before?.find((c) => c.name === container.name);
      if (known === undefined) return container;
      const merged: Container = { ...known, name: container.name };
      if (container.resources !== undefined) merged.resources = container.resources;
      return merged;
    });
  const { metadata: { resourceVersion }, spec } = next;
  const containers = take(spec.containers, old.spec.containers) ?? [];
  const initContainers = take(spec.initContainers, old.spec.initContainers);
  next.metadata = { ...old.metadata, ...(resourceVersion !== undefined && { resourceVersion }) };
  next.spec = { ...old.spec, containers, ...(initContainers !== undefined && { initContainers }) };
  next.status = old.status;
}

/** Upstream: pkg/apis/core/validation ValidatePodResize */
export function validateResize(next: Pod, old: Pod): readonly Cause[] {
  const causes: Cause[] = [...validatePodSpec(next.spec, next.metadata.name)];
  const names = (pod: Pod): readonly string[] => [...(pod.spec.initContainers ?? []), ...pod.spec.containers].map((c) => c.name);
  if (!semanticEqual(names(next), names(old))) return [...causes, forbidden("spec.containers", "containers may not be renamed or reordered on resize")];
  if (old.status.qosClass !== undefined && qosClass(next) !== old.status.qosClass) causes.push(invalidValue("metadata", qosClass(next), "Pod QOS Class may not change as a result of resizing"));
  for (const [i, container] of next.spec.containers.entries()) causes.push(...removed(container.resources, old.spec.containers[i]?.resources, `spec.containers[${i}].resources`));
  for (const [i, container] of (next.spec.initContainers ?? []).entries()) {
    const before = old.spec.initContainers?.[i];
    if (container.restartPolicy === "Always") causes.push(...removed(container.resources, before?.resources, `spec.initContainers[${i}].resources`));
    else if (!semanticEqual(container.resources, before?.resources)) causes.push(forbidden(`spec.initContainers[${i}].resources`, "resources for non-sidecar init containers are immutable"));
  }
  if (!semanticEqual(others(next), others(old))) causes.push(forbidden("spec", "only cpu and memory resources are mutable"));
  return causes;
}

const resizable: readonly string[] = ["cpu", "memory"];

function removed(next: ResourceRequirements | undefined, old: ResourceRequirements | undefined, field: string): readonly Cause[] {
  return (["requests", "limits"] as const).flatMap((list) =>
    resizable.filter((name) => old?.[list]?.[name] !== undefined && next?.[list]?.[name] === undefined).map(() => forbidden(`${field}.${list}`, `resource ${list} cannot be removed`)));
}

/** The resources that no resize may touch. */
const others = ({ spec }: Pod): unknown => [...(spec.initContainers ?? []), ...spec.containers].map(({ resources }) => {
  const rest = (list: Readonly<Record<string, string>> | undefined): unknown =>
    Object.fromEntries(Object.entries(list ?? {}).filter(([name]) => !resizable.includes(name)));
  return { limits: rest(resources?.limits), requests: rest(resources?.requests), claims: resources?.claims };
});
