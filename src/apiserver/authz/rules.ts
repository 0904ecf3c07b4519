import type { PolicyRule } from "#api/gen/rbac-v1.ts";
import type { AuthorizationRequest } from "./authorizer.ts";

/** Upstream: plugin/pkg/auth/authorizer/rbac RuleAllows */
export function ruleAllows(rule: PolicyRule, request: AuthorizationRequest): boolean {
  if (!has(rule.verbs, request.verb)) return false;
  if (request.path !== undefined) return (rule.nonResourceURLs ?? []).some((pattern) => pathMatches(pattern, request.path ?? ""));
  const { group = "", resource = "", subresource = "", name = "" } = request;
  return has(rule.apiGroups, group)
    && resourceMatches(rule.resources ?? [], resource, subresource)
    && ((rule.resourceNames ?? []).length === 0 || (rule.resourceNames ?? []).includes(name));
}

const has = (list: readonly string[] | undefined, value: string): boolean => list !== undefined && (list.includes("*") || list.includes(value));

/** `*`, `pods/log`, or `*` + `/log`. Upstream: rbac/v1 evaluation_helpers ResourceMatches */
function resourceMatches(patterns: readonly string[], resource: string, subresource: string): boolean {
  const full = subresource === "" ? resource : `${resource}/${subresource}`;
  return patterns.some((p) => p === "*" || p === full || (subresource !== "" && p === `*/${subresource}`));
}

/** Exact, or a prefix with a star behind it. */
export const pathMatches = (pattern: string, path: string): boolean =>
  pattern === "*" || pattern === path || (pattern.endsWith("*") && path.startsWith(pattern.replace(/\*+$/, "")));

/** The parts of `wanted` that `held` does not give. Upstream: component-helpers/auth/rbac/validation Covers */
export const uncovered = (held: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] =>
  wanted.flatMap(atoms).filter((atom) => !held.some((rule) => covers(rule, atom)));

/** A rule as rules of one verb on one thing each. */
function atoms(rule: PolicyRule): PolicyRule[] {
  const things = (verb: string): PolicyRule[] => [
    ...(rule.apiGroups ?? []).flatMap((group) => (rule.resources ?? []).flatMap((resource): PolicyRule[] => {
      const one: PolicyRule = { verbs: [verb], apiGroups: [group], resources: [resource] };
      const names = rule.resourceNames ?? [];
      return names.length === 0 ? [one] : names.map((name) => ({ ...one, resourceNames: [name] }));
    })),
    ...(rule.nonResourceURLs ?? []).map((url): PolicyRule => ({ verbs: [verb], nonResourceURLs: [url] })),
  ];
  return (rule.verbs ?? []).flatMap(things);
}

function covers(rule: PolicyRule, atom: PolicyRule): boolean {
  if (!has(rule.verbs, atom.verbs[0] ?? "")) return false;
  const url = atom.nonResourceURLs?.[0];
  if (url !== undefined) return (rule.nonResourceURLs ?? []).some((pattern) => pathMatches(pattern, url));
  const [resource = "", subresource = ""] = (atom.resources?.[0] ?? "").split("/");
  const names = rule.resourceNames ?? [];
  const name = atom.resourceNames?.[0];
  return has(rule.apiGroups, atom.apiGroups?.[0] ?? "")
    && resourceMatches(rule.resources ?? [], resource, subresource)
    && (names.length === 0 || (name !== undefined && names.includes(name)));
}
