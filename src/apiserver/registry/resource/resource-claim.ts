import type { ResourceClaim } from "#api/gen/resource-v1.ts";
import { immutable } from "#apimachinery/validation/causes.ts";
import { ageColumn, nameColumn } from "../common/columns.ts";
import type { Resource } from "../resource.ts";
import { defaultClaimSpec, validateClaimSpec } from "./claim-spec.ts";
import { validateClaimStatus } from "./claim-status.ts";

/** Upstream: pkg/printers/internalversion resourceClaimState */
function stateText({ metadata, status }: ResourceClaim): string {
  const going = metadata.deletionTimestamp !== undefined;
  const held = status.allocation === undefined ? (going ? [] : ["pending"]) : ["allocated", ...(status.reservedFor?.length ? ["reserved"] : [])];
  return [...(going ? ["deleted"] : []), ...held].join(",");
}

export const resourceClaims: Resource<ResourceClaim> = {
  group: "resource.k8s.io", version: "v1", kind: "ResourceClaim", schema: "resource/v1.ResourceClaim", scope: "Namespaced",
  names: { plural: "resourceclaims", singular: "resourceclaim" },
  generation: false,
  defaults: ({ spec }) => defaultClaimSpec(spec),
  validate: ({ spec }) => validateClaimSpec(spec, "spec"),
  validateUpdate: (next, old) => immutable("spec", next.spec, old.spec),
  subresources: {
    status: { type: "write", prepareUpdate: (next, old) => { next.spec = old.spec; }, validateUpdate: validateClaimStatus },
  },
  columns: [nameColumn, { name: "State", type: "string", description: "What it holds.", cell: stateText }, ageColumn],
};
