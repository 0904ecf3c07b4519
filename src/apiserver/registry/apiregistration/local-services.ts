/** An APIService for each group and version that this server serves itself. */
import type { APIService } from "#api/gen/apiregistration-v1.ts";
import type { AnyResource } from "../resource.ts";

/** The order of groups in discovery, and of versions in a group. Upstream: pkg/controlplane/apiserver/aggregator.go */
const priorities: Readonly<Record<string, readonly [group: number, version: number]>> = {
  "v1.": [18_000, 1], "v1.apps": [17_800, 15], "v1.events.k8s.io": [17_750, 15], "v1.authentication.k8s.io": [17_700, 15], "v1.authorization.k8s.io": [17_600, 15],
  "v1.autoscaling": [17_500, 15], "v2.autoscaling": [17_500, 30], "v1.batch": [17_400, 15], "v1.certificates.k8s.io": [17_300, 15], "v1beta1.certificates.k8s.io": [17_300, 9], "v1.networking.k8s.io": [17_200, 15],
  "v1.policy": [17_100, 15], "v1.rbac.authorization.k8s.io": [17_000, 15], "v1.storage.k8s.io": [16_800, 15], "v1.apiextensions.k8s.io": [16_700, 15],
  "v1.admissionregistration.k8s.io": [16_700, 15], "v1.scheduling.k8s.io": [16_600, 15], "v1.coordination.k8s.io": [16_500, 15], "v1.node.k8s.io": [16_300, 15],
  "v1.discovery.k8s.io": [16_200, 15], "v1.flowcontrol.apiserver.k8s.io": [16_100, 21], "v1.resource.k8s.io": [15_900, 20],
  "v1beta1.metrics.k8s.io": [100, 100], // as metrics-server registers it
};
/** `onstart`: made when the server starts. `true`: made and removed as definitions come and go. Upstream: kube-aggregator/pkg/controllers/autoregister */
export const automanaged = "kube-aggregator.kubernetes.io/automanaged";

/** Those of the given resources; a group without a priority gets none, as upstream. */
export function localApiServices(resources: readonly AnyResource[]): readonly APIService[] {
  const versions = new Map(resources.map(({ group, version }) => [`${version}.${group}`, { group, version }]));
  return [...versions].flatMap(([name, { group, version }]) => {
    const found = priorities[name];
    if (found === undefined) return [];
    const [groupPriorityMinimum, versionPriority] = found;
    return [{
      apiVersion: "apiregistration.k8s.io/v1", kind: "APIService", metadata: { name, labels: { [automanaged]: "onstart" } },
      spec: { ...(group !== "" && { group }), version, groupPriorityMinimum, versionPriority }, status: {},
    }];
  });
}
