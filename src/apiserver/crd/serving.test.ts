import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { JSONSchemaProps } from "#api/gen/apiextensions-v1.ts";
import { systemClock } from "#base/clock.ts";
import { crds, startServer, widgetDefinition, widgets, type Answer, type TestServer } from "./fixture.ts";

const spec: JSONSchemaProps = {
  type: "object",
  properties: {
    size: { type: "integer", minimum: 1, default: 3 }, color: { type: "string", enum: ["red", "blue"] }, parts: { type: "array", items: { type: "string" } },
    bag: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
  },
};
const status: JSONSchemaProps = { type: "object", properties: { replicas: { type: "integer" }, selector: { type: "string" } } };
const widget = (name: string, content: object = {}): object => ({ apiVersion: "example.com/v1", kind: "Widget", metadata: { name }, ...content });
type Loose = { readonly metadata: Record<string, unknown>; readonly spec: Record<string, unknown>; readonly status?: unknown; readonly apiVersion: string; readonly kind: string; readonly message: string; readonly items: Loose[] };
const body = ({ body: found }: Answer): Loose => found as Loose;
const merge = { "content-type": "application/merge-patch+json" };

async function serving(t: TestContext, definition: object = widgetDefinition({ spec, status })): Promise<TestServer> {
  const server = await startServer(t);
  const created = await server.send("POST", crds, definition);
  assert.equal(created.status, 201, body(created).message);
  await server.condition("widgets.example.com", "Established");
  return server;
}

test("a definition is established and its resources are served", async (t) => {
  const { send } = await serving(t);
  const made = await send("POST", widgets, widget("a", { spec: { color: "red", unknown: 1 } }));
  assert.deepEqual([made.status, body(made).spec, body(made).metadata["generation"]], [201, { color: "red", size: 3 }, 1]);
  assert.equal(made.headers["warning"], '299 - "unknown field \\"spec.unknown\\""');
  const list = body(await send("GET", widgets));
  assert.deepEqual([list.kind, list.items.length], ["WidgetList", 1]);
  const definition = body(await send("GET", `${crds}/widgets.example.com`)) as unknown as { status: { acceptedNames: object; storedVersions: string[]; conditions: { type: string; status: string; reason: string; message: string }[] } };
  assert.deepEqual(definition.status.acceptedNames, { plural: "widgets", singular: "widget", shortNames: ["wd"], kind: "Widget", listKind: "WidgetList", categories: ["all"] });
  assert.deepEqual(definition.status.storedVersions, ["v1"]);
  assert.deepEqual(definition.status.conditions.map(({ type, status: s, reason, message }) => [type, s, reason, message]), [
    ["NamesAccepted", "True", "NoConflicts", "no conflicts found"], ["Established", "True", "InitialNamesAccepted", "the initial names have been accepted"],
  ]);
});

test("who sees Established in a watch can use what is established", async (t) => {
  const server = await startServer(t);
  const seen = (async () => {
    for await (const event of server.lines(`${crds}?watch=true&timeoutSeconds=20`)) {
      const { object } = event as { object: { status?: { conditions?: { type: string; status: string }[] } } };
      if (object.status?.conditions?.some((c) => c.type === "Established" && c.status === "True") === true) return await server.send("POST", widgets, widget("a"));
    }
    return undefined;
  })();
  await server.send("POST", crds, widgetDefinition({ spec }));
  assert.equal((await seen)?.status, 201);
});

