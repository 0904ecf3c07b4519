import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { KubeObject } from "#apimachinery/meta.ts";
import { pause } from "#base/waiting.ts";
import { serve, type Answer, type Sent, type Served } from "./fixture.ts";

type Loose = KubeObject & { [field: string]: never } & { message: string; reason?: string; details?: { causes?: unknown }; code?: number };
const yaml = "application/apply-patch+yaml";
const maps = "/api/v1/namespaces/default/configmaps";
const deployments = "/apis/apps/v1/namespaces/default/deployments";

async function start(t: TestContext): Promise<Served & { readonly apply: (path: string, body: unknown, manager?: string, query?: string) => Promise<Answer<Loose>> }> {
  const served = await serve(t);
  await served.send("POST", "/api/v1/namespaces", { body: { metadata: { name: "default" } } });
  return { ...served, apply: (path, body, manager = "me", query = "") => served.send<Loose>("PATCH", `${path}?fieldManager=${manager}${query}`, { body, type: yaml }) };
}
const configMap = (data: unknown, rest: object = {}): object => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data, ...rest });
const deployment = (replicas: number | undefined, containers: object[] = [{ name: "c", image: "x" }]): object => ({
  apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "a" },
  spec: { ...(replicas !== undefined && { replicas }), selector: { matchLabels: { a: "b" } }, template: { metadata: { labels: { a: "b" } }, spec: { containers } } },
});
/** `manager operation subresource` → fields. */
const owners = ({ metadata }: KubeObject): Record<string, unknown> =>
  Object.fromEntries((metadata.managedFields ?? []).map((e) => [`${e.manager} ${e.operation}${e.subresource === undefined ? "" : ` ${e.subresource}`}`, e.fieldsV1]));
const timeOf = ({ metadata }: KubeObject, manager: string): string | undefined => metadata.managedFields?.find((e) => e.manager === manager)?.time;

test("an apply makes what is not there, and its manager owns what it said", async (t) => {
  const { apply } = await start(t);
  const { status, body } = await apply(`${maps}/a`, "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  labels: {app: x}\ndata:\n  k: v\n");
  assert.equal(status, 201);
  assert.deepEqual(body["data"], { k: "v" });
  assert.deepEqual(body.metadata.managedFields?.map(({ time: _time, ...entry }) => entry), [
    { manager: "me", operation: "Apply", apiVersion: "v1", fieldsType: "FieldsV1", fieldsV1: { "f:data": { "f:k": {} }, "f:metadata": { "f:labels": { "f:app": {} } } } },
  ]);
});

test("an apply that changes nothing writes nothing; another one's time is new", async (t) => {
  const { apply, advance } = await start(t);
  const first = await apply(`${maps}/a`, configMap({ k: "v" }));
  advance(5000);
  const again = await apply(`${maps}/a`, configMap({ k: "v" }));
  assert.equal(again.status, 200);
  assert.equal(again.body.metadata.resourceVersion, first.body.metadata.resourceVersion);
  const other = await apply(`${maps}/a`, configMap({ k: "w" }));
  assert.notEqual(timeOf(other.body, "me"), timeOf(first.body, "me"));
});

test("what is no longer applied goes, what somebody else owns stays", async (t) => {
  const { apply } = await start(t);
  await apply(`${maps}/a`, configMap({ mine: "1", ours: "1" }));
  await apply(`${maps}/a`, configMap({ ours: "1" }), "other");
  const { body } = await apply(`${maps}/a`, configMap({}));
  assert.deepEqual(body["data"], { ours: "1" });
  assert.deepEqual(owners(body), { "me Apply": { "f:data": {} }, "other Apply": { "f:data": { "f:ours": {} } } });
});

