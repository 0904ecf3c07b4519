import type { Container, Pod, PodSchedulingGate, PodSpec, Toleration } from "#api/gen/core-v1.ts";
import { mirrorAnnotation } from "#api/pod.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import type { Cause } from "#apimachinery/status.ts";
import { forbidden, invalidValue } from "#apimachinery/validation/causes.ts";
import { difference } from "../../common/difference.ts";

const changeable = [
  "`spec.containers[*].image`",
  "`spec.initContainers[*].image`",
  "`spec.activeDeadlineSeconds`",
  "`spec.tolerations` (only additions to existing tolerations)",
  "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
].join(",");

/** What a user may change of a pod that exists. Upstream: pkg/apis/core/validation ValidatePodUpdate */
export function validatePodUpdate(next: Pod, old: Pod): readonly Cause[] {
  for (const list of ["containers", "initContainers"] as const) {
    if ((next.spec[list] ?? []).length !== (old.spec[list] ?? []).length) return [forbidden(`spec.${list}`, "pod updates may not add or remove containers")];
  }
  const causes = [
    ...validateDeadline(next.spec.activeDeadlineSeconds, old.spec.activeDeadlineSeconds),
    ...onlyAdded(next.spec.tolerations ?? [], old.spec.tolerations ?? []),
    ...onlyRemoved(next.spec.schedulingGates ?? [], old.spec.schedulingGates ?? []),
    ...validateAnnotations(next, old),
  ];
  if (semanticEqual(next.spec, old.spec)) return causes;
  const compared = withoutChangeable(next.spec, old.spec);
  if (semanticEqual(compared, old.spec)) return causes;
  return [...causes, forbidden("spec", `pod updates may not change fields other than ${changeable}\n${difference(old.spec, compared)}`)];
}

function validateDeadline(next: number | undefined, old: number | undefined): readonly Cause[] {
  const field = "spec.activeDeadlineSeconds";
  if (next === undefined) return old === undefined ? [] : [invalidValue(field, null, "must not update from a positive integer to nil value")];
  return old !== undefined && old < next ? [invalidValue(field, next, "must be less than or equal to previous value")] : [];
}

/** Upstream: pkg/apis/core/validation validateOnlyAddedTolerations */
function onlyAdded(next: readonly Toleration[], old: readonly Toleration[]): readonly Cause[] {
  const kept = old.every((before) => next.some((after) => semanticEqual({ ...before, tolerationSeconds: null }, { ...after, tolerationSeconds: null })));
  return kept ? [] : [forbidden("spec.tolerations", "existing toleration can not be modified except its tolerationSeconds")];
}

/** Upstream: pkg/apis/core/validation validateOnlyDeletedSchedulingGates */
const onlyRemoved = (next: readonly PodSchedulingGate[], old: readonly PodSchedulingGate[]): readonly Cause[] =>
  next.flatMap(({ name }, i) => (old.some((gate) => gate.name === name) ? [] : [forbidden(`spec.schedulingGates[${i}].name`, `only deletion is allowed, but found new scheduling gate '${name}'`)]));

/** Upstream: pkg/apis/core/validation ValidatePodSpecificAnnotationUpdates */
export function validateAnnotations(next: Pod, old: Pod): readonly Cause[] {
  const field = `metadata.annotations[${mirrorAnnotation}]`;
  const before = old.metadata.annotations?.[mirrorAnnotation];
  const after = next.metadata.annotations?.[mirrorAnnotation];
  if (before === after) return [];
  return [forbidden(field, before === undefined ? "may not add mirror pod annotation" : "may not remove or update mirror pod annotation")];
}

/** `next` with everything taken back that may change: what still differs is too much. */
function withoutChangeable(next: PodSpec, old: PodSpec): PodSpec {
  const images = (list: readonly Container[] | undefined, before: readonly Container[] | undefined): Container[] | undefined =>
    list?.map((container, i) => ({ ...container, image: before?.[i]?.image ?? "" }));
  const compared: Record<string, unknown> = {
    ...next,
    containers: images(next.containers, old.containers),
    initContainers: images(next.initContainers, old.initContainers),
    activeDeadlineSeconds: old.activeDeadlineSeconds,
    tolerations: old.tolerations,
    schedulingGates: old.schedulingGates,
  };
  if ((old.terminationGracePeriodSeconds ?? 0) < 0 && next.terminationGracePeriodSeconds === 1) compared["terminationGracePeriodSeconds"] = old.terminationGracePeriodSeconds;
  if ((old.schedulingGates ?? []).length > 0) allowGated(compared, next, old);
  return compared as unknown as PodSpec;
}

/** A pod that waits behind gates may be narrowed to fewer nodes. */
function allowGated(compared: Record<string, unknown>, next: PodSpec, old: PodSpec): void {
  const selector = Object.entries(old.nodeSelector ?? {});
  if (selector.every(([key, value]) => next.nodeSelector?.[key] === value)) compared["nodeSelector"] = old.nodeSelector;
  if (old.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution !== undefined) return;
  compared["affinity"] = { ...next.affinity, nodeAffinity: old.affinity?.nodeAffinity };
  if (semanticEqual(compared["affinity"], {})) compared["affinity"] = old.affinity;
}
