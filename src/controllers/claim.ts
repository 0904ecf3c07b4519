import type { Pod } from "#api/gen/core-v1.ts";
import type { LabelSelector } from "#api/gen/meta-v1.ts";
import { controllerOf, type KubeObject } from "#apimachinery/meta.ts";
import { labelSelectorOf } from "#apimachinery/selectors.ts";

/** An owner that knows its pods by their labels. */
export interface Selecting extends KubeObject { readonly spec: { readonly selector?: LabelSelector } }

export interface Claim {
  readonly owned: readonly Pod[];
  /** Nobody's, and ours by their labels. */
  readonly adopt: readonly Pod[];
  /** Ours no longer: their labels have changed. */
  readonly release: readonly Pod[];
}

/** Sorts pods by whose they are. An owner that is going adopts nothing. Upstream: pkg/controller/controller_ref_manager.go */
export function claim(owner: Selecting, pods: readonly Pod[]): Claim {
  const selector = labelSelectorOf(owner.spec.selector);
  const owned: Pod[] = [];
  const adopt: Pod[] = [];
  const release: Pod[] = [];
  for (const pod of pods) {
    const current = controllerOf(pod);
    const matches = selector.matches(pod.metadata.labels);
    if (current !== undefined && current.uid !== owner.metadata.uid) continue;
    if (current === undefined) {
      if (matches && owner.metadata.deletionTimestamp === undefined && pod.metadata.deletionTimestamp === undefined) adopt.push(pod);
    } else if (matches) owned.push(pod);
    else if (owner.metadata.deletionTimestamp === undefined) release.push(pod);
  }
  return { owned, adopt, release };
}
