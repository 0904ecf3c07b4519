import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubeObject } from "#apimachinery/meta.ts";
import { serve, type Served } from "./fixture.ts";

const maps = "/api/v1/namespaces/default/configmaps";
const merge = "application/merge-patch+json";
async function start(t: Parameters<typeof serve>[0]): Promise<Served> {
  const served = await serve(t);
  await served.send("POST", "/api/v1/namespaces", { body: { metadata: { name: "default" } } });
  return served;
}
const names = ({ metadata }: KubeObject): string[] => (metadata.managedFields ?? []).map((e) => `${e.manager} ${e.operation}`);
const fields = ({ metadata }: KubeObject, manager: string): unknown => metadata.managedFields?.find((e) => e.manager === manager)?.fieldsV1;

test("a creator owns what it said and what was filled in for it", async (t) => {
  const { send } = await start(t);
  const { body } = await send<KubeObject>("POST", "/api/v1/namespaces/default/services", { agent: "kubectl/v1.36 (linux)", body: { metadata: { name: "s", labels: { a: "b" } }, spec: { ports: [{ port: 80 }] } } });
  assert.deepEqual(body.metadata.managedFields?.map(({ time: _time, ...entry }) => entry), [{
    manager: "kubectl", operation: "Update", apiVersion: "v1", fieldsType: "FieldsV1",
    fieldsV1: {
      "f:metadata": { "f:labels": { ".": {}, "f:a": {} } },
      "f:spec": {
        "f:internalTrafficPolicy": {}, "f:ports": { ".": {}, 'k:{"port":80,"protocol":"TCP"}': { ".": {}, "f:port": {}, "f:protocol": {}, "f:targetPort": {} } },
        "f:sessionAffinity": {}, "f:type": {},
      },
    },
  }]);
});

test("who changes a field takes it over; who changes nothing writes nothing", async (t) => {
  const { send, advance } = await start(t);
  const { body: made } = await send<KubeObject>("POST", maps, { agent: "one/1", body: { metadata: { name: "a" }, data: { x: "1", y: "1" } } });
  advance(5000);
  const same = await send<KubeObject>("PATCH", `${maps}/a`, { agent: "two/1", type: merge, body: { data: { x: "1" } } });
  assert.equal(same.body.metadata.resourceVersion, made.metadata.resourceVersion);
  const { body } = await send<KubeObject>("PATCH", `${maps}/a?fieldManager=three`, { agent: "two/1", type: merge, body: { data: { x: "2", y: null } } });
  assert.deepEqual(names(body), ["one Update", "three Update"]);
  assert.deepEqual([fields(body, "one"), fields(body, "three")], [{ "f:data": {} }, { "f:data": { "f:x": {} } }]);
});

test("a replacement by a client that knows nothing of owners keeps them", async (t) => {
  const { send } = await start(t);
  await send("POST", maps, { agent: "one/1", body: { metadata: { name: "a" }, data: { x: "1" } } });
  const { body } = await send<KubeObject>("PUT", `${maps}/a`, { agent: "two/1", body: { metadata: { name: "a", managedFields: [] }, data: { x: "1", y: "2" } } });
  assert.deepEqual(names(body), ["one Update", "two Update"]);
});

test("one empty entry strips all owners, and nobody is owner until the next apply", async (t) => {
  const { send } = await start(t);
  await send("POST", maps, { body: { metadata: { name: "a" }, data: { x: "1" } } });
  const stripped = await send<KubeObject>("PATCH", `${maps}/a`, { type: merge, body: { metadata: { managedFields: [{}] } } });
  assert.deepEqual(names(stripped.body), []);
  const changed = await send<KubeObject>("PATCH", `${maps}/a`, { type: merge, body: { data: { x: "2" } } });
  assert.deepEqual(names(changed.body), []);
  const applied = await send<KubeObject>("PATCH", `${maps}/a?fieldManager=me`, { type: "application/apply-patch+yaml", body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data: { y: "1" } } });
  assert.deepEqual(names(applied.body), ["me Apply", "before-first-apply Update"]);
});

test("owners may be rewritten by hand, as kubectl does when it goes over to server-side apply", async (t) => {
  const { send } = await start(t);
  const { body: made } = await send<KubeObject>("POST", maps, { body: { metadata: { name: "a" }, data: { x: "1" } } });
  const managedFields = [{ manager: "kubectl", operation: "Apply", apiVersion: "v1", time: "2026-01-01T00:00:00Z", fieldsType: "FieldsV1", fieldsV1: { "f:data": { "f:x": {} } } }];
  const patch = (resourceVersion: string): object[] => [{ op: "replace", path: "/metadata/managedFields", value: managedFields }, { op: "replace", path: "/metadata/resourceVersion", value: resourceVersion }];
  const stale = await send("PATCH", `${maps}/a`, { type: "application/json-patch+json", body: patch("1") });
  assert.equal(stale.status, 409);
  const { body } = await send<KubeObject>("PATCH", `${maps}/a`, { type: "application/json-patch+json", body: patch(made.metadata.resourceVersion ?? "") });
  assert.deepEqual(body.metadata.managedFields, managedFields);
});

test("of many updaters the oldest are taken together", async (t) => {
  const { send, advance } = await start(t);
  await send("POST", maps, { agent: "m00/1", body: { metadata: { name: "a" }, data: { k: "v" } } });
  for (let i = 1; i < 13; i++) {
    advance(2000);
    await send("PATCH", `${maps}/a`, { agent: `m${String(i).padStart(2, "0")}/1`, type: merge, body: { data: { [`k${i}`]: "v" } } });
  }
  const { body } = await send<KubeObject>("GET", `${maps}/a`);
  assert.deepEqual(names(body), ["ancient-changes Update", ...["04", "05", "06", "07", "08", "09", "10", "11", "12"].map((n) => `m${n} Update`)]);
  assert.deepEqual(fields(body, "ancient-changes"), { "f:data": { ".": {}, "f:k": {}, "f:k1": {}, "f:k2": {}, "f:k3": {} } });
});

test("a binding changes no owner", async (t) => {
  const { send } = await start(t);
  await send("POST", "/api/v1/namespaces/default/serviceaccounts", { body: { metadata: { name: "default" } } });
  await send("POST", "/api/v1/namespaces/default/pods", { agent: "one/1", body: { metadata: { name: "p" }, spec: { containers: [{ name: "c", image: "x" }] } } });
  await send("POST", "/api/v1/namespaces/default/pods/p/binding", { agent: "kube-scheduler/1", body: { target: { kind: "Node", name: "n" }, metadata: { name: "p" } } });
  const { body } = await send<KubeObject & { spec: { nodeName: string } }>("GET", "/api/v1/namespaces/default/pods/p");
  assert.equal(body.spec.nodeName, "n");
  assert.deepEqual(names(body), ["one Update"]);
});
