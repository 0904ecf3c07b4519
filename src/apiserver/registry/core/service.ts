import type { Service } from "#api/gen/core-v1.ts";
import type { Column, Resource } from "../resource.ts";
import { dns1035Label, prefixOf } from "#apimachinery/validation/names.ts";
import { ageColumn, formatLabels, nameColumn } from "../common/columns.ts";
import { dropUnneeded, hasNodePorts, needsHealthCheck } from "./service-needs.ts";
import { validateService, validateServiceUpdate } from "./service-validation.ts";

const clientIpSeconds = 10_800;

/** Upstream: pkg/apis/core/v1 SetDefaults_Service */
function defaults({ spec }: Service): void {
  spec.sessionAffinity ||= "None";
  if (spec.sessionAffinity === "None") delete spec.sessionAffinityConfig;
  else if (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds === undefined) spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: clientIpSeconds } };
  spec.type ||= "ClusterIP";
  for (const port of spec.ports ?? []) {
    port.protocol ||= "TCP";
    port.targetPort ||= port.port;
  }
  const outside = spec.type === "NodePort" || spec.type === "LoadBalancer";
  if (outside || (spec.type === "ClusterIP" && spec.externalIPs?.length)) spec.externalTrafficPolicy ||= "Cluster";
  if (outside || spec.type === "ClusterIP") spec.internalTrafficPolicy ??= "Cluster";
  if (spec.type === "LoadBalancer") spec.allocateLoadBalancerNodePorts ??= true;
}

/** One address and the list of addresses say the same. Upstream: pkg/registry/core/service normalizeClusterIPs */
function syncClusterIps({ spec }: Service): void {
  if (spec.clusterIP && !spec.clusterIPs?.length) spec.clusterIPs = [spec.clusterIP];
  else if (!spec.clusterIP && spec.clusterIPs?.[0] !== undefined) spec.clusterIP = spec.clusterIPs[0];
}

/** What was given to a service stays its own when an update says nothing of it. Upstream: pkg/registry/core/service patchAllocatedValues */
function keepAllocated(next: Service, old: Service): void {
  const hasIp = (type: string | undefined): boolean => type !== "ExternalName";
  if (hasIp(next.spec.type) && hasIp(old.spec.type) && !next.spec.clusterIP && !next.spec.clusterIPs?.length) {
    if (old.spec.clusterIP !== undefined) next.spec.clusterIP = old.spec.clusterIP;
    if (old.spec.clusterIPs !== undefined) next.spec.clusterIPs = old.spec.clusterIPs;
  }
  if (hasIp(next.spec.type)) {
    next.spec.ipFamilies ??= old.spec.ipFamilies ?? [];
    if (next.spec.ipFamilies.length === 0) delete next.spec.ipFamilies;
    if (next.spec.ipFamilyPolicy === undefined && old.spec.ipFamilyPolicy !== undefined) next.spec.ipFamilyPolicy = old.spec.ipFamilyPolicy;
  } else {
    for (const field of ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"] as const) delete next.spec[field];
  }
  if (hasNodePorts(next.spec)) keepNodePorts(next, old);
  if (needsHealthCheck(next.spec) && needsHealthCheck(old.spec) && old.spec.healthCheckNodePort !== undefined) next.spec.healthCheckNodePort ??= old.spec.healthCheckNodePort;
}

function keepNodePorts(next: Service, old: Service): void {
  for (const port of next.spec.ports ?? []) {
    const before = old.spec.ports?.find((p) => p.port === port.port && p.protocol === port.protocol);
    if (!port.nodePort && before?.nodePort) port.nodePort = before.nodePort;
  }
}

/** Upstream: pkg/printers/internalversion getServiceExternalIP */
function externalText({ spec, status }: Service): string {
  const own = spec.externalIPs ?? [];
  switch (spec.type) {
    case "ExternalName": return spec.externalName ?? "";
    case "LoadBalancer": {
      const given = (status.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip || hostname || "").filter((text) => text !== "");
      return [...given, ...own].join(",") || "<pending>";
    }
    case "ClusterIP": case "NodePort": case undefined: default: return own.join(",") || "<none>";
  }
}

const portsText = ({ spec }: Service): string =>
  (spec.ports ?? []).map(({ port, nodePort, protocol }) => `${port}${nodePort ? `:${nodePort}` : ""}/${protocol ?? ""}`).join(",") || "<none>";

const columns: readonly Column<Service>[] = [
  nameColumn,
  { name: "Type", type: "string", description: "How the service is reached.", cell: ({ spec }) => spec.type ?? "" },
  { name: "Cluster-IP", type: "string", description: "Its address inside the cluster.", cell: ({ spec }) => spec.clusterIPs?.[0] ?? "<none>" },
  { name: "External-IP", type: "string", description: "Its addresses outside.", cell: externalText },
  { name: "Port(s)", type: "string", description: "Its ports.", cell: portsText },
  ageColumn,
  { name: "Selector", type: "string", wide: true, description: "Which pods serve.", cell: ({ spec }) => formatLabels(spec.selector) },
];

export const services: Resource<Service> = {
  group: "", version: "v1", kind: "Service", schema: "core/v1.Service", scope: "Namespaced",
  names: { plural: "services", singular: "service", short: ["svc"], categories: ["all"] },
  generation: false,
  createOnUpdate: true,
  validateName: (name, prefix) => dns1035Label(prefix ? prefixOf(name) : name),
  defaults,
  prepareCreate: syncClusterIps,
  prepareUpdate(next, old) {
    dropUnneeded(next, old);
    keepAllocated(next, old);
    syncClusterIps(next);
  },
  validate: validateService,
  validateUpdate: validateServiceUpdate,
  selectableFields: { "spec.clusterIP": ({ spec }) => spec.clusterIP ?? "", "spec.type": ({ spec }) => spec.type ?? "" },
  subresources: {
    status: { type: "write", prepareUpdate: (next, old) => { next.spec = old.spec; } },
    proxy: { type: "connect", kind: "ServiceProxyOptions", verbs: ["create", "delete", "get", "patch", "update"] },
  },
  columns,
};
