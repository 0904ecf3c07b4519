import type { Pod } from "#api/gen/core-v1.ts";
import { pods } from "#api/resources.ts";
import { isMirrorPod } from "#api/pod.ts";
import type { Informer, Informers } from "#client/lister.ts";
import { uidOf } from "./names.ts";

export interface PodHandler {
  update(pod: Pod): void;
  remove(uid: string): void;
}

export const ownPods = (informers: Informers, nodeName: string): Informer<Pod> => informers.for(pods, { fieldSelector: `spec.nodeName=${nodeName}` });

/** Hands on each change of this node's pods. Mirrors only show what runs here anyway. A pod replaced by another of its name is gone. Returns how to stop. Upstream: pkg/kubelet/config */
export function followPods(informer: Informer<Pod>, handler: PodHandler): () => void {
  return informer.onChange(({ old, object }) => {
    if (old !== undefined && (object === undefined || uidOf(old) !== uidOf(object))) handler.remove(uidOf(old));
    if (object !== undefined && !isMirrorPod(object)) handler.update(object);
  });
}
