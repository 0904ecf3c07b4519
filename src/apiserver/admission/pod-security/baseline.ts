/** What no pod of the level baseline does: take over its node. Upstream: pod-security-admission/policy check_*.go */
import { type Check, containersText, containersThat, plural, quoted, settersText, sortedSet } from "./check.ts";
import { visitContainers } from "#api/pod.ts";
import { appArmorProfile, seccompProfileBaseline, seLinuxOptions } from "./profiles.ts";
import { hostProbesAndHostLifecycle } from "./host-probes.ts";

const defaultCapabilities: ReadonlySet<string> = new Set([
  "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
]);
/** Sysctls that concern the pod alone, and since which minor they are known to. */
const safeSysctls: Readonly<Record<string, number>> = {
  "kernel.shm_rmid_forced": 0, "net.ipv4.ip_local_port_range": 0, "net.ipv4.tcp_syncookies": 0, "net.ipv4.ping_group_range": 0, "net.ipv4.ip_unprivileged_port_start": 0,
  "net.ipv4.ip_local_reserved_ports": 27, "net.ipv4.tcp_keepalive_time": 29, "net.ipv4.tcp_fin_timeout": 29, "net.ipv4.tcp_keepalive_intvl": 29, "net.ipv4.tcp_keepalive_probes": 29,
  "net.ipv4.tcp_rmem": 32, "net.ipv4.tcp_wmem": 32,
};
const userNamespacesSince = 35;

const capabilities: Check = {
  id: "capabilities_baseline", since: 0,
  run(pod) {
    const added = (list: readonly string[] | undefined): readonly string[] => (list ?? []).filter((name) => !defaultCapabilities.has(name));
    const bad = containersThat(pod, ({ securityContext }) => added(securityContext?.capabilities?.add).length > 0);
    if (bad.length === 0) return undefined;
    const names = sortedSet(visitContainers(pod.spec).flatMap(({ container }) => added(container.securityContext?.capabilities?.add)));
    return { reason: "non-default capabilities", detail: `${containersText(bad)} must not include ${quoted(names)} in securityContext.capabilities.add` };
  },
};

const hostNamespaces: Check = {
  id: "hostNamespaces", since: 0,
  run({ spec }) {
    const shared = (["hostNetwork", "hostPID", "hostIPC"] as const).filter((name) => spec[name] === true);
    return shared.length === 0 ? undefined : { reason: "host namespaces", detail: shared.map((name) => `${name}=true`).join(", ") };
  },
};

const hostPathVolumes: Check = {
  id: "hostPathVolumes", since: 0,
  run({ spec }) {
    const names = (spec.volumes ?? []).filter(({ hostPath }) => hostPath !== undefined).map(({ name }) => name);
    return names.length === 0 ? undefined : { reason: "hostPath volumes", detail: `${plural("volume", "volumes", names.length)} ${quoted(names)}` };
  },
};

const hostPorts: Check = {
  id: "hostPorts", since: 0,
  run(pod) {
    const bad = containersThat(pod, ({ ports }) => (ports ?? []).some(({ hostPort }) => hostPort));
    const ports = sortedSet(visitContainers(pod.spec).flatMap(({ container }) => (container.ports ?? []).flatMap(({ hostPort }) => (hostPort ? [String(hostPort)] : []))));
    if (bad.length === 0) return undefined;
    return { reason: "hostPort", detail: `${containersText(bad)} ${plural("uses", "use", bad.length)} ${plural("hostPort", "hostPorts", ports.length)} ${ports.join(", ")}` };
  },
};

const privileged: Check = {
  id: "privileged", since: 0,
  run(pod) {
    const bad = containersThat(pod, ({ securityContext }) => securityContext?.privileged === true);
    return bad.length === 0 ? undefined : { reason: "privileged", detail: `${containersText(bad)} must not set securityContext.privileged=true` };
  },
};

const procMount: Check = {
  id: "procMount", since: 0,
  run(pod, minor) {
    if (minor >= userNamespacesSince && pod.spec.hostUsers === false) return undefined;
    const bad = containersThat(pod, ({ securityContext }) => (securityContext?.procMount ?? "Default") !== "Default");
    const values = sortedSet(visitContainers(pod.spec).map(({ container }) => container.securityContext?.procMount ?? "Default").filter((value) => value !== "Default"));
    return bad.length === 0 ? undefined : { reason: "procMount", detail: `${containersText(bad)} must not set securityContext.procMount to ${quoted(values)}` };
  },
};

const sysctls: Check = {
  id: "sysctls", since: 0,
  run({ spec }, minor) {
    const bad = (spec.securityContext?.sysctls ?? []).map(({ name }) => name).filter((name) => !Object.hasOwn(safeSysctls, name) || (safeSysctls[name] ?? 0) > minor);
    return bad.length === 0 ? undefined : { reason: "forbidden sysctls", detail: bad.join(", ") };
  },
};

const windowsHostProcess: Check = {
  id: "windowsHostProcess", since: 0,
  run(pod) {
    const bad = containersThat(pod, ({ securityContext }) => securityContext?.windowsOptions?.hostProcess === true);
    const setters = settersText(pod.spec.securityContext?.windowsOptions?.hostProcess === true, bad);
    return setters === "" ? undefined : { reason: "hostProcess", detail: `${setters} must not set securityContext.windowsOptions.hostProcess=true` };
  },
};

export const baselineChecks: readonly Check[] = [
  appArmorProfile, capabilities, hostNamespaces, hostPathVolumes, hostPorts, hostProbesAndHostLifecycle, privileged, procMount, seLinuxOptions, seccompProfileBaseline, sysctls, windowsHostProcess,
];
