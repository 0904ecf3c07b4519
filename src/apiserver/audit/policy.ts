/** Which requests are written down, when, and how much of them. Upstream: apiserver/pkg/apis/audit/v1 Policy, apiserver/pkg/audit/policy/checker.go */
import type { Identity } from "#base/http.ts";
import { pathMatches } from "../authz/rules.ts";
import type { RequestInfo, Target } from "../filters/request-info.ts";

export const levels = ["None", "Metadata", "Request", "RequestResponse"] as const;
/** `Metadata`: who asked for what, and the outcome. `Request`: also what was sent. `RequestResponse`: also what was answered. */
export type AuditLevel = (typeof levels)[number];
export const stages = ["RequestReceived", "ResponseStarted", "ResponseComplete", "Panic"] as const;
export type Stage = (typeof stages)[number];

export interface GroupResources { readonly group?: string; readonly resources?: readonly string[]; readonly resourceNames?: readonly string[] }
export interface PolicyRule {
  readonly level: AuditLevel;
  readonly users?: readonly string[];
  readonly userGroups?: readonly string[];
  readonly verbs?: readonly string[];
  readonly resources?: readonly GroupResources[];
  /** Empty text stands for what is in no namespace. */
  readonly namespaces?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly omitStages?: readonly Stage[];
  readonly omitManagedFields?: boolean;
}
export interface Policy { readonly rules: readonly PolicyRule[]; readonly omitStages?: readonly Stage[]; readonly omitManagedFields?: boolean }

/** What is written of one request. */
export interface Extent { readonly level: AuditLevel; readonly omitted: ReadonlySet<Stage>; readonly managedFields: boolean }
export interface Subject { readonly user: Identity | undefined; readonly info: RequestInfo | undefined }

/** The same for every request, when it is done. */
export const uniform = (level: AuditLevel): Policy => ({ rules: [{ level }], omitStages: ["RequestReceived"] });

/** By the first rule that fits; nothing where none does. */
export function extentOf({ rules, omitStages = [], omitManagedFields = false }: Policy, subject: Subject): Extent {
  const rule = rules.find((one) => fits(one, subject));
  if (rule === undefined) return { level: "None", omitted: new Set(), managedFields: true };
  const level = withoutSecrets(rule, subject);
  return { level, omitted: new Set([...omitStages, ...(rule.omitStages ?? [])]), managedFields: !(rule.omitManagedFields ?? omitManagedFields) };
}

/** What holds secrets or tokens: its bodies are written only where a rule names it, never because a rule means everything. */
const secret: ReadonlySet<string> = new Set(["/secrets", "authentication.k8s.io/tokenreviews", "/serviceaccounts/token"]);

function withoutSecrets({ level, resources = [] }: PolicyRule, { info }: Subject): AuditLevel {
  const target = info?.target;
  if (target === undefined || (level !== "Request" && level !== "RequestResponse") || !secret.has(`${target.group}/${pathOf(target)}`)) return level;
  return resources.some(({ group = "", resources: names = [] }) => group === target.group && names.includes(pathOf(target))) ? level : "Metadata";
}

const pathOf = ({ resource, subresource }: Target): string => (subresource === "" ? resource : `${resource}/${subresource}`);
const says = (list: readonly string[] | undefined): list is readonly string[] => list !== undefined && list.length > 0;

function fits(rule: PolicyRule, { user, info }: Subject): boolean {
  if (says(rule.users) && !rule.users.includes(user?.name ?? "")) return false;
  if (says(rule.userGroups) && !rule.userGroups.some((group) => user?.groups.includes(group) === true)) return false;
  if (says(rule.verbs) && !rule.verbs.includes(info?.verb ?? "")) return false;
  if (says(rule.namespaces) || (rule.resources ?? []).length > 0) return info?.target !== undefined && fitsResource(rule, info.target);
  if (says(rule.nonResourceURLs)) return info !== undefined && info.target === undefined && rule.nonResourceURLs.some((pattern) => pathMatches(pattern, info.path));
  return true;
}

function fitsResource({ namespaces, resources = [] }: PolicyRule, target: Target): boolean {
  if (says(namespaces) && !namespaces.includes(target.namespace)) return false;
  if (resources.length === 0) return true;
  const [path, { resource, subresource }] = [pathOf(target), target];
  const named = (pattern: string): boolean => pattern === "*" || pattern === path || (subresource !== "" && (pattern === `*/${subresource}` || pattern === `${resource}/*`));
  return resources.some(({ group = "", resources: patterns, resourceNames: names }) => group === target.group && (!says(patterns) || ((!says(names) || names.includes(target.name)) && patterns.some(named))));
}
