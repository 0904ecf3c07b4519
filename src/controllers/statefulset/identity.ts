/** Who each pod of a StatefulSet is. Pure. Upstream: pkg/controller/statefulset/stateful_set_utils.go */
import type { ControllerRevision, StatefulSet } from "#api/gen/apps-v1.ts";
import type { Pod, Volume } from "#api/gen/core-v1.ts";
import { statefulSets } from "#api/resources.ts";
import { podOf } from "../pod-control.ts";
import { revisionLabel, templateOf } from "../revisions/plan.ts";

const podNameLabel = "statefulset.kubernetes.io/pod-name";
const podIndexLabel = "apps.kubernetes.io/pod-index";

/** What the pods have and what they should have. */
export interface Revisions { readonly current: ControllerRevision; readonly update: ControllerRevision }

/** How many are wanted: one where nothing is said. */
export const replicasOf = ({ spec }: StatefulSet): number => spec.replicas ?? 1;
export const startOf = ({ spec }: StatefulSet): number => spec.ordinals?.start ?? 0;
/** Pods of ordinals below are left at the current revision. */
export const partitionOf = ({ spec }: StatefulSet): number => spec.updateStrategy?.rollingUpdate?.partition ?? 0;
export const podName = ({ metadata }: StatefulSet, ordinal: number): string => `${metadata.name}-${ordinal}`;
export const revisionOf = ({ metadata }: Pod): string | undefined => metadata.labels?.[revisionLabel];

/** The pod's place among the set's pods; undefined for a name that is not one of theirs. */
export function ordinalOf(set: StatefulSet, { metadata: { name } }: Pod): number | undefined {
  const [, parent, digits] = /^(.*)-(\d+)$/.exec(name) ?? [];
  return parent === set.metadata.name && digits !== undefined && digits.length < 10 ? Number(digits) : undefined;
}

/** The pod of this ordinal at the revision that it should have. Upstream: newVersionedStatefulSetPod */
export function newPod(set: StatefulSet, { current, update }: Revisions, ordinal: number): Pod {
  const isRolling = set.spec.updateStrategy?.type !== "OnDelete";
  const revision = isRolling && ordinal < startOf(set) + partitionOf(set) ? current : update;
  const { metadata: { generateName: _, ...metadata }, ...pod } = podOf(set, templateOf(revision), statefulSets);
  const name = podName(set, ordinal);
  return {
    ...pod,
    metadata: { ...metadata, name, labels: { ...metadata.labels, ...identityLabels(name, ordinal), [revisionLabel]: revision.metadata.name } },
    spec: { ...pod.spec, hostname: name, ...(set.spec.serviceName && { subdomain: set.spec.serviceName }), volumes: volumesOf(set, ordinal, pod.spec.volumes ?? []) },
  };
}

const identityLabels = (name: string, ordinal: number): Record<string, string> => ({ [podNameLabel]: name, [podIndexLabel]: String(ordinal) });

/** The labels that a pod of the set lacks; undefined when it is who it should be. Upstream: identityMatches */
export function missingIdentity(set: StatefulSet, pod: Pod): Record<string, string> | undefined {
  const ordinal = ordinalOf(set, pod);
  return ordinal === undefined || pod.metadata.labels?.[podNameLabel] === pod.metadata.name ? undefined : identityLabels(pod.metadata.name, ordinal);
}

/** Upstream: getPersistentVolumeClaimName */
export const claimName = (template: string, set: StatefulSet, ordinal: number): string => `${template}-${podName(set, ordinal)}`;

/** The template's volumes, those of the same name replaced by the pod's claims. Upstream: updateStorage */
function volumesOf(set: StatefulSet, ordinal: number, volumes: readonly Volume[]): Volume[] {
  const claimed = (set.spec.volumeClaimTemplates ?? []).map(({ metadata: { name } }): Volume => ({ name, persistentVolumeClaim: { claimName: claimName(name, set, ordinal) } }));
  return [...claimed, ...volumes.filter(({ name }) => !claimed.some((c) => c.name === name))];
}
