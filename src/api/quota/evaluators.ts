/** What quotas count. Used by the admission that charges and by the controller that counts again. Upstream: apiserver/pkg/quota/v1/generic, pkg/quota/v1 */
import type { ResourceQuota, ScopedResourceSelectorRequirement } from "../gen/core-v1.ts";
import { Quantity } from "#apimachinery/quantity.ts";
import { qualified, type GroupResource, type KubeObject } from "#apimachinery/meta.ts";
import { claimEvaluator } from "./claims.ts";
import type { Evaluator } from "./evaluator.ts";
import { podEvaluator } from "./pods.ts";
import { resourceClaimEvaluator } from "./resource-claims.ts";
import { serviceEvaluator } from "./services.ts";

const one = Quantity.of(1);

/** The name under which the bare number of objects is limited: `count/deployments.apps`. */
const countName = (resource: GroupResource): string => `count/${qualified(resource)}`;

/** Resources that quotas knew by another name before all could be counted. */
const aliased: ReadonlySet<string> = new Set(["configmaps", "resourcequotas", "replicationcontrollers", "secrets"]);

/** Counts objects of any resource. */
function objectCount(resource: GroupResource): Evaluator {
  const names = [countName(resource), ...(resource.group === "" && aliased.has(resource.resource) ? [resource.resource] : [])];
  return {
    resource,
    counts: (name) => names.includes(name),
    usage: () => Object.fromEntries(names.map((name) => [name, one])),
    inScope: () => false,
  };
}

const special: Readonly<Record<string, Evaluator>> = Object.fromEntries(
  [podEvaluator, serviceEvaluator, claimEvaluator, resourceClaimEvaluator].map((evaluator) => [qualified(evaluator.resource), evaluator as unknown as Evaluator]),
);

/** How objects of a resource are counted; those without rules of their own by their number. */
export const evaluatorOf = (resource: GroupResource): Evaluator => {
  const name = qualified(resource);
  return (Object.hasOwn(special, name) ? special[name] : undefined) ?? objectCount(resource);
};

/** Every scope that an object must be in to count. Upstream: getScopeSelectorsFromQuota */
const scopesOf = ({ spec }: ResourceQuota): readonly ScopedResourceSelectorRequirement[] => [
  ...(spec.scopes ?? []).map((scopeName): ScopedResourceSelectorRequirement => ({ scopeName, operator: "Exists" })),
  ...(spec.scopeSelector?.matchExpressions ?? []),
];

/** Whether the quota counts this object. */
export const inScopes = (quota: ResourceQuota, evaluator: Evaluator, object: KubeObject): boolean => scopesOf(quota).every((scope) => evaluator.inScope(scope, object));
