import type { Endpoint, EndpointPort, EndpointSlice } from "#api/gen/discovery-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { duplicate, eachInvalid, immutable, notSupported, oneOf, required, tooMany } from "#apimachinery/validation/causes.ts";
import { dns1123Label, dns1123Subdomain, inRange, ipAddress, ipv6Address } from "#apimachinery/validation/names.ts";
import { isIPv4 } from "node:net";
import { ageColumn, nameColumn } from "../common/columns.ts";
import { some } from "../common/some.ts";
import { specialAddress } from "../common/special-address.ts";
import type { Resource } from "../resource.ts";

const mostEndpoints = 1000;
const mostPorts = 100;
const mostAddresses = 100;
const addressTypes: readonly string[] = ["FQDN", "IPv4", "IPv6"];

function addressProblems(address: string, type: string): readonly string[] {
  switch (type) {
    case "IPv4": return isIPv4(address) ? specialAddress(address) : ipAddress(address).length > 0 ? ipAddress(address) : ["must be an IPv4 address"];
    case "IPv6": return ipv6Address(address).length > 0 ? ipv6Address(address) : specialAddress(address);
    case "FQDN": return dns1123Subdomain(address);
    default: return [];
  }
}

/** Upstream: pkg/apis/discovery/validation validateEndpoints */
function validateEndpoint({ addresses, hostname, nodeName }: Endpoint, type: string, field: string): readonly Cause[] {
  return [
    ...(addresses?.length ? [] : [required(`${field}.addresses`, "must contain at least 1 address")]),
    ...((addresses?.length ?? 0) > mostAddresses ? [tooMany(`${field}.addresses`, addresses.length, mostAddresses)] : []),
    ...(addresses ?? []).flatMap((address, i) => eachInvalid(`${field}.addresses[${i}]`, address, addressProblems(address, type))),
    ...(hostname === undefined ? [] : eachInvalid(`${field}.hostname`, hostname, dns1123Label(hostname))),
    ...(nodeName === undefined ? [] : eachInvalid(`${field}.nodeName`, nodeName, dns1123Subdomain(nodeName))),
  ];
}

/** Upstream: pkg/apis/discovery/validation validatePorts */
function validatePorts(ports: readonly EndpointPort[], field: string): readonly Cause[] {
  const names = new Set<string>();
  return ports.flatMap(({ name = "", protocol, port }, i) => {
    const twice = names.has(name) ? [duplicate(`${field}[${i}].name`, name)] : [];
    names.add(name);
    return [
      ...(name === "" ? [] : eachInvalid(`${field}[${i}].name`, name, dns1123Label(name))), ...twice,
      ...oneOf(`${field}[${i}].protocol`, protocol, ["SCTP", "TCP", "UDP"]),
      ...(port === undefined ? [] : eachInvalid(`${field}[${i}].port`, port, inRange(port, 1, 65535))),
    ];
  });
}

function validate({ addressType, endpoints = [], ports = [] }: EndpointSlice): readonly Cause[] {
  return [
    ...(addressType === "" ? [required("addressType")] : addressTypes.includes(addressType) ? [] : [notSupported("addressType", addressType, addressTypes)]),
    ...(endpoints.length > mostEndpoints ? [tooMany("endpoints", endpoints.length, mostEndpoints)] : endpoints.flatMap((endpoint, i) => validateEndpoint(endpoint, addressType, `endpoints[${i}]`))),
    ...(ports.length > mostPorts ? [tooMany("ports", ports.length, mostPorts)] : validatePorts(ports, "ports")),
  ];
}

/** `80,443/UDP` would be too much: ports alone, `<unset>` for the slice of everything. Upstream: pkg/printers/internalversion formatDiscoveryPorts */
const portsText = ({ ports = [] }: EndpointSlice): string => some(ports.map(({ name, port }) => (port === undefined ? (name || "*") : String(port))), "<unset>");

export const endpointSlices: Resource<EndpointSlice> = {
  group: "discovery.k8s.io", version: "v1", kind: "EndpointSlice", schema: "discovery/v1.EndpointSlice", scope: "Namespaced",
  names: { plural: "endpointslices", singular: "endpointslice" },
  generation: true,
  defaults({ ports }) {
    for (const port of ports ?? []) {
      port.name ??= "";
      port.protocol ??= "TCP";
    }
  },
  validate,
  validateUpdate: (next, old) => immutable("addressType", next.addressType, old.addressType),
  columns: [
    nameColumn,
    { name: "AddressType", type: "string", description: "The sort of addresses.", cell: ({ addressType }) => addressType },
    { name: "Ports", type: "string", description: "The ports that serve.", cell: portsText },
    {
      name: "Endpoints", type: "string", description: "The addresses that serve.",
      cell: ({ endpoints = [] }) => some(endpoints.flatMap(({ addresses }) => addresses), "<unset>"),
    },
    ageColumn,
  ],
};
