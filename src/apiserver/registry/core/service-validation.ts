import type { Service, ServicePort, ServiceSpec } from "#api/gen/core-v1.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import type { Cause } from "#apimachinery/status.ts";
import { duplicate, eachInvalid, forbidden, immutable, invalidValue, notSupported, oneOf, required } from "#apimachinery/validation/causes.ts";
import { validateLabels } from "#apimachinery/validation/metadata.ts";
import { cidr, dns1123Label, dns1123Subdomain, ipAddress, portNumber, qualifiedName } from "#apimachinery/validation/names.ts";
import { specialAddress } from "../common/special-address.ts";
import { needsHealthCheck } from "./service-needs.ts";
import { validatePort } from "./pod-spec/validate-probes.ts";

const types: readonly string[] = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
const longestAffinity = 86_400;
const isHeadless = (spec: ServiceSpec): boolean => spec.clusterIPs?.length === 1 && spec.clusterIPs[0] === "None";

/** Upstream: pkg/apis/core/validation ValidateService */
export function validateService({ spec }: Service): readonly Cause[] {
  const ports = spec.ports ?? [];
  return [
    ...(ports.length === 0 && !isHeadless(spec) && spec.type !== "ExternalName" ? [required("spec.ports")] : []),
    ...validateByType(spec),
    ...ports.flatMap((port, i) => validateServicePort(port, spec, i)),
    ...validateLabels(spec.selector, "spec.selector"),
    ...validateAffinity(spec),
    ...validateClusterIps(spec),
    ...(spec.externalIPs ?? []).flatMap((ip, i) => eachInvalid(`spec.externalIPs[${i}]`, ip, ipAddress(ip).length > 0 ? ipAddress(ip) : specialAddress(ip))),
    ...oneOf("spec.type", spec.type, types),
    ...repeatedPorts(ports),
    ...validateOutside(spec),
    ...validateHealthCheck(spec, "spec.healthCheckNodePort"),
  ];
}

function validateByType(spec: ServiceSpec): readonly Cause[] {
  if (spec.type === "LoadBalancer" || spec.type === "NodePort") {
    return isHeadless(spec) ? [invalidValue("spec.clusterIPs[0]", "None", `may not be set to 'None' for ${spec.type} services`)] : [];
  }
  if (spec.type !== "ExternalName") return [];
  const name = (spec.externalName ?? "").replace(/\.$/, "");
  const unset = (field: "clusterIPs" | "ipFamilies" | "ipFamilyPolicy"): readonly Cause[] =>
    (semanticEqual(spec[field], undefined) ? [] : [forbidden(`spec.${field}`, "may not be set for ExternalName services")]);
  return [...unset("clusterIPs"), ...unset("ipFamilies"), ...unset("ipFamilyPolicy"), ...(name === "" ? [required("spec.externalName")] : eachInvalid("spec.externalName", name, dns1123Subdomain(name)))];
}

/** Upstream: pkg/apis/core/validation validateServicePort */
function validateServicePort(port: ServicePort, spec: ServiceSpec, index: number): readonly Cause[] {
  const { name = "", protocol, targetPort, appProtocol, nodePort = 0 } = port;
  const at = `spec.ports[${index}]`;
  const ports = spec.ports ?? [];
  return [
    ...(name === "" ? (ports.length > 1 ? [required(`${at}.name`)] : []) : eachInvalid(`${at}.name`, name, dns1123Label(name))),
    ...(name !== "" && ports.findIndex((p) => p.name === name) < index ? [duplicate(`${at}.name`, name)] : []),
    ...eachInvalid(`${at}.port`, port.port, portNumber(port.port)),
    ...oneOf(`${at}.protocol`, protocol, ["SCTP", "TCP", "UDP"]),
    ...(targetPort === undefined ? [] : validatePort(targetPort, `${at}.targetPort`)),
    ...(appProtocol === undefined ? [] : eachInvalid(`${at}.appProtocol`, appProtocol, qualifiedName(appProtocol))),
    ...(spec.type === "ClusterIP" && nodePort !== 0 ? [forbidden(`${at}.nodePort`, "may not be used when `type` is 'ClusterIP'")] : []),
  ];
}

function repeatedPorts(ports: readonly ServicePort[]): readonly Cause[] {
  const same = (pick: (port: ServicePort) => unknown, i: number): boolean => ports.findIndex((p) => p.protocol === ports[i]?.protocol && pick(p) === pick(ports[i] as ServicePort)) < i;
  return ports.flatMap(({ nodePort = 0, port, protocol }, i) => [
    ...(nodePort !== 0 && same((p) => p.nodePort, i) ? [duplicate(`spec.ports[${i}].nodePort`, nodePort)] : []),
    ...(same((p) => p.port, i) ? [duplicate(`spec.ports[${i}]`, { port, protocol })] : []),
  ]);
}

function validateAffinity({ sessionAffinity, sessionAffinityConfig: config }: ServiceSpec): readonly Cause[] {
  const field = "spec.sessionAffinityConfig";
  if (sessionAffinity === "None") return config === undefined ? [] : [forbidden(field, "must not be set when session affinity is None")];
  if (sessionAffinity !== "ClientIP") return oneOf("spec.sessionAffinity", sessionAffinity, ["ClientIP", "None"]);
  const seconds = config?.clientIP?.timeoutSeconds;
  if (seconds === undefined) return [required(`${field}.clientIP.timeoutSeconds`, "when session affinity type is ClientIP")];
  return seconds > 0 && seconds <= longestAffinity ? [] : [invalidValue(`${field}.clientIP.timeoutSeconds`, seconds, `must be greater than 0 and less than ${longestAffinity}`)];
}

