import type { IPAddress, ParentReference } from "#api/gen/networking-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { eachInvalid, immutable, required } from "#apimachinery/validation/causes.ts";
import { dns1123Subdomain, pathSegment } from "#apimachinery/validation/names.ts";
import { canonicalIp } from "../common/cidr.ts";
import { ageColumn, nameColumn } from "../common/columns.ts";
import type { Resource } from "../resource.ts";

/** Upstream: pkg/apis/networking/validation validateIPAddressParentReference */
function validateParent(parent: ParentReference | undefined): readonly Cause[] {
  const field = "spec.parentRef";
  if (parent === undefined) return [required(field)];
  const { group, resource, name, namespace } = parent;
  return [
    ...(group ? eachInvalid(`${field}.group`, group, dns1123Subdomain(group)) : []),
    ...(resource ? eachInvalid(`${field}.resource`, resource, pathSegment(resource)) : [required(`${field}.resource`)]),
    ...(name ? eachInvalid(`${field}.name`, name, pathSegment(name)) : [required(`${field}.name`)]),
    ...(namespace ? eachInvalid(`${field}.namespace`, namespace, pathSegment(namespace)) : []),
  ];
}

/** Upstream: pkg/printers/internalversion printIPAddress */
function parentText({ spec: { parentRef } }: IPAddress): string {
  if (parentRef === undefined) return "<none>";
  const { group, resource = "", namespace, name = "" } = parentRef;
  return [group ? `${resource}.${group}` : resource, ...(namespace ? [namespace] : []), name].join("/");
}

export const ipAddresses: Resource<IPAddress> = {
  group: "networking.k8s.io", version: "v1", kind: "IPAddress", schema: "networking/v1.IPAddress", scope: "Cluster",
  names: { plural: "ipaddresses", singular: "ipaddress", short: ["ip"] },
  validateName: canonicalIp,
  validate: ({ spec }) => validateParent(spec.parentRef),
  validateUpdate: (next, old) => immutable("spec.parentRef", next.spec.parentRef, old.spec.parentRef),
  columns: [
    nameColumn,
    { name: "ParentRef", type: "string", description: "What has the address.", cell: parentText },
    ageColumn,
  ],
};