const writes: readonly [what: string, method: string, path: string, sent: unknown, headers: Record<string, string>, status: number, message?: RegExp][] = [
  ["strict: unknown fields", "POST", `${widgets}?fieldValidation=Strict`, widget("x", { spec: { a: 1 }, other: 1, metadata: { name: "x", nope: 1 } }), {}, 400, /^Widget in version "v1" cannot be handled as a Widget: strict decoding error: unknown field "metadata\.nope", unknown field "other", unknown field "spec\.a"$/],
  ["strict: a field said twice", "POST", `${widgets}?fieldValidation=Strict`, '{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"x"},"spec":{"size":1,"size":2}}', {}, 400, /strict decoding error: duplicate field "spec\.size"$/],
  ["an invalid value", "POST", widgets, widget("x", { spec: { size: 0, color: "green" } }), {}, 422, /^Widget\.example\.com "x" is invalid: \[spec\.size: Invalid value: 0: spec\.size in body should be greater than or equal to 1, spec\.color: Unsupported value: "green": supported values: "red", "blue"\]$/],
  ["an invalid name", "POST", widgets, widget("X_"), {}, 422, /metadata\.name: Invalid value/],
  ["labels of the wrong type", "POST", widgets, widget("x", { metadata: { name: "x", labels: { a: 1 } } }), {}, 400, /json: cannot unmarshal number into Go struct field ObjectMeta\.labels of type string$/],
  ["another version's object", "POST", widgets, { apiVersion: "example.com/v2", kind: "Widget", metadata: { name: "x" } }, {}, 400, /does not match the expected API version \(example\.com\/v1\)$/],
  ["an object that does not say its kind", "POST", widgets, { metadata: { name: "x" } }, {}, 400, /^the object provided is unrecognized \(must be of type Widget\): Object 'Kind' is missing in '\{"metadata":\{"name":"x"\}\}'/],
  ["an object that does not say its version", "POST", widgets, { kind: "Widget", metadata: { name: "x" } }, {}, 400, /^the API version in the data \(\) does not match/],
  ["a strategic merge patch", "PATCH", `${widgets}/a`, {}, { "content-type": "application/strategic-merge-patch+json" }, 415],
  ["protobuf", "POST", widgets, "k8s\0", { "content-type": "application/vnd.kubernetes.protobuf" }, 415],
  ["a JSON patch", "PATCH", `${widgets}/a`, [{ op: "add", path: "/spec/parts", value: ["x"] }], { "content-type": "application/json-patch+json" }, 200],
  ["a merge patch with an unknown field, strictly", "PATCH", `${widgets}/a?fieldValidation=Strict`, { spec: { nope: 1 } }, merge, 422, /strict decoding error: unknown field "spec\.nope"$/],
  ["a PUT without a resourceVersion", "PUT", `${widgets}/a`, widget("a"), {}, 422, /metadata\.resourceVersion: Invalid value: 0x0: must be specified for an update$/],
  ["a dry run", "POST", `${widgets}?dryRun=All`, widget("dry"), {}, 201],
  ["status, which is no subresource here", "GET", `${widgets}/a/status`, undefined, {}, 404],
  ["a cluster's path of a namespaced resource", "GET", "/apis/example.com/v1/widgets/a", undefined, {}, 404],
  ["a field selector that is not selectable", "GET", `${widgets}?fieldSelector=spec.color%3Dred`, undefined, {}, 400, /field label not supported: spec\.color$/],
];
test("requests and their answers", async (t) => {
  const { send } = await serving(t);
  await send("POST", widgets, widget("a", { spec: { color: "red" } }));
  for (const [what, method, path, sent, headers, code, message] of writes) {
    const answer = await send(method, path, sent, headers);
    assert.equal(answer.status, code, `${what}: ${JSON.stringify(answer.body)}`);
    if (message !== undefined) assert.match(body(answer).message, message, what);
  }
  assert.equal((await send("GET", `${widgets}/dry`)).status, 404);
});

test("a cluster-scoped resource is not found through a namespaced URL", async (t) => {
  const { send } = await serving(t, widgetDefinition({ spec }, {}, { scope: "Cluster" }));
  assert.equal((await send("POST", "/apis/example.com/v1/widgets", widget("a"))).status, 201);
  for (const [method, sent] of [["GET", undefined], ["DELETE", undefined], ["PUT", widget("a")]] as const) assert.equal((await send(method, `${widgets}/a`, sent)).status, 404, method);
  assert.equal((await send("POST", widgets, widget("b"))).status, 404);
  assert.equal((await send("GET", "/apis/example.com/v1/widgets/a")).status, 200);
});

