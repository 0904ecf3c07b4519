/** A policy as users write it. Upstream: apiserver/pkg/audit/policy/reader.go, apiserver/pkg/apis/audit/validation */
import { isRecord } from "#apimachinery/equal.ts";
import { parseYaml } from "#apimachinery/yaml.ts";
import { levels, stages, type Policy, type PolicyRule } from "./policy.ts";

/** The policy, or what is wrong with the text. */
export type ReadPolicy = { readonly policy: Policy } | { readonly problems: readonly string[] };

/** Throws BadRequest for what is no YAML. */
export function readPolicy(text: string): ReadPolicy {
  const { value, duplicates } = parseYaml(text);
  if (!isRecord(value)) return { problems: ["a policy must be an object"] };
  const { apiVersion, kind, metadata: _, ...rest } = value;
  const problems = [
    ...duplicates,
    ...(kind === "Policy" && apiVersion === "audit.k8s.io/v1" ? [] : [`unknown group version ${String(apiVersion as string)}, kind ${String(kind as string)}: a policy is an audit.k8s.io/v1 Policy`]),
    ...unknownIn(rest, { rules: isList, omitStages: isTexts, omitManagedFields: isFlag }, ""),
  ];
  const rules: readonly unknown[] = Array.isArray(rest["rules"]) ? rest["rules"] : [];
  if (problems.length === 0 && rules.length === 0) problems.push("loaded illegal policy with 0 rules");
  problems.push(...stagesOf(rest["omitStages"], "omitStages"), ...rules.flatMap((rule, i) => problemsOf(rule, `rules[${i}]`)));
  return problems.length > 0 ? { problems } : { policy: rest as unknown as Policy };
}

type Check = (value: unknown) => boolean;
const isTexts: Check = (value) => Array.isArray(value) && value.every((item) => typeof item === "string");
const isFlag: Check = (value) => typeof value === "boolean";
const isText: Check = (value) => typeof value === "string";
const isList: Check = (value) => Array.isArray(value);
const ruleFields: Readonly<Record<keyof PolicyRule, Check>> = {
  level: isText, users: isTexts, userGroups: isTexts, verbs: isTexts, resources: isList, namespaces: isTexts, nonResourceURLs: isTexts, omitStages: isTexts, omitManagedFields: isFlag,
};
const resourceFields: Readonly<Record<string, Check>> = { group: isText, resources: isTexts, resourceNames: isTexts };

function unknownIn(value: Record<string, unknown>, fields: Readonly<Record<string, Check>>, at: string): readonly string[] {
  const path = (name: string): string => (at === "" ? name : `${at}.${name}`);
  return Object.entries(value).flatMap(([name, given]) => {
    if (!Object.hasOwn(fields, name)) return [`unknown field "${path(name)}"`];
    return fields[name]?.(given) === false ? [`${path(name)}: Invalid value: ${JSON.stringify(given)}`] : [];
  });
}

const listed = (allowed: readonly string[]): string => [...allowed].sort().map((item) => JSON.stringify(item)).join(", ");
const stagesOf = (given: unknown, at: string): readonly string[] => (Array.isArray(given) ? given : []).flatMap((stage: unknown, i) =>
  ((stages as readonly unknown[]).includes(stage) ? [] : [`${at}[${i}]: Invalid value: ${JSON.stringify(stage)}: allowed stages are ${listed(stages)}`]));

function problemsOf(rule: unknown, at: string): readonly string[] {
  if (!isRecord(rule)) return [`${at}: Invalid value: ${JSON.stringify(rule)}`];
  const unknown = unknownIn(rule, ruleFields, at);
  if (unknown.length > 0) return unknown;
  const { level, resources = [], namespaces = [], nonResourceURLs = [], omitStages } = rule as unknown as PolicyRule;
  const groups = resources.flatMap((one, i) => (isRecord(one) ? [...unknownIn(one, resourceFields, `${at}.resources[${i}]`), ...namesWithoutResources(one, `${at}.resources[${i}]`)] : [`${at}.resources[${i}]: Invalid value: ${JSON.stringify(one)}`]));
  return [
    ...(level === undefined ? [`${at}.level: Required value`] : levels.includes(level) ? [] : [`${at}.level: Unsupported value: ${JSON.stringify(level)}: supported values: ${listed(levels)}`]),
    ...nonResourceURLs.flatMap((url, i) => (url === "*" || (url.startsWith("/") && !url.slice(0, -1).includes("*")) ? [] : [`${at}.nonResourceURLs[${i}]: Invalid value: ${JSON.stringify(url)}: must begin with a '/' and have a wildcard at its end only`])),
    ...(nonResourceURLs.length > 0 && (resources.length > 0 || namespaces.length > 0) ? [`${at}.nonResourceURLs: Invalid value: ${JSON.stringify(nonResourceURLs)}: rules cannot apply to both regular resources and non-resource URLs`] : []),
    ...groups, ...stagesOf(omitStages, `${at}.omitStages`),
  ];
}

const namesWithoutResources = ({ resources, resourceNames }: Record<string, unknown>, at: string): readonly string[] =>
  (Array.isArray(resourceNames) && resourceNames.length > 0 && !(Array.isArray(resources) && resources.length > 0) ? [`${at}.resourceNames: Invalid value: ${JSON.stringify(resourceNames)}: using resourceNames requires at least one resource`] : []);
