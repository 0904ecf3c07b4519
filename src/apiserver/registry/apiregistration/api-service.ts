import type { APIService, APIServiceCondition, APIServiceSpec } from "#api/gen/apiregistration-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { eachInvalid, invalidValue, required } from "#apimachinery/validation/causes.ts";
import { dns1035Label, dns1123Subdomain, pathSegment, portNumber } from "#apimachinery/validation/names.ts";
import { ageColumn, nameColumn } from "../common/columns.ts";
import type { Resource } from "../resource.ts";

const mostGroupPriority = 20_000;
const mostVersionPriority = 1000;
const available = "Available";

/** Upstream: kube-aggregator/pkg/apis/apiregistration/validation ValidateAPIService */
function validate({ metadata: { name }, spec }: APIService): readonly Cause[] {
  const { group = "", version = "", groupPriorityMinimum: groupPriority, versionPriority } = spec;
  const wanted = `${version}.${group}`;
  return [
    ...(pathSegment(name).length > 0 || name === wanted ? [] : [invalidValue("metadata.name", name, `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(wanted)}`)]),
    ...(group === "" && version !== "v1" ? [required("spec.group", "only v1 may have an empty group and it better be legacy kube")] : []),
    ...(group === "" ? [] : eachInvalid("spec.group", group, dns1123Subdomain(group))),
    ...eachInvalid("spec.version", version, dns1035Label(version)),
    ...(groupPriority > 0 && groupPriority <= mostGroupPriority ? [] : [invalidValue("spec.groupPriorityMinimum", groupPriority, "must be positive and less than 20000")]),
    ...(versionPriority > 0 && versionPriority <= mostVersionPriority ? [] : [invalidValue("spec.versionPriority", versionPriority, "must be positive and less than 1000")]),
    ...(spec.service === undefined ? validateLocal(spec) : validateRemote(spec, spec.service)),
  ];
}

function validateLocal({ caBundle, insecureSkipTLSVerify }: APIServiceSpec): readonly Cause[] {
  const bytes = Buffer.from(caBundle ?? "", "base64").length;
  return [
    ...(bytes > 0 ? [invalidValue("spec.caBundle", `${bytes} bytes`, "local APIServices may not have a caBundle")] : []),
    ...(insecureSkipTLSVerify === true ? [invalidValue("spec.insecureSkipTLSVerify", true, "local APIServices may not have insecureSkipTLSVerify")] : []),
  ];
}

function validateRemote({ caBundle, insecureSkipTLSVerify }: APIServiceSpec, { namespace, name, port = 443 }: NonNullable<APIServiceSpec["service"]>): readonly Cause[] {
  const problems = portNumber(port);
  return [
    ...(namespace ? [] : [required("spec.service.namespace")]),
    ...(name ? [] : [required("spec.service.name")]),
    ...(problems.length === 0 ? [] : [invalidValue("spec.service.port", port, `port is not valid: ${problems.join(",")}`)]),
    ...(insecureSkipTLSVerify === true && caBundle ? [invalidValue("spec.insecureSkipTLSVerify", true, "may not be true if caBundle is present")] : []),
  ];
}

/** What this server serves itself is always there. Upstream: kube-aggregator apiregistration NewLocalAvailableAPIServiceCondition */
const localCondition = (at: string): APIServiceCondition =>
  ({ type: available, status: "True", lastTransitionTime: at, reason: "Local", message: "Local APIServices are always available" });

/** Upstream: kube-aggregator/pkg/registry/apiservice/rest getCondition */
function availableText({ status: { conditions = [] } }: APIService): string {
  const found = conditions.find(({ type }) => type === available);
  if (found === undefined) return "Unknown";
  return found.status === "True" || !found.reason ? found.status : `${found.status} (${found.reason})`;
}

export const apiServices: Resource<APIService> = {
  group: "apiregistration.k8s.io", version: "v1", kind: "APIService", schema: "apiregistration/v1.APIService", scope: "Cluster",
  names: { plural: "apiservices", singular: "apiservice", categories: ["api-extensions"] },
  validateName: (name) => pathSegment(name),
  generation: false,
  defaults({ spec: { service } }) {
    if (service !== undefined) service.port ??= 443;
  },
  prepareCreate(service) {
    if (service.spec.service === undefined) service.status = { conditions: [localCondition(service.metadata.creationTimestamp ?? "")] };
  },
  validate,
  subresources: {
    status: { type: "write", prepareUpdate: (next, old) => { next.spec = old.spec; } },
  },
  columns: [
    nameColumn,
    { name: "Service", type: "string", description: "Who serves it.", cell: ({ spec: { service } }) => (service === undefined ? "Local" : `${service.namespace ?? ""}/${service.name ?? ""}`) },
    { name: available, type: "string", description: "Whether it can be reached.", cell: availableText },
    ageColumn,
  ],
};