test("keys such as __proto__ and constructor are data where they are kept, and harm nobody", async (t) => {
  const { send } = await serving(t);
  const evil = '{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"e"},"__proto__":{"x":1},"spec":{"__proto__":{"polluted":1},"bag":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}}}';
  const made = await send("POST", widgets, evil);
  assert.equal(JSON.stringify(body(made).spec), '{"bag":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}},"size":3}');
  const patched = await send("PATCH", `${widgets}/e`, '{"spec":{"bag":{"__proto__":{"again":1}}}}', merge);
  assert.equal(JSON.stringify(body(patched).spec["bag"]), '{"__proto__":{"polluted":1,"again":1},"constructor":{"prototype":{"polluted":1}}}');
  assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
  assert.deepEqual(body(await send("POST", widgets, widget("f", { spec: { color: "red" } }))).spec, { color: "red", size: 3 });
});

test("empty lists and maps are kept, and a change to them counts", async (t) => {
  const { send } = await serving(t);
  await send("POST", widgets, widget("a", { spec: { parts: [] } }));
  const changed = body(await send("PATCH", `${widgets}/a`, { spec: { bag: {} } }, merge));
  assert.deepEqual([changed.spec, changed.metadata["generation"]], [{ parts: [], bag: {}, size: 3 }, 2]);
  const counted = body(await send("PATCH", `${widgets}/a`, { status: { replicas: 1 } }, merge)); // no subresource: content like any other
  assert.deepEqual([counted.status, counted.metadata["generation"]], [{ replicas: 1 }, 3]);
});

test("status and scale are written through their subresources only", async (t) => {
  const scale = { specReplicasPath: ".spec.size", statusReplicasPath: ".status.replicas", labelSelectorPath: ".status.selector" };
  const { send } = await serving(t, widgetDefinition({ spec, status }, { subresources: { status: {}, scale } }));
  assert.equal(body(await send("POST", widgets, widget("a", { spec: {}, status: { replicas: 9 } }))).status, undefined);
  const told = body(await send("PATCH", `${widgets}/a/status`, { spec: { size: 7 }, metadata: { labels: { x: "y" } }, status: { replicas: 2, selector: "a=b" } }, merge));
  assert.deepEqual([told.spec, told.status, told.metadata["labels"], told.metadata["generation"]], [{ size: 3 }, { replicas: 2, selector: "a=b" }, undefined, 1]);
  assert.equal((await send("PATCH", `${widgets}/a/status`, { status: { replicas: "x" } }, merge)).status, 422);
  assert.deepEqual(body(await send("PATCH", `${widgets}/a`, { status: { replicas: 5 } }, merge)).status, { replicas: 2, selector: "a=b" });
  const read = body(await send("GET", `${widgets}/a/scale`));
  assert.deepEqual([read.kind, read.spec, read.status], ["Scale", { replicas: 3 }, { replicas: 2, selector: "a=b" }]);
  assert.deepEqual(body(await send("PATCH", `${widgets}/a/scale`, { spec: { replicas: 4 } }, merge)).spec, { replicas: 4 });
  assert.equal((await send("PATCH", `${widgets}/a/scale`, { spec: { replicas: 0 } }, merge)).status, 422); // below the schema's minimum
  assert.deepEqual(body(await send("GET", `${widgets}/a`)).spec, { size: 4 });
});

const second = { name: "v2", served: true, storage: false, schema: { openAPIV3Schema: { type: "object", properties: { spec: { type: "object", properties: { size: { type: "integer" }, extra: { type: "string", default: "new" } } } } } } };

test("several versions: stored in one, read in all, each through its own schema", async (t) => {
  const definition = widgetDefinition({ spec });
  const v1 = ((definition["spec"] as { versions: object[] }).versions)[0];
  const { send } = await serving(t, widgetDefinition({ spec }, {}, { versions: [v1, second] }));
  await send("POST", widgets, widget("a", { spec: { size: 1, color: "red" } }));
  const inV2 = body(await send("GET", "/apis/example.com/v2/namespaces/default/widgets/a"));
  assert.deepEqual([inV2.apiVersion, inV2.spec], ["example.com/v2", { size: 1, extra: "new" }]);
  assert.equal(body(await send("GET", "/apis/example.com/v2/widgets")).items[0]?.apiVersion, "example.com/v2");
  assert.deepEqual(body(await send("GET", `${widgets}/a`)).spec, { size: 1, color: "red" });
  const group = body(await send("GET", "/apis/example.com")) as unknown as { versions: { version: string }[] };
  assert.deepEqual(group.versions.map(({ version }) => version), ["v2", "v1"]);
});

