/** Which name servers a pod asks, by its policy. Upstream: pkg/kubelet/network/dns/dns.go */
import { readFile } from "node:fs/promises";
import type { Pod } from "#api/gen/core-v1.ts";
import type { DNSConfig } from "#cri/gen/cri-v1.ts";
import { namespaceOf } from "../names.ts";

/** Upstream: validation.MaxDNSNameservers, MaxDNSSearchPaths, MaxDNSSearchListChars */
const maxServers = 3;
const maxSearches = 32;
const maxSearchChars = 2_048;

export interface DnsFacts {
  readonly clusterDns: readonly string[];
  readonly clusterDomain: string;
  /** The machine's own. */
  readonly host: Resolver;
}

export interface Resolver {
  readonly servers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}

const resolverFiles = ["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"] as const;

/** The machine's resolver; behind systemd's stub, which no pod can reach, the file that names the real servers. */
export async function hostResolver(): Promise<Resolver> {
  const [usual, behindStub] = await Promise.all(resolverFiles.map(async (path) => parseResolver(await readFile(path, "utf8").catch(() => ""))));
  const empty = parseResolver("");
  return usual?.servers.every((s) => s === "127.0.0.53") === true && (behindStub?.servers.length ?? 0) > 0 ? (behindStub ?? empty) : (usual ?? empty);
}

export function parseResolver(text: string): Resolver {
  const lines = text.split("\n").map((line) =>
    line
      .replace(/[#;].*$/, "")
      .trim()
      .split(/\s+/),
  );
  const last = lines.findLast(([key]) => key === "search" || key === "domain");
  return {
    servers: lines
      .filter(([key]) => key === "nameserver")
      .map(([, ip]) => ip ?? "")
      .filter((ip) => ip !== ""),
    searches: (last?.slice(1) ?? []).filter((s) => s !== "."),
    options: lines.filter(([key]) => key === "options").flatMap(([, ...rest]) => rest),
  };
}

/** True when the pod asks for the cluster's DNS and there is none: it then gets the node's. */
export const lacksClusterDns = (pod: Pod, { clusterDns }: DnsFacts): boolean => clusterDns.length === 0 && wantsCluster(pod);

export function podDns(pod: Pod, facts: DnsFacts): DNSConfig {
  const { servers, searches, options } = wholeOf(pod, facts);
  return { servers: servers.slice(0, maxServers), searches: bounded(searches), options: [...options] };
}

/** What the limits leave out of it, in words for events. Upstream: formDNSConfigFitsLimits */
export function dnsOmissions(pod: Pod, facts: DnsFacts): string[] {
  const { servers, searches } = wholeOf(pod, facts);
  const kept = bounded(searches);
  return [
    ...(servers.length > maxServers ? [`Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: ${servers.slice(0, maxServers).join(" ")}`] : []),
    ...(kept.length < searches.length ? [`Search Line limits were exceeded, some search paths have been omitted, the applied search line is: ${kept.join(" ")}`] : []),
  ];
}

/** All that the pod's policy and its own wishes come to, without limits. */
function wholeOf(pod: Pod, facts: DnsFacts): Resolver {
  const base = baseOf(pod, facts);
  const extra = pod.spec.dnsConfig;
  const options = new Map(base.options.map((o) => [o.split(":")[0] ?? o, o]));
  for (const { name = "", value } of extra?.options ?? []) options.set(name, value === undefined || value === "" ? name : `${name}:${value}`);
  return {
    servers: unique([...base.servers, ...(extra?.nameservers ?? [])]),
    searches: unique([...base.searches, ...(extra?.searches ?? [])]),
    options: [...options.values()],
  };
}

function baseOf(pod: Pod, { clusterDns, clusterDomain, host }: DnsFacts): Resolver {
  if (pod.spec.dnsPolicy === "None") return { servers: [], searches: [], options: [] };
  if (!wantsCluster(pod) || clusterDns.length === 0) return host;
  const own = [`${namespaceOf(pod)}.svc.${clusterDomain}`, `svc.${clusterDomain}`, clusterDomain];
  return { servers: clusterDns, searches: unique([...own, ...host.searches]), options: ["ndots:5"] };
}

const wantsCluster = ({ spec }: Pod): boolean =>
  spec.dnsPolicy === "ClusterFirstWithHostNet" || ((spec.dnsPolicy ?? "ClusterFirst") === "ClusterFirst" && spec.hostNetwork !== true);

const unique = (list: readonly string[]): string[] => [...new Set(list)];

function bounded(searches: readonly string[]): string[] {
  const kept: string[] = [];
  for (const search of searches.slice(0, maxSearches)) if ([...kept, search].join(" ").length <= maxSearchChars) kept.push(search);
  return kept;
}
