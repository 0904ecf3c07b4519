/** Names that survive a restart of the kubelet: labels and annotations on the runtime's objects. Upstream: pkg/kubelet/types/labels.go, kuberuntime/labels.go */
import type { Pod } from "#api/gen/core-v1.ts";

export const labelNames = {
  podName: "io.kubernetes.pod.name",
  podNamespace: "io.kubernetes.pod.namespace",
  podUid: "io.kubernetes.pod.uid",
  container: "io.kubernetes.container.name",
} as const;

export const annotationNames = {
  hash: "io.kubernetes.container.hash",
  restartCount: "io.kubernetes.container.restartCount",
  terminationMessagePath: "io.kubernetes.container.terminationMessagePath",
  terminationMessagePolicy: "io.kubernetes.container.terminationMessagePolicy",
  preStopHandler: "io.kubernetes.container.preStopHandler",
  ports: "io.kubernetes.container.ports",
  terminationGracePeriod: "io.kubernetes.pod.terminationGracePeriod",
} as const;

/** A pod's identity for its whole life. */
export const uidOf = (pod: Pod): string => pod.metadata.uid ?? "";
export const namespaceOf = (pod: Pod): string => pod.metadata.namespace ?? "default";

/** `name_namespace(uid)`, as the kubelet's messages name a pod. Upstream: pkg/kubelet/util/format Pod */
export const formatPod = (pod: Pod): string => `${pod.metadata.name}_${namespaceOf(pod)}(${uidOf(pod)})`;

/** The pod as an Event's subject: objects out of a list have no kind of their own. */
export const about = (pod: Pod): Pod => ({ ...pod, kind: "Pod", apiVersion: "v1" });