test("a change of the schema shows in what was stored before, and ends watches", async (t) => {
  const { send, lines } = await serving(t);
  await send("POST", widgets, widget("a", { spec: { color: "red", bag: { x: 1 } } }));
  const watched = (async () => {
    const types: unknown[] = [];
    for await (const event of lines(`${widgets}?watch=true`)) types.push(event["type"]);
    return types;
  })();
  await systemClock.sleep(20, t.signal);
  const definition = body(await send("GET", `${crds}/widgets.example.com`)) as unknown as { spec: { versions: { schema: { openAPIV3Schema: JSONSchemaProps } }[] } };
  const schema = definition.spec.versions[0]?.schema as { openAPIV3Schema: JSONSchemaProps };
  schema.openAPIV3Schema = { type: "object", properties: { spec: { type: "object", properties: { color: { type: "string" }, shape: { type: "string", default: "round" } } } } };
  assert.equal((await send("PUT", `${crds}/widgets.example.com`, definition)).status, 200);
  assert.deepEqual(await watched, ["ADDED"]);
  assert.deepEqual(body(await send("GET", `${widgets}/a`)).spec, { color: "red", shape: "round" });
});

test("a deleted definition takes its instances with it, after their finalizers", async (t) => {
  const { send, condition } = await serving(t);
  await send("POST", widgets, widget("a"));
  await send("POST", widgets, widget("held", { metadata: { name: "held", finalizers: ["example.com/hold"] } }));
  const deleted = body(await send("DELETE", `${crds}/widgets.example.com`));
  assert.deepEqual([deleted.kind, deleted.metadata["finalizers"]], ["CustomResourceDefinition", ["customresourcecleanup.apiextensions.k8s.io"]]);
  await condition("widgets.example.com", "Terminating");
  const refused = await send("POST", widgets, widget("late"));
  assert.deepEqual([refused.status, body(refused).message], [405, "create not allowed while custom resource definition is terminating"]);
  while ((await send("GET", `${widgets}/a`)).status !== 404) await systemClock.sleep(1, t.signal);
  assert.notEqual(body(await send("GET", `${widgets}/held`)).metadata["deletionTimestamp"], undefined);
  await send("PATCH", `${widgets}/held`, { metadata: { finalizers: null } }, merge);
  while ((await send("GET", `${crds}/widgets.example.com`)).status !== 404) await systemClock.sleep(1, t.signal);
  assert.equal((await send("GET", widgets)).status, 404);
  assert.equal((await send("GET", "/apis/example.com")).status, 404);
});

test("two definitions do not get one name; the second has it when the first is gone", async (t) => {
  const { send, condition } = await serving(t);
  const other = { ...widgetDefinition({ spec }, {}, { names: { plural: "gadgets", kind: "Widget", listKind: "GadgetList", shortNames: ["wd", "gd"] } }), metadata: { name: "gadgets.example.com" } };
  await send("POST", crds, other);
  await condition("gadgets.example.com", "NamesAccepted", "False");
  const { conditions } = (body(await send("GET", `${crds}/gadgets.example.com`)).status ?? {}) as { conditions: { type: string; reason: string; message: string; status: string }[] };
  assert.deepEqual(conditions.map(({ type, status: s, reason, message }) => [type, s, reason, message]), [
    ["NamesAccepted", "False", "KindConflict", '"Widget" is already in use'], ["Established", "False", "NotAccepted", "not all names are accepted"],
  ]);
  assert.equal((await send("GET", "/apis/example.com/v1/gadgets")).status, 404);
  await send("DELETE", `${crds}/widgets.example.com`);
  await condition("gadgets.example.com", "Established");
  assert.equal((await send("GET", "/apis/example.com/v1/gadgets")).status, 200);
});