/** Upstream: pkg/apis/core/validation ValidateServiceClusterIPsRelatedFields */
function validateClusterIps({ clusterIP, clusterIPs = [], ipFamilies = [], ipFamilyPolicy }: ServiceSpec): readonly Cause[] {
  const families: readonly string[] = ["IPv4", "IPv6"];
  const policies: readonly string[] = ["PreferDualStack", "RequireDualStack", "SingleStack"];
  return [
    ...(clusterIP && clusterIPs.length > 0 && clusterIP !== clusterIPs[0]
      ? [invalidValue("spec.clusterIP", clusterIPs, "first value of `clusterIPs` must be same as `clusterIP`")]
      : []),
    ...ipFamilies.flatMap((family, i) => (families.includes(family) ? [] : [notSupported(`spec.ipFamilies[${i}]`, family, families)])),
    ...ipFamilies.flatMap((family, i) => (ipFamilies.indexOf(family) < i ? [duplicate(`spec.ipFamilies[${i}]`, family)] : [])),
    ...(ipFamilyPolicy === undefined || policies.includes(ipFamilyPolicy) ? [] : [notSupported("spec.ipFamilyPolicy", ipFamilyPolicy, policies)]),
    ...(clusterIPs.length > 2 ? [invalidValue("spec.clusterIPs", clusterIPs, "may only hold up to 2 values")] : []),
    ...clusterIPs.flatMap((ip, i) => {
      if (ip === "None") return clusterIPs.length > 1 ? [invalidValue("spec.clusterIPs", clusterIPs, "'None' must be the first and only value")] : [];
      return eachInvalid(`spec.clusterIPs[${i}]`, ip, ipAddress(ip));
    }),
  ];
}

/** What concerns traffic from outside. */
function validateOutside(spec: ServiceSpec): readonly Cause[] {
  const outside = spec.type === "NodePort" || spec.type === "LoadBalancer" || (spec.type === "ClusterIP" && (spec.externalIPs?.length ?? 0) > 0);
  const ranges = spec.loadBalancerSourceRanges ?? [];
  const onlyBalancer = "may only be used when `type` is 'LoadBalancer'";
  return [
    ...(ranges.length > 0 && spec.type !== "LoadBalancer" ? [forbidden("spec.LoadBalancerSourceRanges", onlyBalancer)] : []),
    ...ranges.flatMap((range, i) => eachInvalid(`spec.LoadBalancerSourceRanges[${i}]`, range, cidr(range.trim()))),
    ...(spec.allocateLoadBalancerNodePorts !== undefined && spec.type !== "LoadBalancer" ? [forbidden("spec.allocateLoadBalancerNodePorts", onlyBalancer)] : []),
    ...(spec.loadBalancerClass !== undefined && spec.type !== "LoadBalancer" ? [forbidden("spec.loadBalancerClass", onlyBalancer)] : []),
    ...(!outside && spec.externalTrafficPolicy
      ? [invalidValue("spec.externalTrafficPolicy", spec.externalTrafficPolicy, "may only be set for externally-accessible services")]
      : []),
    ...(outside ? oneOf("spec.externalTrafficPolicy", spec.externalTrafficPolicy, ["Cluster", "Local"]) : []),
    ...(spec.internalTrafficPolicy === undefined ? [] : oneOf("spec.internalTrafficPolicy", spec.internalTrafficPolicy, ["Cluster", "Local"])),
    ...(spec.trafficDistribution === undefined || ["PreferClose", "PreferSameNode", "PreferSameZone"].includes(spec.trafficDistribution)
      ? []
      : [notSupported("spec.trafficDistribution", spec.trafficDistribution, ["PreferClose", "PreferSameNode", "PreferSameZone"])]),
  ];
}

function validateHealthCheck(spec: ServiceSpec, field: string): readonly Cause[] {
  const port = spec.healthCheckNodePort ?? 0;
  if (needsHealthCheck(spec)) return port === 0 ? [required(field)] : eachInvalid(field, port, portNumber(port));
  return port === 0 ? [] : [invalidValue(field, port, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'")];
}

/** Upstream: pkg/apis/core/validation ValidateServiceUpdate */
export function validateServiceUpdate(next: Service, old: Service): readonly Cause[] {
  if (old.spec.type === "ExternalName" || next.spec.type === "ExternalName") return [];
  const balanced = next.spec.type === "LoadBalancer" && old.spec.type === "LoadBalancer";
  const [before, after] = [old.spec.clusterIPs?.[0], next.spec.clusterIPs?.[0]];
  return [
    ...(before !== undefined && after !== before ? [invalidValue("spec.clusterIPs[0]", next.spec.clusterIPs ?? [], "may not change once set")] : []),
    ...(needsHealthCheck(next.spec) && needsHealthCheck(old.spec) ? immutable("spec.healthCheckNodePort", next.spec.healthCheckNodePort, old.spec.healthCheckNodePort) : []),
    ...(balanced && old.spec.loadBalancerClass !== undefined ? immutable("spec.loadBalancerClass", next.spec.loadBalancerClass, old.spec.loadBalancerClass) : []),
  ];
}
