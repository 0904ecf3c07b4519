import { setOf } from "#apimachinery/apply/field-set.ts";
import type { Pod } from "#api/gen/core-v1.ts";
import { isMirrorPod, isTerminalPhase, mirrorAnnotation, qosClass } from "#api/pod.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import type { Cause } from "#apimachinery/status.ts";
import { forbidden, invalidValue } from "#apimachinery/validation/causes.ts";
import { dns1123Label } from "#apimachinery/validation/names.ts";
import type { Resource, StatusLike } from "../resource.ts";
import { podColumns } from "./pod-columns.ts";
import { keepOnlyResources, validateResize } from "./pod-resize.ts";
import { defaultPod } from "./pod-spec/defaults.ts";
import { applyMatchLabelKeys } from "./pod-spec/match-label-keys.ts";
import { validatePodSpec } from "./pod-spec/validate-spec.ts";
import { validatePodUpdate } from "./pod-spec/validate-update.ts";
import { validatePodStatus } from "./pod-status-update.ts";

const defaultGraceSeconds = 30;

function prepareCreate(pod: Pod): void {
  pod.status = { phase: "Pending", qosClass: qosClass(pod) };
  if ((pod.spec.schedulingGates ?? []).length > 0) {
    pod.status.conditions = [{ type: "PodScheduled", status: "False", reason: "SchedulingGated", message: "Scheduling is blocked due to non-empty scheduling gates" }];
  }
  applyMatchLabelKeys(pod);
}

/** Upstream: pkg/apis/core/validation ValidatePodCreate; what only a create may not hold is told from the missing uid of an update by `validateUpdate`. */
function validate(pod: Pod): readonly Cause[] {
  const isMirror = isMirrorPod(pod);
  const token = (pod.spec.volumes ?? []).flatMap((volume, i) => (volume.projected?.sources ?? []).flatMap((source, j) =>
    source.serviceAccountToken !== undefined && !pod.spec.serviceAccountName
      ? [forbidden(`spec.volumes[${i}].projected.sources[${j}].serviceAccountToken`, "must not be specified when serviceAccountName is not set")]
      : []));
  return [
    ...(isMirror && !pod.spec.nodeName
      ? [invalidValue(`metadata.annotations[${mirrorAnnotation}]`, pod.metadata.annotations?.[mirrorAnnotation], "must set spec.nodeName if mirror pod annotation is set")]
      : []),
    ...validatePodSpec(pod.spec, pod.metadata.name),
    ...token,
  ];
}

function validateCreate({ spec }: Pod): readonly Cause[] {
  return [
    ...(spec.ephemeralContainers?.length ? [forbidden("spec.ephemeralContainers", "cannot be set on create")] : []),
    ...(spec.nodeName && spec.schedulingGates?.length ? [forbidden("spec.nodeName", "cannot be set until all schedulingGates have been cleared")] : []),
  ];
}

/** Upstream: pkg/registry/core/pod podStrategy.CheckGracefulDelete */
export function podGrace({ spec, status }: Pod, asked: number | undefined): number {
  if (!spec.nodeName || isTerminalPhase(status.phase)) return 0;
  const grace = asked ?? spec.terminationGracePeriodSeconds ?? defaultGraceSeconds;
  return grace < 0 ? 1 : grace;
}

const status: StatusLike<Pod> = {
  type: "write",
  prepareUpdate(next, old) {
    next.spec = old.spec;
    for (const field of ["deletionTimestamp", "ownerReferences", "generation"] as const) restore(next.metadata, old.metadata, field);
    if (next.status.qosClass === undefined && old.status.qosClass !== undefined) next.status.qosClass = old.status.qosClass;
  },
  validateUpdate: validatePodStatus,
  resetFields: setOf(["spec"], ["metadata", "deletionTimestamp"], ["metadata", "ownerReferences"]),
};

function restore<T extends object, K extends keyof T>(next: T, old: T, field: K): void {
  if (old[field] === undefined) delete next[field];
  else next[field] = old[field];
}

const ephemeralContainers: StatusLike<Pod> = {
  type: "write",
  prepareUpdate(next, old) {
    const { metadata: { resourceVersion }, spec: { ephemeralContainers: containers } } = next;
    next.metadata = { ...old.metadata, ...(resourceVersion !== undefined && { resourceVersion }) };
    next.spec = { ...old.spec, ...(containers !== undefined && { ephemeralContainers: containers }) };
    next.status = old.status;
  },
  /** Upstream: pkg/apis/core/validation ValidatePodEphemeralContainersUpdate */
  validateUpdate(next, old) {
    if (isMirrorPod(old)) return [forbidden("", "static pods do not support ephemeral containers")];
    const field = "spec.ephemeralContainers";
    const changed = (old.spec.ephemeralContainers ?? []).flatMap((before) => {
      const after = next.spec.ephemeralContainers?.find((c) => c.name === before.name);
      if (after === undefined) return [forbidden(field, `existing ephemeral containers "${before.name}" may not be removed\n`)];
      return semanticEqual(after, before) ? [] : [forbidden(field, `existing ephemeral containers "${before.name}" may not be changed\n`)];
    });
    return [...validate(next), ...changed];
  },
};

export const pods: Resource<Pod> = {
  group: "", version: "v1", kind: "Pod", schema: "core/v1.Pod", scope: "Namespaced",
  names: { plural: "pods", singular: "pod", short: ["po"], categories: ["all"] },
  defaults: defaultPod,
  prepareCreate,
  validate: (pod) => (pod.metadata.resourceVersion ? validate(pod) : [...validate(pod), ...validateCreate(pod)]),
  validateUpdate: validatePodUpdate,
  warnings({ metadata }) {
    const problems = dns1123Label(metadata.name);
    if (problems.length === 0) return [];
    return [`metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [${problems.join(" ")}]`];
  },
  selectableFields: {
    "spec.nodeName": ({ spec }) => spec.nodeName ?? "",
    "spec.restartPolicy": ({ spec }) => spec.restartPolicy ?? "",
    "spec.schedulerName": ({ spec }) => spec.schedulerName ?? "",
    "spec.serviceAccountName": ({ spec }) => spec.serviceAccountName ?? "",
    "spec.hostNetwork": ({ spec }) => String(spec.hostNetwork ?? false),
    "status.phase": (pod) => pod.status.phase ?? "",
    "status.podIP": (pod) => pod.status.podIPs?.[0]?.ip ?? pod.status.podIP ?? "",
    "status.nominatedNodeName": (pod) => pod.status.nominatedNodeName ?? "",
  },
  gracePeriod: podGrace,
  subresources: {
    status,
    ephemeralcontainers: ephemeralContainers,
    resize: { type: "write", prepareUpdate: keepOnlyResources, validateUpdate: validateResize },
    binding: { type: "action", group: "", version: "v1", kind: "Binding", schema: "core/v1.Binding", verbs: ["create"] },
    eviction: { type: "action", group: "policy", version: "v1", kind: "Eviction", schema: "policy/v1.Eviction", verbs: ["create"] },
    log: { type: "connect", kind: "Pod", verbs: ["get"] },
    exec: { type: "connect", kind: "PodExecOptions", verbs: ["create", "get"] },
    attach: { type: "connect", kind: "PodAttachOptions", verbs: ["create", "get"] },
    portforward: { type: "connect", kind: "PodPortForwardOptions", verbs: ["create", "get"] },
    proxy: { type: "connect", kind: "PodProxyOptions", verbs: ["create", "delete", "get", "patch", "update"] },
  },
  columns: podColumns,
};
