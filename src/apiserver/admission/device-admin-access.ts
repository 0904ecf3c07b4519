import type { DeviceRequest, ResourceClaim, ResourceClaimTemplate } from "#api/gen/resource-v1.ts";
import { namespaces } from "#api/resources.ts";
import { invalid } from "#apimachinery/status.ts";
import { forbidden } from "#apimachinery/validation/causes.ts";
import type { AdmissionAttributes } from "./attributes.ts";
import type { AdmissionPlugin } from "./plugin.ts";

const label = "resource.kubernetes.io/admin-access";

/**
 * Access past those who have a device is for namespaces that an administrator has labelled. Upstream has the rule in the
 * kinds' strategies: pkg/registry/resource AuthorizedForAdmin, AuthorizedForAdminStatus
 */
export const deviceAdminAccess: AdmissionPlugin = {
  name: "DeviceAdminAccess",
  resources: ["resourceclaims.resource.k8s.io", "resourceclaimtemplates.resource.k8s.io"],
  async validate(attributes, object) {
    if (object === undefined) return;
    const field = attributes.subresource === "status" ? granted(object as ResourceClaim, attributes) : attributes.operation === "CREATE" ? asked(requestsOf(object as ResourceClaim | ResourceClaimTemplate)) : undefined;
    if (field === undefined) return;
    const { metadata } = (await attributes.reader.get(namespaces, attributes.namespace)) ?? {};
    if (metadata?.labels?.[label] === "true") return;
    const { group, kind } = attributes.resource;
    throw invalid({ group, kind }, object.metadata.name, [forbidden(field, `admin access to devices requires the \`${label}: true\` label on the containing namespace`)]);
  },
};

const requestsOf = ({ spec }: ResourceClaim | ResourceClaimTemplate): readonly DeviceRequest[] => ("spec" in spec ? spec.spec : spec).devices?.requests ?? [];

/** The field of the first request for it. */
function asked(requests: readonly DeviceRequest[]): string | undefined {
  const at = requests.findIndex(({ exactly }) => exactly?.adminAccess === true);
  return at < 0 ? undefined : `spec.devices.requests[${at}].adminAccess`;
}

/** That of the first device which has it now, where none had it before. */
function granted({ status }: ResourceClaim, { oldObject }: AdmissionAttributes): string | undefined {
  const of = (claim: ResourceClaim["status"] | undefined): number => (claim?.allocation?.devices?.results ?? []).findIndex(({ adminAccess }) => adminAccess === true);
  const at = of(status);
  return at < 0 || of((oldObject as ResourceClaim | undefined)?.status) >= 0 ? undefined : `status.allocation.devices.results[${at}].adminAccess`;
}
