import type { Lease } from "#api/gen/coordination-v1.ts";
import { invalidValue, nonNegative } from "#apimachinery/validation/causes.ts";
import { ageColumn, nameColumn } from "../common/columns.ts";
import type { Resource } from "../resource.ts";

/** Upstream: pkg/apis/coordination/validation ValidateLeaseSpec */
export const leases: Resource<Lease> = {
  group: "coordination.k8s.io", version: "v1", kind: "Lease", schema: "coordination/v1.Lease", scope: "Namespaced",
  names: { plural: "leases", singular: "lease" },
  generation: false,
  createOnUpdate: true,
  unconditionalUpdate: false,
  validate: ({ spec }) => [
    ...(spec.leaseDurationSeconds !== undefined && spec.leaseDurationSeconds <= 0
      ? [invalidValue("spec.leaseDurationSeconds", spec.leaseDurationSeconds, "must be greater than 0")]
      : []),
    ...nonNegative("spec.leaseTransitions", spec.leaseTransitions),
  ],
  columns: [
    nameColumn,
    { name: "Holder", type: "string", description: "Who holds the lease.", cell: ({ spec }) => spec.holderIdentity ?? "" },
    ageColumn,
  ],
};
