import type { ServiceCIDR } from "#api/gen/networking-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { invalidValue, required } from "#apimachinery/validation/causes.ts";
import { parseRange, validateCanonicalCidr } from "../common/cidr.ts";
import { ageColumn, nameColumn } from "../common/columns.ts";
import type { Resource } from "../resource.ts";

const field = "spec.cidrs";
const fixed = "field is immutable";

/** Upstream: pkg/apis/networking/validation validateServiceCIDRSpec */
function validate({ spec }: ServiceCIDR): readonly Cause[] {
  const cidrs = spec.cidrs ?? [];
  if (cidrs.length === 0) return [required(field, "at least one CIDR required")];
  if (cidrs.length > 2) return [invalidValue(field, spec, "may only hold up to 2 values")];
  const [first, second] = cidrs.map((text) => parseRange(text)?.address.family);
  return [
    ...cidrs.flatMap((text, i) => validateCanonicalCidr(text, `${field}[${i}]`)),
    ...(cidrs.length === 2 && first !== undefined && first === second
      ? [invalidValue(field, cidrs, "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64")]
      : []),
  ];
}

/** A second family may join, nothing else may change. Upstream: pkg/apis/networking/validation ValidateServiceCIDRUpdate */
function validateUpdate(next: ServiceCIDR, old: ServiceCIDR): readonly Cause[] {
  const [after, before] = [next.spec.cidrs ?? [], old.spec.cidrs ?? []];
  const joins = before.length === 1 && after.length === 2;
  if (after.length !== before.length && !joins) return [invalidValue(field, after, fixed)];
  return before.flatMap((text, i) => (text === after[i] ? [] : [invalidValue(`${field}[${i}]`, after[i], fixed)]));
}

export const serviceCidrs: Resource<ServiceCIDR> = {
  group: "networking.k8s.io", version: "v1", kind: "ServiceCIDR", schema: "networking/v1.ServiceCIDR", scope: "Cluster",
  names: { plural: "servicecidrs", singular: "servicecidr" },
  validate,
  validateUpdate,
  subresources: {
    status: { type: "write", prepareUpdate: (next, old) => { next.spec = old.spec; } },
  },
  columns: [
    nameColumn,
    { name: "CIDRs", type: "string", description: "Ranges that Services get their addresses from.", cell: ({ spec }) => (spec.cidrs ?? []).join(",") },
    ageColumn,
  ],
};
