/** A pod of a node's own, and the mirror by which the API shows it. Upstream: pkg/kubelet/config/common.go, pkg/kubelet/pod/mirror_client.go */
import { createHash } from "node:crypto";
import { keyOf } from "#apimachinery/meta.ts";
import type { Node, Pod, Toleration } from "#api/gen/core-v1.ts";
import { mirrorAnnotation } from "#api/pod.ts";

const staticAnnotations = {
  hash: "kubernetes.io/config.hash",
  mirror: mirrorAnnotation,
  source: "kubernetes.io/config.source",
  seen: "kubernetes.io/config.seen",
} as const;

export interface Origin {
  readonly nodeName: string;
  readonly path: string;
  /** When the kubelet saw it, as an ISO time. */
  readonly seen: string;
}

/** A static pod is not driven away by taints. */
const everywhere: Toleration = { operator: "Exists", effect: "NoExecute" };

/** The pod of a manifest as this node has it: named after the node, with a uid that changes when its content does, and only then. */
export function staticPod(manifest: Pod, { nodeName, path, seen }: Origin): Pod {
  const { metadata, spec } = manifest;
  const uid = metadata.uid ?? createHash("sha256").update(JSON.stringify([manifest, nodeName, path])).digest("hex").slice(0, 32);
  return {
    kind: "Pod",
    apiVersion: "v1",
    metadata: {
      ...metadata,
      name: `${metadata.name}-${nodeName.toLowerCase()}`,
      namespace: metadata.namespace ?? "default",
      uid,
      creationTimestamp: seen,
      annotations: { ...metadata.annotations, [staticAnnotations.hash]: uid, [staticAnnotations.source]: "file", [staticAnnotations.seen]: seen },
    },
    spec: { ...spec, nodeName, tolerations: [...(spec.tolerations ?? []).filter((t) => t.key !== undefined || t.effect !== "NoExecute"), everywhere] },
    status: { phase: "Pending" },
  };
}

/** What the API is told of a static pod. It goes when its Node goes. */
export function mirrorOf(pod: Pod, node: Node): Pod {
  const { uid: _, creationTimestamp: __, ...metadata } = pod.metadata;
  const owner = { apiVersion: "v1", kind: "Node", name: node.metadata.name, uid: node.metadata.uid ?? "", controller: true };
  return {
    ...pod,
    metadata: { ...metadata, ownerReferences: [owner], annotations: { ...metadata.annotations, [staticAnnotations.mirror]: hashOf(pod) } },
    status: {},
  };
}

/** The uid of the static pod that a mirror shows. */
export const mirroredUid = ({ metadata }: Pod): string | undefined => metadata.annotations?.[staticAnnotations.mirror];

const hashOf = ({ metadata }: Pod): string => metadata.annotations?.[staticAnnotations.hash] ?? "";

/** What the files ask for, what this node has of it, and what the API shows of it. */
export interface StaticState {
  readonly wanted: readonly Pod[];
  /** With a worker; those that are on their way out as well. */
  readonly present: readonly Pod[];
  /** Undefined while nobody knows. */
  readonly mirrors: readonly Pod[] | undefined;
}

export interface StaticPlan {
  readonly start: readonly Pod[];
  readonly end: readonly Pod[];
  readonly mirror: readonly Pod[];
  /** Mirrors that show nothing, or something that is no more. */
  readonly unmirror: readonly Pod[];
}

/** What must happen for all three to agree. A pod that replaces another of its name waits until that one is gone. */
export function planStatic({ wanted, present, mirrors }: StaticState): StaticPlan {
  const isWanted = (pod: Pod): boolean => wanted.some((w) => w.metadata.uid === pod.metadata.uid);
  const shown = (pod: Pod): boolean => mirrors?.some((m) => keyOf(m) === keyOf(pod)) === true;
  return {
    start: wanted.filter((pod) => !present.some((p) => keyOf(p) === keyOf(pod))),
    end: present.filter((pod) => !isWanted(pod) && pod.metadata.deletionTimestamp === undefined),
    mirror: mirrors === undefined ? [] : wanted.filter((pod) => !shown(pod)),
    unmirror: (mirrors ?? []).filter((mirror) => isOver(mirror, [...wanted, ...present])),
  };
}

/** A mirror that somebody deletes is taken away at once, and made anew for as long as its pod is wanted. */
const isOver = (mirror: Pod, pods: readonly Pod[]): boolean =>
  mirror.metadata.deletionTimestamp !== undefined || !pods.some((pod) => pod.metadata.uid === mirroredUid(mirror) && keyOf(pod) === keyOf(mirror));
