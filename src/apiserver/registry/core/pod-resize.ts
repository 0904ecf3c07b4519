import type { Container, Pod, PodSpec, ResourceRequirements } from "#api/gen/core-v1.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import type { Cause } from "#apimachinery/status.ts";
import { forbidden, invalidValue } from "#apimachinery/validation/causes.ts";
import { isRestartableInit } from "#api/pod-resources.ts";
import { isMirrorPod, qosClass } from "#api/pod.ts";
import { validatePodSpec } from "./pod-spec/validate-spec.ts";

/** Takes back all but the resources of the pod and its containers. Upstream: pkg/registry/core/pod dropNonResizeUpdates */
export function keepOnlyResources(next: Pod, old: Pod): void {
  const take = (after: readonly Container[] | undefined, before: readonly Container[] | undefined): Container[] | undefined =>
    after?.map((container) => {
      const known = before?.find((c) => c.name === container.name);
      if (known === undefined) return container;
      const { resources: _, resizePolicy: __, ...rest } = known;
      return { ...rest, ...pick(container, "resources"), ...pick(container, "resizePolicy") };
    });
  const { metadata: { resourceVersion }, spec } = next;
  const containers = take(spec.containers, old.spec.containers) ?? [];
  const initContainers = take(spec.initContainers, old.spec.initContainers);
  const { resources: _, ...others } = old.spec;
  next.metadata = { ...old.metadata, ...(resourceVersion !== undefined && { resourceVersion }) };
  next.spec = { ...others, containers, ...(initContainers !== undefined && { initContainers }), ...pick(spec, "resources") };
  next.status = old.status;
}

const pick = <T extends object, K extends keyof T>(of: T, key: K): Partial<Pick<T, K>> => (of[key] === undefined ? {} : ({ [key]: of[key] } as Pick<T, K>));

/** Upstream: pkg/apis/core/validation ValidatePodResize */
export function validateResize(next: Pod, old: Pod): readonly Cause[] {
  if (isMirrorPod(old)) return [forbidden("", "static pods cannot be resized")];
  if (old.spec.os?.name === "windows") return [forbidden("", "windows pods cannot be resized")];
  const causes: readonly Cause[] = [
    ...validatePodSpec(next.spec, next.metadata.name),
    ...(old.status.qosClass !== undefined && qosClass(next) !== old.status.qosClass ? [invalidValue("metadata", qosClass(next), "Pod QOS Class may not change as a result of resizing")] : []),
    ...(isServed(old) ? [] : [forbidden("spec", "Pod running on node without support for resize")]),
    ...validateOfPod(next.spec, old.spec),
  ];
  const order = [...reordered("containers", next.spec, old.spec), ...reordered("initContainers", next.spec, old.spec)];
  return order.length > 0 ? [...causes, ...order] : [...causes, ...validateContainers(next.spec, old.spec)];
}

/** A node that can resize says what its running containers have. */
function isServed({ status }: Pod): boolean {
  const running = status.containerStatuses?.find(({ state }) => state?.running !== undefined);
  return running === undefined || running.resources !== undefined;
}

function validateOfPod({ resources: next }: PodSpec, { resources: old }: PodSpec): readonly Cause[] {
  if (old !== undefined && next === undefined) return [forbidden("spec.resources", "pod-level resources cannot be removed")];
  return [
    ...removed(next, old, "spec.resources", "pod-level resource"),
    ...(semanticEqual(others(next), others(old)) ? [] : [forbidden("spec", "only cpu and memory resources are mutable at pod-level")]),
  ];
}

function reordered(list: "containers" | "initContainers", next: PodSpec, old: PodSpec): readonly Cause[] {
  const [after, before] = [next[list] ?? [], old[list] ?? []];
  if (after.length !== before.length) return [forbidden(`spec.${list}`, `${list} may not be added or removed on resize`)];
  return after.flatMap(({ name }, i) => (name === before[i]?.name ? [] : [forbidden(`spec.${list}[${i}].name`, `${list} may not be renamed or reordered on resize`)]));
}

function validateContainers(next: PodSpec, old: PodSpec): readonly Cause[] {
  const inits = (next.initContainers ?? []).map((container, i) => ({ container, before: old.initContainers?.[i], field: `spec.initContainers[${i}]` }));
  const apps = next.containers.map((container, i) => ({ container, before: old.containers[i], field: `spec.containers[${i}]` }));
  const fixed = ({ resources, resizePolicy }: Container): unknown => ({ ...others(resources), resizePolicy });
  const changesMore = (container: Container, before: Container | undefined): boolean => before === undefined || !semanticEqual(fixed(container), fixed(before));
  return [
    ...[...inits, ...apps].flatMap(({ container, before, field }) => removed(container.resources, before?.resources, `${field}.resources`, "resource")),
    ...apps.flatMap(({ container, before }) => (changesMore(container, before) ? [forbidden("spec", "only cpu and memory resources are mutable")] : [])),
    ...inits.flatMap(({ container, before, field }) => [
      ...(changesMore(container, before) ? [forbidden(field, "only cpu and memory resources for init or sidecar containers are mutable")] : []),
      ...(!isRestartableInit(container) && !semanticEqual(container, before) && (before?.resizePolicy ?? []).some(({ restartPolicy }) => restartPolicy === "RestartContainer")
        ? [forbidden(field, "non-sidecar init containers with a resize policy of RestartContainer cannot be resized")]
        : []),
    ]),
  ];
}

const removed = (next: ResourceRequirements | undefined, old: ResourceRequirements | undefined, field: string, what: string): readonly Cause[] =>
  (["requests", "limits"] as const).flatMap((list) =>
    Object.keys(old?.[list] ?? {}).some((name) => next?.[list]?.[name] === undefined) ? [forbidden(`${field}.${list}`, `${what} ${list} cannot be removed`)] : []);

/** The resources that no resize may touch. */
function others(resources: ResourceRequirements | undefined): object {
  const rest = (list: Readonly<Record<string, string>> | undefined): object =>
    Object.fromEntries(Object.entries(list ?? {}).filter(([name]) => name !== "cpu" && name !== "memory"));
  return { limits: rest(resources?.limits), requests: rest(resources?.requests), claims: resources?.claims };
}
