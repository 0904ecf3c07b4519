import { isDeepStrictEqual } from "node:util";
import type { AllocatedDeviceStatus, ResourceClaim, ResourceClaimStatus } from "#api/gen/resource-v1.ts";
import { invalid, type Cause } from "#apimachinery/status.ts";
import { forbidden } from "#apimachinery/validation/causes.ts";
import { forbiddenError, type AuthorizationRequest, type Authorizer } from "../authz/authorizer.ts";
import type { AdmissionAttributes } from "./attributes.ts";
import type { AdmissionPlugin } from "./plugin.ts";

/**
 * Who may write a claim's status may not write all of it: which devices it has is the scheduler's, what is said of a
 * device its driver's, on the node of the claim or everywhere. Upstream has the rule in the kind's strategy:
 * pkg/registry/resource AuthorizedForBinding, AuthorizedForDeviceStatus
 */
export const claimStatusPermission = (authorizer: Authorizer): AdmissionPlugin => ({
  name: "ResourceClaimStatusPermission",
  resources: ["resourceclaims.resource.k8s.io"],
  async validate(attributes, object) {
    if (object === undefined || attributes.operation !== "UPDATE" || attributes.subresource !== "status") return;
    const { status } = object as ResourceClaim;
    const { status: old = {} } = (attributes.oldObject as ResourceClaim | undefined) ?? {};
    const causes = [...await bindingCauses(authorizer, attributes, status, old), ...await driverCauses(authorizer, attributes, status, old)];
    const { group, kind } = attributes.resource;
    if (causes.length > 0) throw invalid({ group, kind }, object.metadata.name, causes);
  },
});

async function bindingCauses(authorizer: Authorizer, attributes: AdmissionAttributes, next: ResourceClaimStatus, old: ResourceClaimStatus): Promise<readonly Cause[]> {
  if (isDeepStrictEqual(next.allocation, old.allocation) && isDeepStrictEqual(next.reservedFor ?? [], old.reservedFor ?? [])) return [];
  const { verb } = attributes;
  const refusal = await refusalOf(authorizer, asked(attributes, verb, "binding"));
  return refusal === undefined ? [] : [forbidden("status", `changing status.allocation or status.reservedFor requires resource="resourceclaims/binding", verb="${verb}" permission: ${refusal}`)];
}

async function driverCauses(authorizer: Authorizer, attributes: AdmissionAttributes, next: ResourceClaimStatus, old: ResourceClaimStatus): Promise<readonly Cause[]> {
  const verbs = [...(isOnNodeOf(attributes, next) ? ["associated-node"] : []), "arbitrary-node"].map((prefix) => `${prefix}:${attributes.verb}`);
  const causes: Cause[] = [];
  for (const driver of changedDrivers(next.devices, old.devices)) {
    const refusals: string[] = [];
    for (const verb of verbs) {
      const refusal = await refusalOf(authorizer, { ...asked(attributes, verb, "driver"), namespace: attributes.namespace, name: driver });
      if (refusal === undefined) break;
      refusals.push(refusal);
    }
    if (refusals.length === verbs.length) causes.push(forbidden("status.devices", `changing status.devices requires resource="resourceclaims/driver", verb="[${verbs.join(" ")}]" permission: ${refusals[0] ?? ""}`));
  }
  return causes;
}

const asked = ({ user, resource: { group, version, names } }: AdmissionAttributes, verb: string, subresource: string): AuthorizationRequest => ({ user, verb, group, version, resource: names.plural, subresource });

/** In the words of a refused request; undefined where it is allowed. */
async function refusalOf(authorizer: Authorizer, request: AuthorizationRequest): Promise<string | undefined> {
  const { allowed, reason } = await authorizer.authorize(request);
  return allowed ? undefined : forbiddenError(request, reason).message;
}

/** Upstream: getModifiedDrivers */
function changedDrivers(next: readonly AllocatedDeviceStatus[] = [], old: readonly AllocatedDeviceStatus[] = []): readonly string[] {
  const keyOf = ({ driver, pool, device, shareID }: AllocatedDeviceStatus): string => JSON.stringify([driver, pool, device, shareID]);
  const [before, after] = [old, next].map((list) => new Map(list.map((one) => [keyOf(one), one])));
  const changed = [...old, ...next].filter((one) => !isDeepStrictEqual(before?.get(keyOf(one)), after?.get(keyOf(one))));
  return [...new Set(changed.map(({ driver }) => driver))].sort();
}

/** Whether a service account's pod runs on the one node on which the claim can be used. Upstream: saAssociatedWithAllocatedNode */
function isOnNodeOf({ user }: AdmissionAttributes, { allocation }: ResourceClaimStatus): boolean {
  const [term, ...others] = allocation?.nodeSelector?.nodeSelectorTerms ?? [];
  const [field, ...fields] = term?.matchFields ?? [];
  if (others.length > 0 || fields.length > 0 || (term?.matchExpressions ?? []).length > 0 || field?.key !== "metadata.name" || field.operator !== "In" || field.values?.length !== 1) return false;
  const nodes = user.extra?.["authentication.kubernetes.io/node-name"] ?? [];
  return user.name.startsWith("system:serviceaccount:") && nodes.length === 1 && nodes[0] === field.values[0];
}
