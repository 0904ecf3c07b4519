/** What policies of both sorts share. Upstream: pkg/apis/admissionregistration/validation, v1/defaults.go */
import type { MatchResources, NamedRuleWithOperations, ParamKind, ParamRef, Variable } from "#api/gen/admissionregistration-v1.ts";
import { labelSelectorOf } from "#apimachinery/selectors.ts";
import type { Cause } from "#apimachinery/status.ts";
import { duplicate, eachInvalid, forbidden, invalidValue, notSupported, required } from "#apimachinery/validation/causes.ts";
import { dns1035Label, dns1123Subdomain, pathSegment } from "#apimachinery/validation/names.ts";
import { validateLabelSelector } from "#apimachinery/validation/selector.ts";
import { defaultRules, validateRule } from "./rules.ts";

/** Everything in every namespace, unless it says otherwise. */
export function defaultMatch(match: MatchResources | undefined): void {
  if (match === undefined) return;
  match.namespaceSelector ??= {};
  match.objectSelector ??= {};
  match.matchPolicy ??= "Equivalent";
  defaultRules(match.resourceRules);
  defaultRules(match.excludeResourceRules);
}

/** Upstream: validateMatchResources */
export function validateMatch(match: MatchResources, field: string): readonly Cause[] {
  const { matchPolicy, namespaceSelector, objectSelector, resourceRules = [], excludeResourceRules = [] } = match;
  return [
    ...(matchPolicy === undefined ? [required(`${field}.matchPolicy`)] : ["Equivalent", "Exact"].includes(matchPolicy) ? [] : [notSupported(`${field}.matchPolicy`, matchPolicy, ["Equivalent", "Exact"])]),
    ...(namespaceSelector === undefined ? [required(`${field}.namespaceSelector`)] : validateLabelSelector(namespaceSelector, `${field}.namespaceSelector`)),
    ...(objectSelector === undefined ? [required(`${field}.objectSelector`)] : validateLabelSelector(objectSelector, `${field}.objectSelector`)),
    ...resourceRules.flatMap((rule, i) => validateNamed(rule, `${field}.resourceRules[${i}]`)),
    ...excludeResourceRules.flatMap((rule, i) => validateNamed(rule, `${field}.excludeResourceRules[${i}]`)),
  ];
}

/** A policy must name the resources it is about. */
export const validateConstraints = (match: MatchResources | undefined, field: string): readonly Cause[] =>
  (match === undefined ? [required(field)] : [...validateMatch(match, field), ...(match.resourceRules?.length ? [] : [required(`${field}.resourceRules`)])]);

const validateNamed = (rule: NamedRuleWithOperations, field: string): readonly Cause[] => [
  ...(rule.resourceNames ?? []).flatMap((name, i, names) => [
    ...eachInvalid(`${field}.resourceNames[${i}]`, name, pathSegment(name)),
    ...(names.indexOf(name) < i ? [duplicate(`${field}.resourceNames[${i}]`, name)] : []),
  ]),
  ...validateRule(rule, field),
];

/** Upstream: validateParamKind */
export function validateParamKind({ apiVersion = "", kind = "" }: ParamKind, field: string): readonly Cause[] {
  const problems = dns1035Label(kind.toLowerCase());
  return [
    ...(apiVersion === "" ? [required(`${field}.apiVersion`)] : validateApiVersion(apiVersion, `${field}.apiVersion`)),
    ...(kind === "" ? [required(`${field}.kind`)]
      : problems.length > 0 ? [invalidValue(`${field}.kind`, kind, `may have mixed case, but should otherwise match: ${problems.join(",")}`)] : []),
  ];
}

function validateApiVersion(text: string, field: string): readonly Cause[] {
  const parts = text.split("/");
  if (parts.length > 2) return [invalidValue(field, text, `unexpected GroupVersion string: ${text}`)];
  const [group, version] = parts.length === 2 ? [parts[0] ?? "", parts[1] ?? ""] : ["", text];
  const groupProblems = group === "" ? [] : dns1123Subdomain(group);
  const versionProblems = dns1035Label(version);
  return [
    ...(groupProblems.length > 0 ? [invalidValue(field, group, groupProblems.join(","))] : []),
    ...(version === "" ? [invalidValue(field, text, "version must be specified")] : versionProblems.length > 0 ? [invalidValue(field, version, versionProblems.join(","))] : []),
  ];
}

/** Upstream: validateParamRef */
export function validateParamRef({ name = "", selector, parameterNotFoundAction: action }: ParamRef, field: string): readonly Cause[] {
  const both = name !== "" && selector !== undefined;
  const exclusive = "name and selector are mutually exclusive";
  return [
    ...(name === "" ? [] : eachInvalid(`${field}.name`, name, pathSegment(name))),
    ...(both ? [forbidden(`${field}.name`, exclusive)] : []),
    ...validateLabelSelector(selector, `${field}.selector`),
    ...(both ? [forbidden(`${field}.selector`, exclusive)] : []),
    ...(name === "" && selector === undefined ? [required(field, "one of name or selector must be specified")] : []),
    ...(action ? (["Deny", "Allow"].includes(action) ? [] : [notSupported(`${field}.parameterNotFoundAction`, action, ["Deny", "Allow"])]) : [required(`${field}.parameterNotFoundAction`)]),
  ];
}

const identifier = /^[_a-zA-Z][_a-zA-Z0-9]*$/;
const reserved: ReadonlySet<string> = new Set([
  "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package", "namespace", "return", "var", "void", "while",
]);

/** Upstream: validateVariable */
export const validateVariables = (variables: readonly Variable[] | undefined, field: string): readonly Cause[] => (variables ?? []).flatMap(({ name, expression }, i) => [
  ...(name.trim() === "" ? [required(`${field}[${i}].name`, "name is not specified")]
    : identifier.test(name) && !reserved.has(name) ? [] : [invalidValue(`${field}[${i}].name`, name, "must be a valid CEL identifier")]),
  ...(expression.trim() === "" ? [required(`${field}[${i}].expression`, "expression is not specified")] : []),
]);

export const validateFailurePolicy = (policy: string | undefined, field: string): readonly Cause[] =>
  (policy === undefined ? [required(field)] : ["Fail", "Ignore"].includes(policy) ? [] : [notSupported(field, policy, ["Fail", "Ignore"])]);

export const validatePolicyName = (name: string | undefined, field: string): readonly Cause[] => (name ? eachInvalid(field, name, dns1123Subdomain(name)) : [required(field)]);

export const paramKindText = (kind: ParamKind | undefined): string => (kind === undefined ? "<unset>" : `${kind.apiVersion ?? ""}/${kind.kind ?? ""}`);

/** Upstream: pkg/printers/internalversion printValidatingAdmissionPolicyBinding */
export function paramRefText(ref: ParamRef | undefined): string {
  if (ref?.name) return ref.namespace ? `${ref.namespace}/${ref.name}` : ref.name;
  return ref?.selector === undefined ? "<unset>" : labelSelectorOf(ref.selector).toString();
}
