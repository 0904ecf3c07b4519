import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { ClusterRole } from "#api/gen/rbac-v1.ts";
import * as refs from "#api/resources.ts";
import { systemClock } from "#base/clock.ts";
import type { Client } from "#client/client.ts";
import { newClient } from "#client/http-client.ts";
import { inProcess } from "#client/in-process-transport.ts";
import type { Store } from "#storage/store.ts";
import { runServer } from "../fixture.ts";
import { ensureBootstrapObjects } from "./bootstrap.ts";
import { reconcileRole, reconcileSpec } from "./bootstrap-reconcile.ts";
import { clusterRole, rule } from "./bootstrap-rules.ts";

async function startServer(t: TestContext): Promise<{ readonly store: Store; readonly as: (name: string, ...groups: string[]) => Client }> {
  const { store, handler } = await runServer(t);
  return { store, as: (name, ...groups) => newClient(inProcess(handler, { name, groups })) };
}

test("a new cluster holds its namespaces, classes and roles, and a second start writes nothing", async (t) => {
  const { store, as } = await startServer(t);
  const admin = as("admin", "system:masters");
  await ensureBootstrapObjects(admin, systemClock.now());
  const names = async (path: string): Promise<readonly string[]> => (await admin.request<{ items: { metadata: { name: string } }[] }>({ method: "GET", path })).items.map((item) => item.metadata.name);
  assert.deepEqual(await names("/api/v1/namespaces"), ["default", "kube-node-lease", "kube-public", "kube-system"]);
  assert.deepEqual(await names("/apis/scheduling.k8s.io/v1/priorityclasses"), ["system-cluster-critical", "system-node-critical"]);
  assert.deepEqual(await names("/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations"), ["catch-all", "exempt", "global-default", "leader-election", "node-high", "system", "workload-high", "workload-low"]);
  assert.equal((await names("/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas")).length, 13);
  const revision = await store.revision();
  await ensureBootstrapObjects(admin, systemClock.now());
  assert.equal(await store.revision(), revision);
});

test("a role that lost a rule gets it back, unless its owner said no", () => {
  const wanted = clusterRole("system:x", [rule("get", "core", "pods"), rule("list", "core", "pods")]);
  const stored: ClusterRole = { ...wanted, rules: [rule("get", "core", "pods"), rule("watch", "core", "nodes")] };
  assert.deepEqual(reconcileRole(stored, wanted)?.rules, [rule("get", "core", "pods"), rule("watch", "core", "nodes"), rule("list", "core", "pods")]);
  const frozen = { ...stored, metadata: { ...stored.metadata, annotations: { "rbac.authorization.kubernetes.io/autoupdate": "false" } } };
  assert.equal(reconcileRole(frozen, wanted), undefined);
});

test("a spec that is kept up to date comes back, and one that is not stays", () => {
  const wanted = { metadata: { name: "a" }, spec: { x: 1 } };
  const stored = (value: string): typeof wanted => ({ metadata: { name: "a", annotations: { "apf.kubernetes.io/autoupdate-spec": value } }, spec: { x: 2 } }) as typeof wanted;
  assert.deepEqual(reconcileSpec(stored("true"), wanted)?.spec, { x: 1 });
  assert.equal(reconcileSpec(stored("false"), wanted), undefined);
});

test("each component may do its work and no more", async (t) => {
  const { as } = await startServer(t);
  const admin = as("admin", "system:masters");
  await ensureBootstrapObjects(admin, systemClock.now());
  await admin.resource(refs.serviceAccounts).create({ metadata: { name: "default", namespace: "default" } });
  const manager = as("system:kube-controller-manager", "system:authenticated");
  const scheduler = as("system:kube-scheduler", "system:authenticated");
  await manager.resource(refs.pods).create({ metadata: { name: "web", namespace: "default" }, spec: { containers: [{ name: "web", image: "nginx" }] }, status: {} });
  assert.equal((await scheduler.resource(refs.pods).list({ namespace: "default" })).items.length, 1);
  await assert.rejects(scheduler.resource(refs.pods).create({ metadata: { name: "b", namespace: "default" }, spec: { containers: [{ name: "b", image: "b" }] }, status: {} }),
    /pods is forbidden: User "system:kube-scheduler" cannot create resource "pods" in API group "" in the namespace "default"/);
  await assert.rejects(as("ada", "system:authenticated").resource(refs.secrets).list({ namespace: "default" }), /secrets is forbidden: User "ada" cannot list resource "secrets"/);
});
