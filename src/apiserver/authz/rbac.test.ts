import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { systemClock } from "#base/clock.ts";
import { silent } from "#base/log.ts";
import { openSqliteStore } from "#storage/sqlite/store.ts";
import { Feed } from "../cacher/feed.ts";
import { objectKey, prefixOf } from "../cacher/keys.ts";
import type { Authorizer } from "./authorizer.ts";
import { RbacIndex } from "./rbac-index.ts";
import { rbacAuthorizer } from "./rbac.ts";

const group = "rbac.authorization.k8s.io";
const roleRef = { apiGroup: group, kind: "ClusterRole", name: "reader" };
const user = { kind: "User", apiGroup: group, name: "bob" };
const team = { kind: "Group", apiGroup: group, name: "team" };

interface Rbac extends Authorizer { readonly put: (plural: string, namespace: string, name: string, content: object) => Promise<() => Promise<void>> }

/** Over a store in memory, with a role that is bound in two namespaces. */
async function start(t: TestContext): Promise<Rbac> {
  const store = await openSqliteStore({ path: ":memory:" });
  const stop = new AbortController();
  const feed = new Feed(store, systemClock, silent);
  const running = feed.run(stop.signal);
  t.after(async () => { stop.abort(); await running; await store.close(); });
  await feed.loaded;
  const put: Rbac["put"] = async (plural, namespace, name, content) => {
    const key = objectKey(prefixOf({ group, plural }), namespace, name);
    const written = await store.put(key, Buffer.from(JSON.stringify({ metadata: { name, ...(namespace !== "" && { namespace }) }, ...content })), 0);
    assert(written.ok);
    await feed.fresh();
    return async () => { await store.delete(key, written.revision); await feed.fresh(); };
  };
  await put("clusterroles", "", "reader", { rules: [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get"] }] });
  await put("rolebindings", "a", "one", { roleRef, subjects: [user, { kind: "ServiceAccount", name: "robot" }] });
  await put("rolebindings", "b", "two", { roleRef, subjects: [team] });
  return { ...rbacAuthorizer(new RbacIndex(feed)), put };
}

const by = (binding: string, subject: string): string => `RBAC: allowed by ${binding} of ClusterRole "reader" to ${subject}`;

async function decided(rbac: Authorizer, name: string, groups: readonly string[], namespace: string, verb = "get"): Promise<string> {
  const { allowed, reason } = await rbac.authorize({ user: { name, groups }, verb, group: "", resource: "configmaps", namespace });
  return allowed ? reason : "no";
}

const robot = "system:serviceaccount:a:robot";
const cases: readonly (readonly [what: string, name: string, groups: readonly string[], namespace: string, decision: string])[] = [
  ["a user where he is bound", "bob", [], "a", by('RoleBinding "one/a"', 'User "bob"')],
  ["not elsewhere", "bob", [], "b", "no"],
  ["nor everywhere", "bob", [], "", "no"],
  ["a group's member", "eve", ["team"], "b", by('RoleBinding "two/b"', 'Group "team"')],
  ["a user who is called like a group", "team", [], "b", "no"],
  ["a service account of the binding's own namespace", robot, [], "a", by('RoleBinding "one/a"', 'ServiceAccount "robot/a"')],
  ["no other namespace's of that name", "system:serviceaccount:b:robot", [], "a", "no"],
];

test("roles count where they are bound, for what they say", async (t) => {
  const rbac = await start(t);
  for (const [what, name, groups, namespace, decision] of cases) assert.equal(await decided(rbac, name, groups, namespace), decision, what);
  assert.equal(await decided(rbac, "bob", [], "a", "delete"), "no");
});

test("what is bound everywhere counts first, until it is bound no more", async (t) => {
  const rbac = await start(t);
  const unbind = await rbac.put("clusterrolebindings", "", "all", { roleRef, subjects: [team] });
  const everywhere = by('ClusterRoleBinding "all"', 'Group "team"');
  assert.deepEqual([await decided(rbac, "bob", ["team"], "a"), await decided(rbac, "bob", ["team"], "")], [everywhere, everywhere]);
  await unbind();
  assert.deepEqual([await decided(rbac, "bob", ["team"], "a"), await decided(rbac, "bob", ["team"], "")], [by('RoleBinding "one/a"', 'User "bob"'), "no"]);
});
