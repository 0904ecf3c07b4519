/** The pod's `/etc/hosts` and host name. Upstream: pkg/kubelet/kubelet_pods.go ensureHostsFile, GeneratePodHostNameAndDomain */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { HostAlias, Pod } from "#api/gen/core-v1.ts";
import { namespaceOf } from "../names.ts";

export interface PodHostName {
  readonly hostname: string;
  readonly domain: string;
}

const longestHostName = 63;

/** @param clusterDomain such as `cluster.local` */
export function hostNameOf(pod: Pod, clusterDomain: string, nodeName: string): PodHostName {
  if (pod.spec.hostnameOverride !== undefined) return { hostname: pod.spec.hostnameOverride, domain: "" };
  if (pod.spec.hostNetwork === true) return { hostname: nodeName, domain: "" };
  const hostname = pod.spec.hostname || pod.metadata.name.slice(0, longestHostName).replace(/[-.]+$/, "");
  return { hostname, domain: pod.spec.subdomain ? `${pod.spec.subdomain}.${namespaceOf(pod)}.svc.${clusterDomain}` : "" };
}

/** Linux keeps no longer one. */
const longestKernelName = 64;

/** What the kernel is told: the whole name where the pod asks for it and has a domain. */
export const kernelName = (pod: Pod, { hostname, domain }: PodHostName): string =>
  pod.spec.setHostnameAsFQDN === true && domain !== "" ? `${hostname}.${domain}` : hostname;

/** Upstream: pkg/kubelet/util/util_linux.go GetNodenameForKernel */
export function nameProblem(pod: Pod, name: PodHostName): string | undefined {
  const whole = kernelName(pod, name);
  if (whole === name.hostname || whole.length <= longestKernelName) return undefined;
  return `failed to construct FQDN from pod hostname and cluster domain, FQDN ${whole} is too long (${longestKernelName} characters is the max, ${whole.length} characters requested)`;
}

/** Writes the file that every container of the pod gets as `/etc/hosts`. */
export async function writeHosts(path: string, pod: Pod, ips: readonly string[], name: PodHostName): Promise<void> {
  const text =
    pod.spec.hostNetwork === true
      ? hostNetworkHosts(await readFile("/etc/hosts", "utf8").catch(() => ""), pod.spec.hostAliases)
      : podHosts(ips, name, pod.spec.hostAliases);
  await mkdir(dirname(path), { recursive: true, mode: 0o750 });
  await writeFile(path, text, { mode: 0o644 });
}

export function podHosts(ips: readonly string[], { hostname, domain }: PodHostName, aliases: readonly HostAlias[] | undefined): string {
  return (
    [
      "# Kubernetes-managed hosts file.",
      "127.0.0.1\tlocalhost",
      "::1\tlocalhost ip6-localhost ip6-loopback",
      "fe00::0\tip6-localnet",
      "fe00::0\tip6-mcastprefix",
      "fe00::1\tip6-allnodes",
      "fe00::2\tip6-allrouters",
      ...ips.map((ip) => (domain === "" ? `${ip}\t${hostname}` : `${ip}\t${hostname}.${domain}\t${hostname}`)),
      "",
    ].join("\n") + aliasLines(aliases)
  );
}

const hostNetworkHosts = (host: string, aliases: readonly HostAlias[] | undefined): string =>
  `# Kubernetes-managed hosts file (host network).\n${host}${aliasLines(aliases)}`;

const aliasLines = (aliases: readonly HostAlias[] = []): string =>
  aliases.length === 0
    ? ""
    : `\n# Entries added by HostAliases.\n${aliases.map(({ ip, hostnames = [] }) => `${ip}\t${hostnames.join("\t")}\n`).join("")}`;
