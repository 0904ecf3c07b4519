import type { EndpointAddress, Endpoints, EndpointSubset } from "#api/gen/core-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { eachInvalid, oneOf, required } from "#apimachinery/validation/causes.ts";
import { dns1123Label, dns1123Subdomain, ipAddress, portNumber } from "#apimachinery/validation/names.ts";
import { ageColumn, nameColumn } from "../common/columns.ts";
import { some } from "../common/some.ts";
import { specialAddress } from "../common/special-address.ts";
import type { Resource } from "../resource.ts";

const protocols: readonly string[] = ["SCTP", "TCP", "UDP"];

function validateAddress({ ip, hostname, nodeName }: EndpointAddress, field: string): readonly Cause[] {
  const problems = ipAddress(ip);
  return [
    ...eachInvalid(`${field}.ip`, ip, problems.length > 0 ? problems : specialAddress(ip)),
    ...(hostname ? eachInvalid(`${field}.hostname`, hostname, dns1123Label(hostname)) : []),
    ...(nodeName === undefined ? [] : eachInvalid(`${field}.nodeName`, nodeName, dns1123Subdomain(nodeName))),
  ];
}

/** Upstream: pkg/apis/core/validation validateEndpointSubsets */
function validateSubset({ addresses = [], notReadyAddresses = [], ports = [] }: EndpointSubset, field: string): readonly Cause[] {
  return [
    ...(addresses.length + notReadyAddresses.length === 0 ? [required(field, "must specify `addresses` or `notReadyAddresses`")] : []),
    ...addresses.flatMap((address, i) => validateAddress(address, `${field}.addresses[${i}]`)),
    ...notReadyAddresses.flatMap((address, i) => validateAddress(address, `${field}.notReadyAddresses[${i}]`)),
    ...ports.flatMap(({ name = "", port, protocol }, i) => [
      ...(ports.length > 1 && name === "" ? [required(`${field}.ports[${i}].name`)] : name === ""
        ? []
        : eachInvalid(`${field}.ports[${i}].name`, name, dns1123Label(name))),
      ...eachInvalid(`${field}.ports[${i}].port`, port, portNumber(port)),
      ...oneOf(`${field}.ports[${i}].protocol`, protocol, protocols),
    ]),
  ];
}

/** `10.0.0.1:80,10.0.0.2:80 + 1 more...`. Upstream: pkg/printers/internalversion formatEndpoints */
function endpointsText({ subsets }: Endpoints): string {
  const all = (subsets ?? []).flatMap(({ addresses = [], ports = [] }) =>
    ports.length === 0 ? addresses.map(({ ip }) => ip) : ports.flatMap(({ port }) => addresses.map(({ ip }) => (ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`))));
  return some(all, "<none>");
}

export const endpoints: Resource<Endpoints> = {
  group: "", version: "v1", kind: "Endpoints", schema: "core/v1.Endpoints", scope: "Namespaced",
  deprecated: "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
  names: { plural: "endpoints", singular: "endpoints", short: ["ep"] },
  createOnUpdate: true,
  defaults({ subsets }) {
    for (const { ports } of subsets ?? []) for (const port of ports ?? []) port.protocol ||= "TCP";
  },
  validate: ({ subsets }) => (subsets ?? []).flatMap((subset, i) => validateSubset(subset, `subsets[${i}]`)),
  columns: [
    nameColumn,
    { name: "Endpoints", type: "string", description: "Addresses and ports that serve.", cell: endpointsText },
    ageColumn,
  ],
};