test("a field that somebody else owns is a conflict until it is forced", async (t) => {
  const { apply, send } = await start(t);
  await send("POST", maps, { body: configMap({ a: "1", b: "1" }), agent: "kubectl-create/v1 (linux)" });
  const one = await apply(`${maps}/a`, configMap({ a: "2" }));
  assert.equal(one.status, 409);
  assert.deepEqual([one.body.reason, one.body.message], ["Conflict", 'Apply failed with 1 conflict: conflict with "kubectl-create" using v1: .data.a']);
  assert.deepEqual(one.body.details, { causes: [{ reason: "FieldManagerConflict", message: 'conflict with "kubectl-create" using v1', field: ".data.a" }] });
  const two = await apply(`${maps}/a`, configMap({ a: "2", b: "2" }));
  assert.equal(two.body.message, 'Apply failed with 2 conflicts: conflicts with "kubectl-create" using v1:\n- .data.a\n- .data.b');
  const forced = await apply(`${maps}/a`, configMap({ a: "2", b: "2" }), "me", "&force=true");
  assert.equal(forced.status, 200);
  assert.deepEqual(owners(forced.body), { "me Apply": { "f:data": { "f:a": {}, "f:b": {} } }, "kubectl-create Update": { "f:data": {} } });
});

test("containers merge by name, ports by number and protocol, and a default protocol is the same port", async (t) => {
  const { apply } = await start(t);
  await apply(`${deployments}/a`, deployment(1, [{ name: "c", image: "x", ports: [{ containerPort: 80, protocol: "TCP" }] }]));
  const { body, status } = await apply(`${deployments}/a`, deployment(undefined, [{ name: "c", ports: [{ containerPort: 80, name: "web" }] }, { name: "d", image: "y" }]), "other");
  assert.equal(status, 200);
  const spec = (body as unknown as { spec: { template: { spec: { containers: Record<string, unknown>[] } } } }).spec.template.spec;
  assert.deepEqual(spec.containers.map(({ name, image, ports }) => ({ name, image, ports })), [
    { name: "c", image: "x", ports: [{ containerPort: 80, name: "web", protocol: "TCP" }] }, { name: "d", image: "y", ports: undefined },
  ]);
});

test("status is not owned through the object, nor the spec through its status", async (t) => {
  const { apply } = await start(t);
  const { body } = await apply(`${deployments}/a`, { ...deployment(1), status: { replicas: 5 } });
  assert.equal(JSON.stringify(owners(body)).includes("f:status"), false);
  const status = await apply(`${deployments}/a/status`, { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "a" }, spec: { replicas: 9 }, status: { replicas: 2 } }, "controller");
  assert.equal(status.status, 200);
  assert.deepEqual(owners(status.body)["controller Apply status"], { "f:status": { "f:replicas": {} } });
  assert.equal((status.body as unknown as { spec: { replicas: number } }).spec.replicas, 1);
});

test("a scale owns the replicas of its object", async (t) => {
  const { apply, send } = await start(t);
  await apply(`${deployments}/a`, deployment(1));
  const scale = (replicas: number): object => ({ apiVersion: "autoscaling/v1", kind: "Scale", metadata: { name: "a" }, spec: { replicas } });
  const refused = await apply(`${deployments}/a/scale`, scale(3), "hpa");
  assert.equal(refused.body.message, 'Apply failed with 1 conflict: conflict with "me": .spec.replicas');
  assert.equal((await apply(`${deployments}/a/scale`, scale(3), "hpa", "&force=true")).status, 200);
  const { body } = await send<Loose>("GET", `${deployments}/a`);
  assert.deepEqual(owners(body)["hpa Apply scale"], { "f:spec": { "f:replicas": {} } });
  assert.equal((await apply(`${deployments}/a`, deployment(1))).body.message, 'Apply failed with 1 conflict: conflict with "hpa" with subresource "scale": .spec.replicas');
  await send("PUT", `${deployments}/a/scale`, { body: scale(4), agent: "kubectl/v1" });
  const scaled = await send<Loose>("GET", `${deployments}/a`);
  assert.deepEqual(Object.keys(owners(scaled.body)), ["me Apply", "kubectl Update scale"]);
});

