import type { Pod } from "#api/gen/core-v1.ts";
import type { DNSConfig, PodSandboxConfig, PortMapping, UserNamespace } from "#cri/gen/cri-v1.ts";
import { labelNames, namespaceOf, uidOf } from "../names.ts";
import { containersOf } from "../containers/containers.ts";
import { cpuQuotaUs, cpuShares, memoryBytes, milliCpu, podAmount } from "../resources/resources.ts";
import { sandboxSecurity } from "../containers/security-context.ts";

export interface SandboxFacts {
  readonly attempt: number;
  /** Empty in the host's network: the runtime takes the node's. */
  readonly hostname: string;
  readonly dns: DNSConfig;
  readonly logDirectory: string;
  readonly cgroupParent: string;
  readonly seccompDir: string;
  readonly users?: UserNamespace;
}

/** What the runtime must know of a pod's sandbox. Upstream: pkg/kubelet/kuberuntime/kuberuntime_sandbox.go generatePodSandboxConfig */
export function sandboxConfig(pod: Pod, facts: SandboxFacts): PodSandboxConfig {
  const { metadata, spec } = pod;
  return {
    metadata: { name: metadata.name, namespace: namespaceOf(pod), uid: uidOf(pod), attempt: facts.attempt },
    hostname: spec.hostNetwork === true ? "" : facts.hostname,
    logDirectory: facts.logDirectory,
    dnsConfig: facts.dns,
    portMappings: portMappings(pod),
    labels: { ...metadata.labels, [labelNames.podName]: metadata.name, [labelNames.podNamespace]: namespaceOf(pod), [labelNames.podUid]: uidOf(pod) },
    annotations: { ...metadata.annotations },
    linux: {
      cgroupParent: facts.cgroupParent,
      securityContext: sandboxSecurity(pod, facts.seccompDir, facts.users),
      sysctls: Object.fromEntries((spec.securityContext?.sysctls ?? []).map(({ name, value }) => [name.replaceAll("/", "."), value])),
      ...(spec.overhead !== undefined && {
        overhead: {
          cpuShares: String(cpuShares(milliCpu({ name: "", resources: { requests: spec.overhead } }, "requests"))),
          memoryLimitInBytes: String(memoryBytes({ name: "", resources: { limits: spec.overhead } }, "limits")),
        },
      }),
      resources: {
        cpuPeriod: "100000",
        cpuShares: String(cpuShares(podAmount(pod, "requests", "cpu"))),
        cpuQuota: String(cpuQuotaUs(podAmount(pod, "limits", "cpu"))),
        memoryLimitInBytes: String(podAmount(pod, "limits", "memory")),
      },
    },
  };
}

function portMappings(pod: Pod): PortMapping[] {
  if (pod.spec.hostNetwork === true) return [];
  return containersOf(pod).flatMap(({ container }) =>
    (container.ports ?? []).map((p) => ({
      containerPort: p.containerPort,
      hostPort: p.hostPort ?? 0,
      protocol: p.protocol ?? ("TCP" as const),
      hostIp: p.hostIP ?? "",
    })),
  );
}