test("what is stored is served again after a restart", async (t) => {
  const server = await serving(t);
  await server.send("POST", widgets, widget("a", { spec: {} }));
  const again = await startServer(t, server.store);
  assert.deepEqual(body(await again.send("GET", `${widgets}/a`)).spec, { size: 3 });
});

test("columns, tables and selectable fields", async (t) => {
  const { send } = await serving(t, widgetDefinition({ spec }, {
    additionalPrinterColumns: [{ name: "Size", type: "integer", jsonPath: ".spec.size" }, { name: "Color", type: "string", jsonPath: ".spec.color", priority: 1, description: "Its color." }, { name: "Made", type: "date", jsonPath: ".metadata.creationTimestamp" }],
    selectableFields: [{ jsonPath: ".spec.color" }, { jsonPath: ".spec.size" }],
  }));
  await send("POST", widgets, widget("a", { spec: { color: "red" } }));
  await send("POST", widgets, widget("b", { spec: { size: 5 } }));
  const table = (await send("GET", widgets, undefined, { accept: "application/json;as=Table;g=meta.k8s.io;v=v1" })).body as { columnDefinitions: { name: string; type: string; priority: number }[]; rows: { cells: unknown[] }[] };
  assert.deepEqual(table.columnDefinitions.map(({ name, type, priority }) => [name, type, priority]), [["Name", "string", 0], ["Size", "integer", 0], ["Color", "string", 1], ["Made", "date", 0]]);
  assert.deepEqual(table.rows.map(({ cells }) => cells.slice(0, 3)), [["a", 3, "red"], ["b", 5, null]]);
  const named = async (selector: string): Promise<unknown[]> => body(await send("GET", `${widgets}?fieldSelector=${encodeURIComponent(selector)}`)).items.map(({ metadata }) => metadata["name"]);
  assert.deepEqual([await named("spec.color=red"), await named("spec.size=5"), await named("spec.color!=red")], [["a"], ["b"], ["b"]]);
});

test("a deprecated version warns; webhook conversion is refused with words", async (t) => {
  const conversion = { strategy: "Webhook", webhook: { clientConfig: { url: "https://127.0.0.1:1/" }, conversionReviewVersions: ["v1"] } };
  const v1 = { name: "v1", served: true, storage: true, deprecated: true, schema: { openAPIV3Schema: { type: "object", properties: { spec } } } };
  const { send } = await serving(t, widgetDefinition({}, {}, { conversion, versions: [v1, second] }));
  const made = await send("POST", widgets, widget("a"));
  assert.deepEqual([made.status, made.headers["warning"]], [201, '299 - "example.com/v1 Widget is deprecated"']);
  const other = await send("GET", "/apis/example.com/v2/namespaces/default/widgets/a");
  assert.deepEqual([other.status, /conversion by webhooks is not supported/.test(body(other).message)], [500, true]);
});

test("discovery and OpenAPI tell of it, and no longer when it is gone", async (t) => {
  const { send } = await serving(t, widgetDefinition({ spec }, { subresources: { status: {} } }));
  const resources = (await send("GET", "/apis/example.com/v1")).body as { resources: { name: string; shortNames?: string[]; categories?: string[]; verbs: string[] }[] };
  assert.deepEqual(resources.resources.map(({ name, shortNames, categories }) => [name, shortNames, categories]), [["widgets", ["wd"], ["all"]], ["widgets/status", undefined, undefined]]);
  const aggregated = JSON.stringify((await send("GET", "/apis", undefined, { accept: "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList" })).body);
  assert.match(aggregated, /"resource":"widgets"/);
  const before = (await send("GET", "/openapi/v3")).body as { paths: Record<string, { serverRelativeURL: string }> };
  const document = (await send("GET", before.paths["apis/example.com/v1"]?.serverRelativeURL ?? "")).body as { components: { schemas: Record<string, { properties?: Record<string, JSONSchemaProps>; "x-kubernetes-group-version-kind"?: unknown }> } };
  const schema = document.components.schemas["com.example.v1.Widget"];
  assert.deepEqual(schema?.["x-kubernetes-group-version-kind"], [{ group: "example.com", kind: "Widget", version: "v1" }]);
  assert.deepEqual([schema?.properties?.["spec"]?.properties?.["size"], Object.keys(schema?.properties ?? {}).toSorted()], [{ type: "integer", minimum: 1, default: 3 }, ["apiVersion", "kind", "metadata", "spec"]]);
  const etag = (await send("GET", "/openapi/v2")).headers["etag"];
  await send("DELETE", `${crds}/widgets.example.com`);
  while ((await send("GET", `${crds}/widgets.example.com`)).status !== 404) await systemClock.sleep(1, t.signal);
  const after = await send("GET", "/openapi/v2");
  assert.notEqual(after.headers["etag"], etag);
  assert.doesNotMatch(JSON.stringify(after.body), /com\.example\.v1\.Widget/);
});

