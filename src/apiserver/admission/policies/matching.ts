/** Which requests a policy, a binding or a webhook is about. Upstream: apiserver/pkg/admission/plugin/policy/matching, webhook/predicates */
import type { MatchResources, NamedRuleWithOperations } from "#api/gen/admissionregistration-v1.ts";
import { namespaces } from "#api/resources.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { labelSelectorOf } from "#apimachinery/selectors.ts";
import type { AdmissionAttributes } from "../attributes.ts";

/** The configuration of admission itself is never held up by it. Upstream: rules.IsExemptAdmissionConfigurationResource */
export const isExempt = ({ resource }: AdmissionAttributes): boolean => resource.group === "admissionregistration.k8s.io";

/** Whether a version of a resource is served: rules may name another one than the request. */
export type Served = (group: string, version: string, plural: string) => boolean;

export async function matchesResources(match: MatchResources | undefined, attributes: AdmissionAttributes, object: KubeObject | undefined, served: Served): Promise<boolean> {
  if (match === undefined) return true;
  const exact = match.matchPolicy === "Exact";
  const hit = (rule: NamedRuleWithOperations): boolean => ruleMatches(rule, attributes, exact ? undefined : served);
  if (match.excludeResourceRules?.some(hit)) return false;
  const rules = match.resourceRules ?? [];
  if (rules.length > 0 && !rules.some(hit)) return false;
  return objectMatches(match, attributes, object) && namespaceMatches(match, attributes, object);
}

/** @param served where an equivalent version will do */
function ruleMatches(rule: NamedRuleWithOperations, { operation, resource, subresource, namespace, name }: AdmissionAttributes, served: Served | undefined): boolean {
  const scope = resource.scope === "Namespaced" && !(resource.group === "" && resource.kind === "Namespace") && namespace !== "" ? "Namespaced" : "Cluster";
  return (rule.scope === undefined || rule.scope === "*" || rule.scope === scope)
    && any(rule.operations, operation)
    && any(rule.apiGroups, resource.group)
    && (any(rule.apiVersions, resource.version) || (served !== undefined && (rule.apiVersions ?? []).some((version) => served(resource.group, version, resource.names.plural))))
    && (rule.resources ?? []).some((pattern) => resourceMatches(pattern, resource.names.plural, subresource))
    && ((rule.resourceNames ?? []).length === 0 || rule.resourceNames?.includes(name) === true);
}

const any = (allowed: readonly string[] | undefined, value: string): boolean => allowed?.some((one) => one === "*" || one === value) === true;

/** `pods`, `pods/log`, `pods/*`, `*`, `*` with a subresource. */
function resourceMatches(pattern: string, plural: string, subresource: string): boolean {
  const [main = "", sub = ""] = pattern.split("/");
  return (main === "*" || main === plural) && (sub === "*" || sub === subresource);
}

/** An update matches by what it was or by what it becomes. */
function objectMatches({ objectSelector }: MatchResources, { oldObject }: AdmissionAttributes, object: KubeObject | undefined): boolean {
  const selector = labelSelectorOf(objectSelector ?? {});
  return selector.empty || [object, oldObject].some((one) => one !== undefined && selector.matches(one.metadata.labels ?? {}));
}

/** What is in no namespace always matches; a namespace matches by its own labels. */
async function namespaceMatches({ namespaceSelector }: MatchResources, attributes: AdmissionAttributes, object: KubeObject | undefined): Promise<boolean> {
  const selector = labelSelectorOf(namespaceSelector ?? {});
  if (selector.empty) return true;
  const { resource, namespace, reader } = attributes;
  if (resource.group === "" && resource.kind === "Namespace") return selector.matches((object ?? attributes.oldObject)?.metadata.labels ?? {});
  if (namespace === "") return true;
  return selector.matches((await reader.get(namespaces, namespace))?.metadata.labels ?? {});
}
