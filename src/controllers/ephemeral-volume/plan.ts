/** Claims of a pod's ephemeral volumes. Upstream: pkg/controller/volume/ephemeral/controller.go */
import type { PersistentVolumeClaim, Pod } from "#api/gen/core-v1.ts";
import { controllerRef } from "#api/owner.ts";
import { isTerminal } from "#api/pod.ts";
import { pods } from "#api/resources.ts";
import { controllerOf } from "#apimachinery/meta.ts";

export interface Plan {
  readonly create: readonly { readonly volume: string; readonly claim: PersistentVolumeClaim }[];
  /** Volumes whose claim's name is somebody else's, with the reason. */
  readonly refused: readonly { readonly volume: string; readonly message: string }[];
}

/** Names of the claims of a pod's ephemeral volumes, as keys. */
export const ephemeralClaims = ({ metadata, spec }: Pod): string[] =>
  (spec.volumes ?? []).flatMap(({ name, ephemeral }) => (ephemeral === undefined ? [] : [`${metadata.namespace ?? ""}/${metadata.name}-${name}`]));

/** @param claimOf the claim of this key, if there is one */
export function plan(pod: Pod, claimOf: (key: string) => PersistentVolumeClaim | undefined): Plan {
  if (pod.metadata.deletionTimestamp !== undefined || isTerminal(pod)) return { create: [], refused: [] };
  const { name, namespace = "", uid } = pod.metadata;
  const create: Plan["create"][number][] = [];
  const refused: Plan["refused"][number][] = [];
  for (const { name: volume, ephemeral } of pod.spec.volumes ?? []) {
    const template = ephemeral?.volumeClaimTemplate;
    if (template === undefined) continue;
    const found = claimOf(`${namespace}/${name}-${volume}`);
    if (found !== undefined) {
      if (controllerOf(found)?.uid !== uid) refused.push({ volume, message: `PVC ${namespace}/${name}-${volume} was not created for pod ${namespace}/${name} (pod is not owner)` });
      continue;
    }
    const { labels, annotations } = template.metadata ?? {};
    create.push({ volume, claim: { metadata: { name: `${name}-${volume}`, namespace, ...(labels && { labels }), ...(annotations && { annotations }), ownerReferences: [controllerRef(pod, pods)] }, spec: template.spec, status: {} } });
  }
  return { create, refused };
}
