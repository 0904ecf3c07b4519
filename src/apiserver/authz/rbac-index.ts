import type { ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, Subject } from "#api/gen/rbac-v1.ts";
import { clusterRoleBindings, clusterRoles, roleBindings, roles, type ResourceRef } from "#api/resources.ts";
import { accountUser } from "#api/service-account.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { labelSelectorOf } from "#apimachinery/selectors.ts";
import type { Identity } from "#base/http.ts";
import type { Cache } from "../cacher/cache.ts";
import type { Feed } from "../cacher/feed.ts";
import { prefixOf } from "../cacher/keys.ts";

/** Rules that a subject has, and by which binding. `namespace` is empty for the whole cluster. */
export interface Grant { readonly namespace: string; readonly rules: readonly PolicyRule[]; readonly binding: string; readonly role: string; readonly subject: string }

/** Who has which rules, computed from the watch cache again when a role or binding has changed. */
export class RbacIndex {
  readonly #roles: Cache;
  readonly #clusterRoles: Cache;
  readonly #bindings: Cache;
  readonly #clusterBindings: Cache;
  #edition = "";
  /** By `placed`: what somebody has in one namespace, or everywhere. */
  #grants = new Map<string, Grant[]>();
  #rules = new Map<string, readonly PolicyRule[]>();

  constructor(feed: Feed) {
    const cache = <T extends KubeObject>(ref: ResourceRef<T>): Cache => feed.cache(prefixOf({ group: ref.group, plural: ref.resource }));
    this.#roles = cache(roles);
    this.#clusterRoles = cache(clusterRoles);
    this.#bindings = cache(roleBindings);
    this.#clusterBindings = cache(clusterRoleBindings);
  }

  /** What a user has in a namespace (and in the whole cluster), by all names and groups. */
  grants(user: Identity, namespace: string): Grant[] {
    this.#refresh();
    const subjects = [`User ${user.name}`, ...user.groups.map((g) => `Group ${g}`)];
    const places = namespace === "" ? [""] : ["", namespace];
    return places.flatMap((place) => subjects.flatMap((subject) => this.#grants.get(placed(place, subject)) ?? []));
  }

  /** Rules of a role by reference; undefined when there is no such role. */
  rulesOf(kind: string, name: string, namespace: string): readonly PolicyRule[] | undefined {
    this.#refresh();
    return this.#rules.get(kind === "ClusterRole" ? name : `${namespace}/${name}`);
  }

  #refresh(): void {
    const edition = [this.#roles, this.#clusterRoles, this.#bindings, this.#clusterBindings].map((c) => `${c.changed}:${c.ring.floor}`).join();
    if (edition === this.#edition) return;
    this.#edition = edition;
    this.#rules = new Map();
    for (const role of all<Role>(this.#roles)) this.#rules.set(`${role.metadata.namespace ?? ""}/${role.metadata.name}`, role.rules ?? []);
    const cluster = all<ClusterRole>(this.#clusterRoles);
    for (const role of cluster) this.#rules.set(role.metadata.name, aggregated(role, cluster));
    this.#grants = new Map();
    for (const binding of all<RoleBinding>(this.#bindings)) this.#bind(binding, binding.metadata.namespace ?? "", "RoleBinding");
    for (const binding of all<ClusterRoleBinding>(this.#clusterBindings)) this.#bind(binding, "", "ClusterRoleBinding");
  }

  #bind(binding: RoleBinding | ClusterRoleBinding, namespace: string, kind: string): void {
    const { kind: roleKind, name } = binding.roleRef;
    const rules = this.#rules.get(roleKind === "ClusterRole" ? name : `${namespace}/${name}`);
    if (rules === undefined) return;
    const place = namespace === "" ? binding.metadata.name : `${binding.metadata.name}/${namespace}`;
    for (const subject of binding.subjects ?? []) {
      const who = placed(namespace, subjectKey(subject, namespace));
      const grant = { namespace, rules, binding: `${kind} "${place}"`, role: `${roleKind} "${name}"`, subject: shown(subject, namespace) };
      const before = this.#grants.get(who);
      if (before === undefined) this.#grants.set(who, [grant]);
      else before.push(grant);
    }
  }
}

const all = <T extends KubeObject>(cache: Cache): T[] => cache.list(cache.prefix).map((item) => item.shared as T);

/** The rules of all roles that the aggregation rule selects; its own where it has none. Upstream: controller/clusterroleaggregation */
function aggregated(role: ClusterRole, every: readonly ClusterRole[]): readonly PolicyRule[] {
  const selectors = role.aggregationRule?.clusterRoleSelectors?.map((s) => labelSelectorOf(s));
  if (selectors === undefined) return role.rules ?? [];
  const parts = every.filter((other) => other !== role && selectors.some((s) => s.matches(other.metadata.labels)));
  return [...(role.rules ?? []), ...parts.flatMap((part) => (part.aggregationRule === undefined ? part.rules ?? [] : aggregated(part, every.filter((o) => o !== role))))];
}

const placed = (namespace: string, subject: string): string => `${namespace}/${subject}`;
const subjectKey = ({ kind, name, namespace }: Subject, own: string): string =>
  kind === "ServiceAccount" ? `User ${accountUser(namespace || own, name)}` : `${kind} ${name}`;
const shown = ({ kind, name, namespace }: Subject, own: string): string => `${kind} "${kind === "ServiceAccount" ? `${name}/${namespace || own}` : name}"`;
