import type { Node } from "#api/gen/core-v1.ts";
import type { EventRecorder } from "#client/events.ts";

/** Tells of the node itself. Its events carry the node's name as uid, by which `kubectl describe node` finds them. Upstream: pkg/kubelet/kubelet.go nodeRef */
export function nodeEvents(events: EventRecorder, nodeName: string): (type: "Normal" | "Warning", reason: string, message: string) => void {
  const node: Node = { kind: "Node", metadata: { name: nodeName, uid: nodeName }, spec: {}, status: {} };
  return (type, reason, message) => events.event(node, type, reason, message);
}
