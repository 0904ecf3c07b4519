/** Which of a Deployment's sets is the new one, and what it should look like. */
import type { Deployment, ReplicaSet } from "#api/gen/apps-v1.ts";
import type { PodTemplateSpec } from "#api/gen/core-v1.ts";
import { deployments } from "#api/resources.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import { controllerRef } from "../owner.ts";
import { templateHash } from "../template-hash.ts";
import { millis } from "../time.ts";
import { desiredReplicasAnnotation, hashLabel, maxReplicasAnnotation, ownAnnotations, revisionAnnotation, revisionHistoryAnnotation } from "./names.ts";
import { maxSurge } from "./rolling.ts";

/** How many are wanted: one where nothing is said. */
export const replicasOf = (owner: { readonly spec: { readonly replicas?: number } }): number => owner.spec.replicas ?? 1;
export const revisionOf = ({ metadata }: { readonly metadata: { readonly annotations?: Record<string, string> } }): bigint => {
  const text = metadata.annotations?.[revisionAnnotation] ?? "";
  return /^\d{1,19}$/.test(text) ? BigInt(text) : 0n;
};

/** The same pods but for the hash that tells the sets apart. */
export function sameTemplate(a: PodTemplateSpec | undefined, b: PodTemplateSpec | undefined): boolean {
  const plain = (template: PodTemplateSpec | undefined): unknown => {
    const { [hashLabel]: _, ...labels } = template?.metadata?.labels ?? {};
    return { ...template, metadata: { ...template?.metadata, labels } };
  };
  return semanticEqual(plain(a), plain(b));
}

/** The oldest set with the Deployment's template. */
export const newSetOf = ({ spec }: Deployment, sets: readonly ReplicaSet[]): ReplicaSet | undefined =>
  sets.toSorted((a, b) => millis(a.metadata.creationTimestamp) - millis(b.metadata.creationTimestamp)).find((set) => sameTemplate(set.spec.template, spec.template));

/** The revision that the newest of the sets has. */
export const highestRevision = (sets: readonly ReplicaSet[]): bigint => sets.map(revisionOf).reduce((highest, revision) => (revision > highest ? revision : highest), 0n);

/** The set that a Deployment lacks. @param replicas it begins with */
export function freshSet(deployment: Deployment, revision: bigint, replicas: number): ReplicaSet {
  const { metadata, spec } = deployment;
  const hash = templateHash(spec.template, deployment.status.collisionCount ?? 0);
  const labels = { ...spec.template.metadata?.labels, [hashLabel]: hash };
  return {
    metadata: {
      name: `${metadata.name}-${hash}`, namespace: metadata.namespace ?? "", labels, annotations: setAnnotations(deployment, undefined, revision),
      ownerReferences: [controllerRef(deployment, deployments)],
    },
    spec: {
      replicas, minReadySeconds: spec.minReadySeconds ?? 0,
      selector: { ...spec.selector, matchLabels: { ...spec.selector?.matchLabels, [hashLabel]: hash } },
      template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
    },
    status: { replicas: 0 },
  };
}

/** What the new set's annotations should be: the Deployment's, its revision, and the sizes that it was made for. */
export function setAnnotations(deployment: Deployment, set: ReplicaSet | undefined, revision: bigint): Record<string, string> {
  const old = set?.metadata.annotations ?? {};
  const copied = Object.entries(deployment.metadata.annotations ?? {}).filter(([name]) => !ownAnnotations.has(name));
  const before = revisionOf({ metadata: { annotations: old } });
  const history = before > 0n && before < revision ? [old[revisionHistoryAnnotation], String(before)].filter((v) => v !== undefined && v !== "").join(",") : old[revisionHistoryAnnotation];
  return {
    ...old, ...Object.fromEntries(copied), [revisionAnnotation]: String(revision > before ? revision : before), ...(history !== undefined && { [revisionHistoryAnnotation]: history }),
    ...sizeAnnotations(deployment),
  };
}

/** Upstream: SetReplicasAnnotations. Proportional scaling reads them to see how large the Deployment was before. */
export const sizeAnnotations = (deployment: Deployment): Record<string, string> => ({
  [desiredReplicasAnnotation]: String(replicasOf(deployment)), [maxReplicasAnnotation]: String(replicasOf(deployment) + maxSurge(deployment)),
});
