/** What a DaemonSet's pods have beyond its template. Pure. Upstream: pkg/controller/daemon/util/daemonset_util.go */
import type { DaemonSet } from "#api/gen/apps-v1.ts";
import type { Affinity, Pod, PodSpec, PodTemplateSpec, Toleration } from "#api/gen/core-v1.ts";
import { revisionLabel } from "../revisions/plan.ts";

const generationAnnotation = "deprecated.daemonset.template.generation";
const generationLabel = "pod-template-generation";

const tolerated = (reason: string, effect: NonNullable<Toleration["effect"]>): Toleration => ({ key: `node.kubernetes.io/${reason}`, operator: "Exists", effect });
/** A daemon stays on a node in trouble. Upstream: AddOrUpdateDaemonPodTolerations */
const always: readonly Toleration[] = [
  tolerated("not-ready", "NoExecute"), tolerated("unreachable", "NoExecute"), tolerated("disk-pressure", "NoSchedule"), tolerated("memory-pressure", "NoSchedule"),
  tolerated("pid-pressure", "NoSchedule"), tolerated("unschedulable", "NoSchedule"),
];
/** And makes the network that the node lacks. */
const onHostNetwork: readonly Toleration[] = [tolerated("network-unavailable", "NoSchedule")];

export function tolerationsOf({ tolerations = [], hostNetwork }: PodSpec): Toleration[] {
  const added = [...always, ...(hostNetwork === true ? onHostNetwork : [])];
  const replaced = (own: Toleration): boolean => added.some((t) => t.key === own.key && t.effect === own.effect && own.operator === "Exists");
  return [...tolerations.filter((own) => !replaced(own)), ...added];
}

/** The pod for one node: bound to it by affinity, so that the scheduler still looks whether it fits. @param hash of its revision */
export function templateFor({ metadata, spec: { template } }: DaemonSet, hash: string, nodeName: string): PodTemplateSpec {
  const generation = metadata.annotations?.[generationAnnotation];
  const spec = template.spec ?? { containers: [] };
  const labels = { ...template.metadata?.labels, ...(generation !== undefined && { [generationLabel]: generation }), [revisionLabel]: hash };
  return { ...template, metadata: { ...template.metadata, labels }, spec: { ...spec, tolerations: tolerationsOf(spec), affinity: onlyOn(spec.affinity, nodeName) } };
}

/** Upstream: ReplaceDaemonSetPodNodeNameNodeAffinity */
function onlyOn(affinity: Affinity | undefined, nodeName: string): Affinity {
  const nodeSelectorTerms = [{ matchFields: [{ key: "metadata.name", operator: "In" as const, values: [nodeName] }] }];
  return { ...affinity, nodeAffinity: { ...affinity?.nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } };
}

/** The node that a pod is on or meant for. Upstream: GetTargetNodeName */
export function targetNode({ spec }: Pod): string | undefined {
  if (spec.nodeName) return spec.nodeName;
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const names = terms.flatMap(({ matchFields = [] }) => matchFields).find(({ key, operator }) => key === "metadata.name" && operator === "In")?.values;
  return names?.length === 1 ? names[0] : undefined;
}

/** Made from the present template, as its hash or its generation says. Upstream: IsPodUpdated */
export function isUpdated({ metadata: { annotations } }: DaemonSet, hash: string, { metadata: { labels } }: Pod): boolean {
  const generation = annotations?.[generationAnnotation];
  return labels?.[revisionLabel] === hash || (generation !== undefined && labels?.[generationLabel] === generation);
}
