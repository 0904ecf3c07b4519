import type { KubeletOptions } from "./options.ts";

/** What this kubelet does, in the words of a KubeletConfiguration; what it cannot be told is left out. Upstream: kubelet.config.k8s.io/v1beta1 */
export function kubeletConfiguration({ kubeletPort, clusterDns, clusterDomain, cgroupParent, podLogsDir, settings, staticPods }: KubeletOptions): Readonly<Record<string, unknown>> {
  return {
    enableServer: true, port: kubeletPort, readOnlyPort: 0, address: "0.0.0.0", enableDebuggingHandlers: true, podLogsDir,
    authentication: { anonymous: { enabled: false }, webhook: { enabled: true, cacheTTL: "2m0s" } },
    authorization: { mode: "Webhook", webhook: { cacheAuthorizedTTL: "5m0s", cacheUnauthorizedTTL: "30s" } },
    clusterDomain, ...(clusterDns.length > 0 && { clusterDNS: clusterDns }),
    cgroupDriver: "cgroupfs", cgroupsPerQOS: cgroupParent !== undefined, ...(cgroupParent !== undefined && { cgroupRoot: cgroupParent }),
    nodeStatusUpdateFrequency: "10s", nodeStatusReportFrequency: "5m0s", nodeLeaseDurationSeconds: 40, runtimeRequestTimeout: "2m0s",
    ...settings, staticPodPath: staticPods?.dir ?? "", serializeImagePulls: true, failSwapOn: false, volumeStatsAggPeriod: "1m0s",
    kind: "KubeletConfiguration", apiVersion: "kubelet.config.k8s.io/v1beta1",
  };
}
