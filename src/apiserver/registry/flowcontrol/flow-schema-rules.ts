import type { NonResourcePolicyRule, PolicyRulesWithSubjects, ResourcePolicyRule, Subject } from "#api/gen/flowcontrol-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { eachInvalid, forbidden, invalidValue, notSupported, required } from "#apimachinery/validation/causes.ts";
import { dns1123Label, dns1123Subdomain } from "#apimachinery/validation/names.ts";

const verbs: readonly string[] = ["create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"];
/** The field that a subject of this kind has. */
const fields = { Group: "group", ServiceAccount: "serviceAccount", User: "user" } as const;
type SubjectKind = keyof typeof fields;
const isKnown = (kind: string): kind is SubjectKind => Object.hasOwn(fields, kind);

/** Upstream: pkg/apis/flowcontrol/validation ValidateFlowSchemaPolicyRulesWithSubjects */
export function validateRule({ subjects, resourceRules = [], nonResourceRules = [] }: PolicyRulesWithSubjects, field: string): readonly Cause[] {
  return [
    ...(subjects.length === 0 ? [required(`${field}.subjects`, "subjects must contain at least one value")] : []),
    ...subjects.flatMap((subject, i) => validateSubject(subject, `${field}.subjects[${i}]`)),
    ...(resourceRules.length + nonResourceRules.length === 0 ? [required(field, "at least one of resourceRules and nonResourceRules has to be non-empty")] : []),
    ...resourceRules.flatMap((rule, i) => validateResourceRule(rule, `${field}.resourceRules[${i}]`)),
    ...nonResourceRules.flatMap((rule, i) => validateUrlRule(rule, `${field}.nonResourceRules[${i}]`)),
  ];
}

/** Upstream: pkg/apis/flowcontrol/validation ValidateFlowSchemaSubject */
function validateSubject(subject: Subject, field: string): readonly Cause[] {
  const { kind } = subject;
  if (!isKnown(kind)) return [notSupported(`${field}.kind`, kind, Object.keys(fields))];
  const own = fields[kind];
  const others = (["ServiceAccount", "User", "Group"] as const).filter((other) => other !== kind && subject[fields[other]] !== undefined);
  return [
    ...(subject[own] === undefined ? [required(`${field}.${own}`, `${own} is required when subject kind is '${kind}'`)] : validateNames(subject, kind, `${field}.${own}`)),
    ...others.map((other) => forbidden(`${field}.${fields[other]}`, `${fields[other]} is forbidden when subject kind is not '${other}'`)),
  ];
}

function validateNames(subject: Subject, kind: SubjectKind, field: string): readonly Cause[] {
  const name = subject[fields[kind]]?.name ?? "";
  const namespace = subject.serviceAccount?.namespace ?? "";
  const checkName = kind === "ServiceAccount" && name !== "*" ? eachInvalid(`${field}.name`, name, dns1123Subdomain(name)) : [];
  return [
    ...(name === "" ? [required(`${field}.name`)] : checkName),
    ...(kind !== "ServiceAccount" ? [] : namespace === "" ? [required(`${field}.namespace`, "must specify namespace for service account")] : eachInvalid(`${field}.namespace`, namespace, dns1123Label(namespace))),
  ];
}

/** A star stands alone. @param others what the list holds beside it, in words */
const loneStar = (list: readonly string[], field: string, others: string): readonly Cause[] =>
  (list.length > 1 && list.includes("*") ? [invalidValue(field, list, `if '*' is present, must not specify other ${others}`)] : []);

function validateVerbs(list: readonly string[], field: string): readonly Cause[] {
  if (list.length === 0) return [required(field, "verbs must contain at least one value")];
  if (list.includes("*")) return loneStar(list, field, "verbs");
  return list.every((verb) => verbs.includes(verb)) ? [] : [notSupported(field, list, verbs)];
}

/** Upstream: pkg/apis/flowcontrol/validation ValidateFlowSchemaResourcePolicyRule */
function validateResourceRule({ verbs: list, apiGroups, resources, clusterScope, namespaces = [] }: ResourcePolicyRule, field: string): readonly Cause[] {
  const noNamespace = namespaces.length === 0 && clusterScope !== true;
  return [
    ...validateVerbs(list, `${field}.verbs`),
    ...(apiGroups.length === 0 ? [required(`${field}.apiGroups`, "resource rules must supply at least one api group")] : loneStar(apiGroups, `${field}.apiGroups`, "api groups")),
    ...(resources.length === 0 ? [required(`${field}.resources`, "resource rules must supply at least one resource")] : loneStar(resources, `${field}.resources`, "resources")),
    ...(noNamespace ? [required(`${field}.namespaces`, "resource rules that are not cluster scoped must supply at least one namespace")] : validateNamespaces(namespaces, `${field}.namespaces`)),
  ];
}

function validateNamespaces(namespaces: readonly string[], field: string): readonly Cause[] {
  if (namespaces.includes("*")) return loneStar(namespaces, field, "namespaces");
  return namespaces.flatMap((name, i) => eachInvalid(`${field}[${i}]`, name, dns1123Label(name).map((text) => `each member of this list must be '*' or a DNS-1123 label; ${text}`)));
}

/** Upstream: pkg/apis/flowcontrol/validation ValidateFlowSchemaNonResourcePolicyRule */
function validateUrlRule({ verbs: list, nonResourceURLs: urls }: NonResourcePolicyRule, field: string): readonly Cause[] {
  const at = `${field}.nonResourceURLs`;
  return [
    ...validateVerbs(list, `${field}.verbs`),
    ...(urls.length === 0 ? [required(at, "nonResourceURLs must contain at least one value")]
      : urls.includes("*") ? loneStar(urls, at, "non-resource URLs")
      : urls.flatMap((url, i) => eachInvalid(`${at}[${i}]`, url, urlProblem(url)))),
  ];
}

function urlProblem(path: string): readonly string[] {
  if (path === "") return ["must not be empty"];
  if (path === "/") return [];
  if (!path.startsWith("/")) return ["must start with slash"];
  if (path.includes(" ")) return ["must not contain white-space"];
  if (path.includes("//")) return ["must not contain double slash"];
  return path.includes("*") && (path.indexOf("*") !== path.length - 1 || !path.endsWith("/*")) ? ["wildcard can only do suffix matching"] : [];
}
