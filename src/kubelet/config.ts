import type { Pod } from "#api/gen/core-v1.ts";
import { pods } from "#api/resources.ts";
import { isMirrorPod } from "#api/pod.ts";
import type { Informer, Informers } from "#client/lister.ts";
import { uidOf } from "./names.ts";

export interface PodHandler {
  update(pod: Pod): void;
  remove(uid: string): void;
}

/** The cache of the pods that are bound to this node. */
export const ownPods = (informers: Informers, nodeName: string): Informer<Pod> => informers.for(pods, { fieldSelector: `spec.nodeName=${nodeName}` });

/**
 * Hands on each change of this node's pods, those that are there already in the order of their creation: who came first has
 * its place after a restart, too. Mirrors only show what runs here anyway. A pod replaced by another of its name is gone.
 * Returns how to stop. Upstream: pkg/kubelet/config, kubelet.go HandlePodAdditions
 */
export function followPods(informer: Pick<Informer<Pod>, "onChange">, handler: PodHandler): () => void {
  let there: Pod[] | undefined = [];
  const stop = informer.onChange(({ old, object }) => {
    if (old !== undefined && (object === undefined || uidOf(old) !== uidOf(object))) handler.remove(uidOf(old));
    if (object === undefined || isMirrorPod(object)) return;
    if (there === undefined) handler.update(object);
    else there.push(object);
  });
  const first = there.toSorted(byCreation);
  there = undefined;
  for (const pod of first) handler.update(pod);
  return stop;
}

const byCreation = (a: Pod, b: Pod): number => Date.parse(a.metadata.creationTimestamp ?? "") - Date.parse(b.metadata.creationTimestamp ?? "") || 0;
