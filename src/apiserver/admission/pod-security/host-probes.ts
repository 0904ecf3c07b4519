import type { LifecycleHandler, Probe } from "#api/gen/core-v1.ts";
import { visitContainers } from "#api/pod.ts";
import { type AnyContainer, type Check, containersText, plural, quoted, sortedSet } from "./check.ts";

/** Where the kubelet would be sent to, if it is not the pod itself. */
const hostsOf = (action: Pick<Probe | LifecycleHandler, "httpGet" | "tcpSocket"> | undefined): readonly string[] =>
  [action?.httpGet?.host, action?.tcpSocket?.host].flatMap((host) => (host ? [host] : []));

const hostsIn = ({ livenessProbe, readinessProbe, startupProbe, lifecycle }: AnyContainer): readonly string[] =>
  [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop].flatMap(hostsOf);

/** Nobody makes the kubelet knock at other doors. Upstream: pod-security-admission/policy/check_hostProbesAndhostLifecycle.go */
export const hostProbesAndHostLifecycle: Check = {
  id: "hostProbesAndHostLifecycle", since: 34,
  run({ spec }) {
    const bad = visitContainers(spec).map(({ container }) => ({ name: container.name, hosts: hostsIn(container) })).filter(({ hosts }) => hosts.length > 0);
    const names = sortedSet(bad.map(({ name }) => name));
    const hosts = sortedSet(bad.flatMap((container) => container.hosts));
    if (names.length === 0) return undefined;
    const what = plural("probe or lifecycle host", "probe or lifecycle hosts", hosts.length);
    return { reason: "probe or lifecycle host", detail: `${containersText(names)} ${plural("uses", "use", names.length)} ${what} ${quoted(hosts)}` };
  },
};
