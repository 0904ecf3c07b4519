import type { IPBlock, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from "#api/gen/networking-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { eachInvalid, forbidden, invalidValue, notSupported, required } from "#apimachinery/validation/causes.ts";
import { cidr, portName, portNumber } from "#apimachinery/validation/names.ts";
import { validateLabelSelector } from "#apimachinery/validation/selector.ts";
import { selectorText } from "../apps/selected-template.ts";
import { contains, parseRange } from "../common/cidr.ts";
import { ageColumn, nameColumn } from "../common/columns.ts";
import type { Resource } from "../resource.ts";

const protocols: readonly string[] = ["TCP", "UDP", "SCTP"];
const directions: readonly string[] = ["Ingress", "Egress"];

/** Upstream: pkg/apis/networking/validation ValidateNetworkPolicyPort */
function validatePort({ protocol, port, endPort }: NetworkPolicyPort, field: string): readonly Cause[] {
  return [
    ...(protocol === undefined || protocols.includes(protocol) ? [] : [notSupported(`${field}.protocol`, protocol, protocols)]),
    ...(typeof port === "number" ? eachInvalid(`${field}.port`, port, portNumber(port)) : []),
    ...(endPort === undefined ? [] : validateEnd(endPort, port, `${field}.endPort`)),
    ...(typeof port === "string" ? eachInvalid(`${field}.port`, port, portName(port)) : []),
  ];
}

function validateEnd(end: number, port: number | string | undefined, field: string): readonly Cause[] {
  if (port === undefined) return [invalidValue(field, end, "may not be specified when `port` is not specified")];
  if (typeof port === "string") return [invalidValue(field, end, "may not be specified when `port` is non-numeric")];
  return [...(end < port ? [invalidValue(field, end, "must be greater than or equal to `port`")] : []), ...eachInvalid(field, end, portNumber(end))];
}

/** Upstream: pkg/apis/networking/validation ValidateNetworkPolicyPeer */
function validatePeer({ podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer, field: string): readonly Cause[] {
  const given = [podSelector, namespaceSelector, ipBlock].filter((part) => part !== undefined).length;
  return [
    ...validateLabelSelector(podSelector, `${field}.podSelector`),
    ...validateLabelSelector(namespaceSelector, `${field}.namespaceSelector`),
    ...(ipBlock === undefined ? [] : validateBlock(ipBlock, `${field}.ipBlock`)),
    ...(given === 0 ? [required(field, "must specify a peer")] : []),
    ...(given > 1 && ipBlock !== undefined ? [forbidden(field, "may not specify both ipBlock and another peer")] : []),
  ];
}

/** Upstream: pkg/apis/networking/validation ValidateIPBlock */
function validateBlock({ cidr: text, except = [] }: IPBlock, field: string): readonly Cause[] {
  if (text === "") return [required(`${field}.cidr`)];
  const outer = parseRange(text);
  if (cidr(text).length > 0 || outer === undefined) return eachInvalid(`${field}.cidr`, text, cidr(text));
  return except.flatMap((inner, i) => {
    const range = parseRange(inner);
    if (cidr(inner).length > 0 || range === undefined) return eachInvalid(`${field}.except[${i}]`, inner, cidr(inner));
    return contains(outer, range) && outer.prefix < range.prefix ? [] : [invalidValue(`${field}.except[${i}]`, inner, "must be a strict subset of `cidr`")];
  });
}

/** Upstream: pkg/apis/networking/validation ValidateNetworkPolicySpec */
function validate({ spec: { podSelector, ingress = [], egress = [], policyTypes = [] } }: NetworkPolicy): readonly Cause[] {
  const rules = [
    ...ingress.map(({ ports, from }, i) => ({ ports, peers: from, at: `spec.ingress[${i}]`, side: "from" })),
    ...egress.map(({ ports, to }, i) => ({ ports, peers: to, at: `spec.egress[${i}]`, side: "to" })),
  ];
  return [
    ...validateLabelSelector(podSelector, "spec.podSelector"),
    ...rules.flatMap(({ ports = [], peers = [], at, side }) => [
      ...ports.flatMap((port, i) => validatePort(port, `${at}.ports[${i}]`)),
      ...peers.flatMap((peer, i) => validatePeer(peer, `${at}.${side}[${i}]`)),
    ]),
    ...(policyTypes.length > directions.length
      ? [invalidValue("spec.policyTypes", policyTypes, "may not specify more than two policyTypes")]
      : policyTypes.flatMap((type, i) => (directions.includes(type) ? [] : [notSupported(`spec.policyTypes[${i}]`, type, directions)]))),
  ];
}

export const networkPolicies: Resource<NetworkPolicy> = {
  group: "networking.k8s.io", version: "v1", kind: "NetworkPolicy", schema: "networking/v1.NetworkPolicy", scope: "Namespaced",
  names: { plural: "networkpolicies", singular: "networkpolicy", short: ["netpol"] },
  /** Upstream: pkg/apis/networking/v1 SetDefaults_NetworkPolicy, SetDefaults_NetworkPolicyPort */
  defaults({ spec }) {
    for (const { ports = [] } of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) for (const port of ports) port.protocol ??= "TCP";
    if (!spec.policyTypes?.length) spec.policyTypes = spec.egress?.length ? ["Ingress", "Egress"] : ["Ingress"];
  },
  validate,
  columns: [
    nameColumn,
    { name: "Pod-Selector", type: "string", description: "Which pods it is about.", cell: ({ spec }) => selectorText(spec.podSelector) },
    ageColumn,
  ],
};
