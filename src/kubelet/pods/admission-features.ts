/** Pods that ask for what this node cannot or must not give. Upstream: pkg/kubelet/lifecycle, pkg/kubelet/sysctl/allowlist.go, kubelet.go NewMainKubelet's admit handlers */
import type { Pod } from "#api/gen/core-v1.ts";
import type { Refusal } from "./admission.ts";
import { containersOf } from "../containers/containers.ts";
import type { NodeFeatures } from "../node/node-features.ts";

/** Sysctls of a pod's own namespaces that can hurt nobody else. Upstream: pkg/kubelet/sysctl/safe_sysctls.go */
const safeSysctls: ReadonlySet<string> = new Set([
  "kernel.shm_rmid_forced",
  ...["ip_local_port_range", "ip_local_reserved_ports", "ip_unprivileged_port_start", "ping_group_range"].map((name) => `net.ipv4.${name}`),
  ...["fin_timeout", "keepalive_intvl", "keepalive_probes", "keepalive_time", "rmem", "syncookies", "wmem"].map((name) => `net.ipv4.tcp_${name}`),
]);

/** Undefined when the node has what the pod asks for. */
export function missingFeature(pod: Pod, features: NodeFeatures): Refusal | undefined {
  return otherSystem(pod) ?? unsafeSysctl(pod) ?? noAppArmor(pod, features) ?? looseGroups(pod, features);
}

function otherSystem({ spec: { os } }: Pod): Refusal | undefined {
  if (os === undefined || os.name === "linux") return undefined;
  return { reason: "PodOSNotSupported", message: "Failed to admit pod as the OS field doesn't match node OS" };
}

function unsafeSysctl({ spec }: Pod): Refusal | undefined {
  for (const { name } of spec.securityContext?.sysctls ?? []) {
    const dotted = name.replaceAll("/", ".");
    const why = safeSysctls.has(dotted) ? sharedWithHost(dotted, spec) : `"${dotted}" not allowlisted`;
    if (why !== undefined) return { reason: "SysctlForbidden", message: `forbidden sysctl: ${why}` };
  }
  return undefined;
}

function sharedWithHost(name: string, { hostNetwork, hostIPC }: Pod["spec"]): string | undefined {
  const isNet = name.startsWith("net.");
  if ((isNet ? hostNetwork : hostIPC) !== true) return undefined;
  return `"${name}" not allowed with host ${isNet ? "net" : "ipc"} enabled`;
}

function noAppArmor(pod: Pod, { appArmor }: NodeFeatures): Refusal | undefined {
  const profiles = containersOf(pod).map(({ container }) => container.securityContext?.appArmorProfile ?? pod.spec.securityContext?.appArmorProfile);
  if (appArmor || profiles.every((profile) => profile === undefined || profile.type === "Unconfined")) return undefined;
  return { reason: "AppArmor", message: "Cannot enforce AppArmor: AppArmor is not enabled on the host" };
}

function looseGroups({ spec }: Pod, { supplementalGroupsPolicy }: NodeFeatures): Refusal | undefined {
  if (supplementalGroupsPolicy || spec.securityContext?.supplementalGroupsPolicy !== "Strict") return undefined;
  return { reason: "SupplementalGroupsPolicyNotSupported", message: "SupplementalGroupsPolicy=Strict is not supported in this node" };
}
