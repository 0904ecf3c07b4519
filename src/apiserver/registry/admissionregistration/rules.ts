/** Which requests a webhook or a policy wants to see. Upstream: pkg/apis/admissionregistration/validation */
import type { RuleWithOperations } from "#api/gen/admissionregistration-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { invalidValue, notSupported, required } from "#apimachinery/validation/causes.ts";

const operationsKnown: readonly string[] = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];
const scopes: readonly string[] = ["*", "Cluster", "Namespaced"];
const loneStar = (list: readonly string[], field: string, others: string): readonly Cause[] =>
  (list.length > 1 && list.includes("*") ? [invalidValue(field, list, `if '*' is present, must not specify other ${others}`)] : []);

export function validateRule({ operations = [], apiGroups = [], apiVersions = [], resources = [], scope }: RuleWithOperations, field: string): readonly Cause[] {
  return [
    ...(operations.length === 0 ? [required(`${field}.operations`)] : []),
    ...loneStar(operations, `${field}.operations`, "operations"),
    ...operations.flatMap((operation, i) => (operationsKnown.includes(operation) ? [] : [notSupported(`${field}.operations[${i}]`, operation, operationsKnown)])),
    ...(apiGroups.length === 0 ? [required(`${field}.apiGroups`)] : []),
    ...loneStar(apiGroups, `${field}.apiGroups`, "API groups"),
    ...(apiVersions.length === 0 ? [required(`${field}.apiVersions`)] : []),
    ...loneStar(apiVersions, `${field}.apiVersions`, "API versions"),
    ...apiVersions.flatMap((version, i) => (version === "" ? [required(`${field}.apiVersions[${i}]`)] : [])),
    ...validateResources(resources, `${field}.resources`),
    ...(scope === undefined || scopes.includes(scope) ? [] : [notSupported(`${field}.scope`, scope, scopes)]),
  ];
}

/** Upstream: validateResources */
function validateResources(resources: readonly string[], field: string): readonly Cause[] {
  const lastPlain = resources.findLast((resource) => resource !== "" && !resource.includes("/"));
  return [
    ...(resources.length === 0 ? [required(field)] : []),
    ...resources.flatMap((resource, i) => (resource === "" ? [required(`${field}[${i}]`)] : covered(resource, resources.slice(0, i)).map((text) => invalidValue(`${field}[${i}]`, resource, text)))),
    ...(resources.length > 1 && resources.includes("*/*") ? [invalidValue(field, resources, "if '*/*' is present, must not specify other resources")] : []),
    ...(resources.includes("*") && lastPlain !== undefined && lastPlain !== "*"
      ? [invalidValue(field, resources, "if '*' is present, must not specify other resources without subresources")]
      : []),
  ];
}

/** Which wildcards before it say the same already. */
function covered(resource: string, before: readonly string[]): readonly string[] {
  const [, name = "", sub = ""] = /^([^/]*)\/(.*)$/s.exec(resource) ?? [];
  if (!resource.includes("/")) return [];
  return [`${name}/*`, `*/${sub}`].filter((wildcard) => before.includes(wildcard)).map((wildcard) => `if '${wildcard}' is present, must not specify ${resource}`);
}

/** All scopes, unless one is named. Upstream: pkg/apis/admissionregistration/v1 SetDefaults_Rule */
export function defaultRules(rules: readonly RuleWithOperations[] | undefined): void {
  for (const rule of rules ?? []) rule.scope ??= "*";
}
