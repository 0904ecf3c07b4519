import type { ResourceQuota } from "#api/gen/core-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { invalidValue } from "#apimachinery/validation/causes.ts";
import { ageColumn, nameColumn } from "../common/columns.ts";
import { validateQuotaResourceName } from "../common/resource-names.ts";
import type { Resource } from "../resource.ts";
import { validateAmount } from "./pod-spec/validate-resources.ts";
import { validateScopes, validateScopeSelector } from "./quota-scopes.ts";

const validateList = (list: Readonly<Record<string, string>> | undefined, field: string): readonly Cause[] =>
  Object.entries(list ?? {}).flatMap(([name, amount]) => [...validateQuotaResourceName(name, `${field}[${name}]`), ...validateAmount(name, amount, `${field}[${name}]`)]);

const validateStatus = ({ status }: ResourceQuota): readonly Cause[] => [...validateList(status.hard, "status.hard"), ...validateList(status.used, "status.used")];

function validateUpdate({ spec: { scopes = [] } }: ResourceQuota, old: ResourceQuota): readonly Cause[] {
  const before = new Set(old.spec.scopes);
  const same = new Set(scopes).size === before.size && scopes.every((scope) => before.has(scope));
  return same ? [] : [invalidValue("spec.scopes", scopes, "field is immutable")];
}

/** `pods: 1/10, requests.cpu: 100m/1`, of limits or of everything else. Upstream: pkg/printers/internalversion printResourceQuota */
function usageText({ status: { hard = {}, used = {} } }: ResourceQuota, ofLimits: boolean): string {
  const names = Object.keys(hard).filter((name) => name.startsWith("limits") === ofLimits).toSorted();
  return names.map((name) => `${name}: ${used[name] ?? "0"}/${hard[name] ?? ""}`).join(", ");
}

/** Upstream: pkg/apis/core/validation ValidateResourceQuota */
export const resourceQuotas: Resource<ResourceQuota> = {
  group: "", version: "v1", kind: "ResourceQuota", schema: "core/v1.ResourceQuota", scope: "Namespaced",
  names: { plural: "resourcequotas", singular: "resourcequota", short: ["quota"] },
  generation: false,
  validate: ({ spec }) => [...validateList(spec.hard, "spec.hard"), ...validateScopes(spec, "spec.scopes"), ...validateScopeSelector(spec, "spec.scopeSelector.matchExpressions")],
  validateUpdate,
  subresources: {
    status: { type: "write", prepareUpdate: (next, old) => { next.spec = old.spec; }, validateUpdate: validateStatus },
  },
  columns: [
    nameColumn,
    { name: "Request", type: "string", description: "What is used of what may be.", cell: (quota) => usageText(quota, false) },
    { name: "Limit", type: "string", description: "The same for limits.", cell: (quota) => usageText(quota, true) },
    ageColumn,
  ],
};
