/** Which FlowSchema a request belongs to, and which flow of it. Upstream: apiserver/pkg/util/flowcontrol/rule.go */
import type { FlowSchema, PolicyRulesWithSubjects, Subject } from "#api/gen/flowcontrol-v1.ts";
import { accountUser } from "#api/service-account.ts";
import type { Identity } from "#base/http.ts";
import type { RequestInfo } from "../filters/request-info.ts";

export interface Asker { readonly user: Identity; readonly info: RequestInfo }

/** A schema compiled for the way of every request. */
export interface CompiledSchema {
  readonly name: string;
  readonly uid: string;
  readonly level: string;
  readonly matches: (asker: Asker) => boolean;
  /** What the requests of one flow have in common. */
  readonly flow: (asker: Asker) => string;
}

/** In the order in which they are tried: by precedence, then by name. */
export const compiled = (schemas: readonly FlowSchema[]): CompiledSchema[] =>
  schemas.toSorted((a, b) => (a.spec.matchingPrecedence ?? 1000) - (b.spec.matchingPrecedence ?? 1000) || (a.metadata.name < b.metadata.name ? -1 : 1)).map(compile);

function compile({ metadata, spec }: FlowSchema): CompiledSchema {
  const rules = (spec.rules ?? []).map(ruleOf);
  const flow = spec.distinguisherMethod?.type;
  return {
    name: metadata.name, uid: metadata.uid ?? "", level: spec.priorityLevelConfiguration.name,
    matches: (asker) => rules.some((rule) => rule(asker)),
    flow: ({ user, info }) => (flow === "ByUser" ? user.name : flow === "ByNamespace" ? (info.target?.namespace ?? "") : ""),
  };
}

type Test = (asker: Asker) => boolean;

function ruleOf({ subjects, resourceRules = [], nonResourceRules = [] }: PolicyRulesWithSubjects): Test {
  const who = subjects.map(subjectOf);
  const resources = resourceRules.map(({ verbs, apiGroups, resources: plurals, namespaces = [], clusterScope = false }): Test => {
    const [verb, group, plural, namespace] = [anyOf(verbs), anyOf(apiGroups), anyOf(plurals), anyOf(namespaces)];
    return ({ info: { verb: asked, target } }) => target !== undefined && verb(asked) && group(target.group) && plural(target.subresource === "" ? target.resource : `${target.resource}/${target.subresource}`)
      && (target.namespace === "" ? clusterScope : namespace(target.namespace));
  });
  const paths = nonResourceRules.map(({ verbs, nonResourceURLs }): Test => {
    const [verb, path] = [anyOf(verbs), pathOf(nonResourceURLs)];
    return ({ info }) => verb(info.verb) && path(info.path);
  });
  return (asker) => who.some((is) => is(asker.user)) && (asker.info.target === undefined ? paths : resources).some((rule) => rule(asker));
}

function subjectOf({ kind, user, group, serviceAccount }: Subject): (identity: Identity) => boolean {
  if (kind === "User") return ({ name }) => user?.name === "*" || name === user?.name;
  if (kind === "Group") return ({ groups }) => group !== undefined && (group.name === "*" || groups.includes(group.name));
  const prefix = accountUser(serviceAccount?.namespace ?? "", "");
  return ({ name }) => (serviceAccount?.name === "*" ? name.startsWith(prefix) : name === `${prefix}${serviceAccount?.name ?? ""}`);
}

function anyOf(values: readonly string[]): (value: string) => boolean {
  if (values.includes("*")) return () => true;
  const set = new Set(values);
  return (value) => set.has(value);
}

/** `/healthz`, or `/healthz/*` for everything behind it. */
function pathOf(urls: readonly string[]): (path: string) => boolean {
  const starts = urls.filter((url) => url.endsWith("*")).map((url) => url.slice(0, -1));
  const exact = new Set(urls);
  return (path) => exact.has(path) || starts.some((start) => path.startsWith(start));
}