const refused: readonly [name: string, body: unknown, query: string, code: number, message: RegExp | string][] = [
  ["another kind", { apiVersion: "v1", kind: "Secret", metadata: { name: "a" } }, "", 400, "invalid object type: /v1, Kind=Secret"],
  ["no kind", { metadata: { name: "a" } }, "", 400, "invalid object type: /, Kind="],
  ["managedFields", configMap({}, { metadata: { name: "a", managedFields: [] } }), "", 400, "metadata.managedFields must be nil"],
  ["an unknown field", configMap({}, { foo: 1 }), "", 400, "failed to create typed patch object (/a; /v1, Kind=ConfigMap): .foo: field not declared in schema"],
  ["a wrong type", configMap({}, { immutable: "yes" }), "", 400, /: \.immutable: expected boolean, got/],
  ["another name", configMap({}, { metadata: { name: "b" } }), "", 400, "the name of the object (b) does not match the name on the URL (a)"],
  ["another namespace", configMap({}, { metadata: { name: "a", namespace: "x" } }), "", 400, "the namespace of the provided object does not match the namespace sent on the request"],
  ["a uid of nothing", configMap({}, { metadata: { name: "a", uid: "u" } }), "", 409, /uid mismatch: the provided object specified uid u, and no existing object was found/],
  ["a list", "[1]", "", 400, /cannot unmarshal array/],
  ["a key said twice", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a: b\n  a: c\n", "&fieldValidation=Strict", 400, 'error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  line 6: key "a" already set in map'],
];
test("what no apply may say is refused in upstream's words", async (t) => {
  const { apply, send } = await start(t);
  for (const [name, body, query, code, message] of refused) {
    const answer = await apply(`${maps}/a`, body, "me", query);
    assert.equal(answer.status, code, name);
    if (typeof message === "string") assert.equal(answer.body.message, message, name);
    else assert.match(answer.body.message, message, name);
  }
  const options = async (query: string, sent: Sent): Promise<string> => (await send<Loose>("PATCH", `${maps}/a${query}`, { body: {}, ...sent })).body.message;
  assert.equal(await options("", { type: yaml }), 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch');
  assert.equal(await options("?force=true", { type: "application/merge-patch+json" }), 'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch');
  assert.equal((await send("PATCH", `${maps}/a`, { body: {}, type: "application/apply-patch+cbor" })).status, 415);
});

test("a dry run shows the outcome and writes nothing", async (t) => {
  const { apply, send } = await start(t);
  const { status, body } = await apply(`${maps}/a`, configMap({ k: "v" }), "me", "&dryRun=All");
  assert.deepEqual([status, body["data"]], [201, { k: "v" }]);
  assert.equal((await send("GET", `${maps}/a`)).status, 404);
});

test("who may patch and not create cannot create by applying", async (t) => {
  const { send } = await start(t);
  const rbac = "/apis/rbac.authorization.k8s.io/v1";
  await send("POST", `${rbac}/clusterroles`, { body: { metadata: { name: "p" }, rules: [{ verbs: ["patch"], apiGroups: [""], resources: ["configmaps"] }] } });
  await send("POST", maps, { body: configMap({}, { metadata: { name: "there" } }) });
  await send("POST", `${rbac}/clusterrolebindings`, { body: { metadata: { name: "p" }, roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "p" }, subjects: [{ kind: "User", name: "jane", apiGroup: "rbac.authorization.k8s.io" }] } });
  const asJane = (name: string): Promise<Answer<Loose>> => send<Loose>("PATCH", `${maps}/${name}?fieldManager=m`, { body: configMap({}, { metadata: { name } }), type: yaml, user: "jane" });
  while ((await asJane("there")).status !== 200) await pause(5); // until the authorizer has seen the binding
  const { status, body } = await asJane("a");
  assert.equal(status, 403);
  assert.match(body.message, /User "jane" cannot create resource "configmaps"/);
});

test("kubectl takes over what it once applied on its own side", async (t) => {
  const { apply, send } = await start(t);
  const last = JSON.stringify({ apiVersion: "v1", data: { a: "1" }, kind: "ConfigMap", metadata: { name: "a" } });
  const annotations = { "kubectl.kubernetes.io/last-applied-configuration": last };
  await send("POST", `${maps}?fieldManager=kubectl-client-side-apply`, { body: configMap({ a: "1", b: "1" }, { metadata: { name: "a", annotations } }) });
  assert.equal((await apply(`${maps}/a`, configMap({ a: "2" }), "somebody")).status, 409);
  assert.equal((await apply(`${maps}/a`, configMap({ b: "2" }), "kubectl")).status, 409);
  const { status, body } = await apply(`${maps}/a`, configMap({ a: "2" }), "kubectl");
  assert.equal(status, 200);
  assert.equal(body.metadata.annotations?.["kubectl.kubernetes.io/last-applied-configuration"], '{"apiVersion":"v1","data":{"a":"2"},"kind":"ConfigMap","metadata":{"name":"a"}}\n');
});
