/** The claims of a StatefulSet's pods, and whose they are. Pure. Upstream: pkg/controller/statefulset/stateful_set_utils.go */
import type { StatefulSet } from "#api/gen/apps-v1.ts";
import type { PersistentVolumeClaim, Pod } from "#api/gen/core-v1.ts";
import { pods, statefulSets } from "#api/resources.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import { controllerOf, type KubeObject, type OwnerReference } from "#apimachinery/meta.ts";
import { ownerRef } from "../owner.ts";
import { claimName, ordinalOf, podName } from "./identity.ts";

/** The claims that a pod needs, as they are made. Upstream: getPersistentVolumeClaims */
export function claimsFor(set: StatefulSet, pod: Pod): PersistentVolumeClaim[] {
  const ordinal = ordinalOf(set, pod);
  if (ordinal === undefined) return [];
  const ownerReferences = ownersOf(set, undefined);
  return (set.spec.volumeClaimTemplates ?? []).map(({ metadata, spec }) => ({
    metadata: {
      ...metadata, name: claimName(metadata.name, set, ordinal), ...(set.metadata.namespace !== undefined && { namespace: set.metadata.namespace }),
      labels: { ...metadata.labels, ...set.spec.selector?.matchLabels }, ...(ownerReferences.length > 0 && { ownerReferences }),
    },
    spec, status: {},
  }));
}

/** Who a claim goes with: nobody, its set, or the pod that is scaled away. @param condemned the claim's pod, if it is to go for good */
function ownersOf(set: StatefulSet, condemned: Pod | undefined): OwnerReference[] {
  const { whenDeleted, whenScaled } = set.spec.persistentVolumeClaimRetentionPolicy ?? {};
  if (condemned?.metadata.uid !== undefined && whenScaled === "Delete") return [{ ...ownerRef(condemned, pods), controller: true }];
  return whenDeleted === "Delete" ? [{ ...ownerRef(set, statefulSets), controller: true }] : [];
}

/**
 * The owners that a claim should have; undefined when it has them. A claim that another manages is left alone.
 * Upstream: updateClaimOwnerRefForSetAndPod, hasUnexpectedController
 */
export function mendedOwners(set: StatefulSet, pod: Pod, isCondemned: boolean, claim: PersistentVolumeClaim): OwnerReference[] | undefined {
  const ours = (ref: OwnerReference): boolean => (ref.kind === "StatefulSet" && ref.name === set.metadata.name) || (ref.kind === "Pod" && ref.name === pod.metadata.name);
  const refs = claim.metadata.ownerReferences ?? [];
  const manager = controllerOf(claim);
  if (manager !== undefined && !ours(manager)) return undefined;
  const wanted = [...refs.filter((ref) => !ours(ref)), ...ownersOf(set, isCondemned ? pod : undefined)];
  return semanticEqual(wanted, refs) ? undefined : wanted;
}

/** Left by a pod of this name that was scaled away: it goes before a new pod may come. Upstream: isClaimStale */
export const isStale = (set: StatefulSet, ordinal: number, claim: KubeObject): boolean =>
  claim.metadata.deletionTimestamp !== undefined || claim.metadata.ownerReferences?.some(({ kind, name }) => kind === "Pod" && name === podName(set, ordinal)) === true;
