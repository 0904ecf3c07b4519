/** What happens in the cluster that can make a rejected pod fit. Upstream: kube-scheduler/framework/types.go ClusterEvent */
import { isDeepStrictEqual } from "node:util";
import type { Node, Pod } from "#api/gen/core-v1.ts";
import type { KubeObject } from "#apimachinery/meta.ts";

export type ClusterEvent =
  | "node/added" | "node/allocatable" | "node/labels" | "node/taints" | "node/unschedulable" | "node/declared-features"
  /** A pod was bound, or came bound. */
  | "pod/assigned" | "pod/labels" | "pod/scaled-down"
  /** A bound pod ended or is gone. */
  | "pod/gone"
  | "claim/changed" | "volume/changed" | "class/changed" | "namespace/labels"
  /** Of CSI drivers: what a node has of them, where they have room, what is attached no longer. */
  | "csi-node/changed" | "csi-driver/changed" | "capacity/changed" | "attachment/gone"
  /** Of devices: who has which, which there are, and of which kinds. */
  | "resource-claim/changed" | "resource-slice/changed" | "device-class/changed"
  /** A pod that was to be bound was not: what was promised to it is free. */
  | "pod/released";

/** An event with what it is about, as it stands now (or stood last). */
export interface ClusterChange { readonly event: ClusterEvent; readonly old: KubeObject | undefined; readonly object: KubeObject }

/** What a node's change means for pods that wait. */
export function nodeEvents(old: Node | undefined, node: Node): readonly ClusterEvent[] {
  if (old === undefined) return ["node/added"];
  const events: ClusterEvent[] = [];
  if (!isDeepStrictEqual(old.status.allocatable, node.status.allocatable)) events.push("node/allocatable");
  if (!isDeepStrictEqual(old.metadata.labels, node.metadata.labels)) events.push("node/labels");
  if (!isDeepStrictEqual(old.spec.taints, node.spec.taints)) events.push("node/taints");
  if (old.spec.unschedulable !== node.spec.unschedulable) events.push("node/unschedulable");
  if (!isDeepStrictEqual(old.status.declaredFeatures, node.status.declaredFeatures)) events.push("node/declared-features");
  return events;
}

/** What a bound pod's change means for pods that wait. */
export function assignedPodEvents(old: Pod | undefined, pod: Pod): readonly ClusterEvent[] {
  if (old === undefined) return ["pod/assigned"];
  const events: ClusterEvent[] = [];
  if (!isDeepStrictEqual(old.metadata.labels, pod.metadata.labels)) events.push("pod/labels");
  if (old.metadata.generation !== pod.metadata.generation) events.push("pod/scaled-down");
  return events;
}