test("integers beyond 2^53 keep their digits, however they are written and read", async (t) => {
  const { send, condition } = await startServer(t);
  const large = "9007199254740993";
  await send("POST", crds, widgetDefinition({ spec: { type: "object", properties: { id: { type: "integer", format: "int64", minimum: 1 }, open: { type: "object", "x-kubernetes-preserve-unknown-fields": true } }, "x-kubernetes-validations": [{ rule: "self.id > 9007199254740992" }] } }));
  await condition("widgets.example.com", "Established");
  const widget = (rest: string): string => `{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"w"${rest}`;
  const raw = async (method: string, path: string, body?: string, headers: Readonly<Record<string, string>> = {}): Promise<string> => {
    const answer = await send(method, path, body, { accept: "application/yaml", ...headers }); // text as it came
    return `${answer.status} ${answer.body as string}`;
  };
  assert.match(await raw("POST", widgets, widget(`},"spec":{"id":${large},"open":{"x":[-9223372036854775808]}}}`)), /^201 [^]*id: 9007199254740993\n[^]*- -9223372036854775808\n/);
  assert.match(await raw("PATCH", `${widgets}/w`, '{"metadata":{"labels":{"a":"b"}}}', { "content-type": "application/merge-patch+json" }), /^200 [^]*id: 9007199254740993\n/);
  assert.match(await raw("PATCH", `${widgets}/w`, `[{"op":"test","path":"/spec/id","value":${large}},{"op":"copy","from":"/spec/id","path":"/spec/open/z"}]`, { "content-type": "application/json-patch+json" }), /^200 [^]*z: 9007199254740993\n/);
  assert.match(await raw("PATCH", `${widgets}/w?fieldManager=m&force=true`, widget(`},"spec":{"id":9007199254740995}}`), { "content-type": "application/apply-patch+yaml" }), /^200 [^]*id: 9007199254740995\n/);
  assert.match(await raw("GET", widgets), /id: 9007199254740995\n/);
  assert.match(await raw("PATCH", `${widgets}/w`, '{"spec":{"id":9007199254740992}}', { "content-type": "application/merge-patch+json" }), /^422 [^]*failed rule: self.id > 9007199254740992/);
});

test("what a custom resource is not: another kind, another scope, another version, an unknown subresource", async (t) => {
  const { send } = await serving(t);
  await send("POST", widgets, widget("a"));
  const told = async (method: string, path: string, content?: object): Promise<unknown> => {
    const { status: code, body: found } = await send(method, path, content);
    return [code, typeof found === "string" ? found : (found as Loose).message];
  };
  assert.deepEqual(await told("POST", widgets, { ...widget("b"), kind: "Gadget" }), [422, 'Gadget.example.com "b" is invalid: kind: Invalid value: "Gadget": must be Widget']);
  assert.deepEqual(await told("GET", `${widgets}/a/nope`), [404, 'widgets.example.com "a" not found']);
  for (const path of ["/apis/example.com/v1/widgets/a", "/apis/example.com/v9/namespaces/default/widgets"]) assert.deepEqual(await told("GET", path), [404, "404 page not found\n"]);
});
