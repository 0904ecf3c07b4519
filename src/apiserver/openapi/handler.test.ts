import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isStatus } from "#apimachinery/status.ts";
import { apiSchema } from "#api/schema.ts";
import { systemClock } from "#base/clock.ts";
import type { HttpRequest, HttpResponse } from "#base/http.ts";
import { kinds } from "../registry/kinds.ts";
import { Registry } from "../registry/registry.ts";
import type { AnyResource } from "../registry/resource.ts";
import { openApiHandler } from "./handler.ts";

const handle = openApiHandler({ registry: new Registry(kinds), schema: apiSchema, clock: systemClock, version: "v1.36.0" });
const get = (url: string, headers: Record<string, string> = {}, by = handle): Promise<HttpResponse | undefined> =>
  by({ method: "GET", url, headers, signal: new AbortController().signal, body: (async function* () {})() } satisfies HttpRequest);
const bodyOf = async (answer: HttpResponse | undefined): Promise<Buffer> => {
  const body = answer?.body ?? new Uint8Array();
  return body instanceof Uint8Array ? Buffer.from(body) : Buffer.concat(await Array.fromAsync(body));
};
const json = async (url: string, by = handle): Promise<Record<string, never>> => JSON.parse((await bodyOf(await get(url, {}, by))).toString()) as Record<string, never>;

describe("OpenAPI", () => {
  test("every reference of every document has its definition", async () => {
    const index = (await json("/openapi/v3"))["paths"] as unknown as Record<string, { serverRelativeURL: string }>;
    for (const { serverRelativeURL } of Object.values(index)) {
      const document = (await json(serverRelativeURL)) as unknown as { components: { schemas: Record<string, unknown> } };
      const missing = [...JSON.stringify(document).matchAll(/#\/components\/schemas\/([\w.-]+)/g)].map((m) => m[1] ?? "").filter((name) => document.components.schemas[name] === undefined);
      assert.deepEqual([...new Set(missing)], [], serverRelativeURL);
    }
  });
  test("the patch of a pod says that it takes fieldValidation", async () => {
    const document = await json("/openapi/v3/api/v1") as unknown as { paths: Record<string, { patch: { parameters: { name: string }[]; "x-kubernetes-group-version-kind": object } }> };
    const patch = document.paths["/api/v1/namespaces/{namespace}/pods/{name}"]?.patch;
    assert.deepEqual(patch?.["x-kubernetes-group-version-kind"], { group: "", version: "v1", kind: "Pod" });
    assert(patch?.parameters.some(({ name }) => name === "fieldValidation"));
  });
  test("no field goes without a schema, which kubectl explain would not bear", async () => {
    const document = await json("/openapi/v3/api/v1") as unknown as { components: { schemas: Record<string, { properties?: Record<string, object> }> } };
    const empty = Object.entries(document.components.schemas).flatMap(([type, { properties = {} }]) => Object.entries(properties).filter(([, schema]) => Object.keys(schema).length === 0).map(([name]) => `${type}.${name}`));
    assert.deepEqual(empty, []);
  });
  test("merge keys are told", async () => {
    const document = await json("/openapi/v2") as unknown as { definitions: Record<string, { properties: Record<string, Record<string, unknown>> }> };
    const containers = document.definitions["io.k8s.api.core.v1.PodSpec"]?.properties["containers"];
    assert.equal(containers?.["x-kubernetes-patch-merge-key"], "name");
    assert.deepEqual(containers?.["items"], { $ref: "#/definitions/io.k8s.api.core.v1.Container" });
  });
  test("an unchanged document is not sent again", async () => {
    const etag = (await get("/openapi/v3/apis/apps/v1"))?.headers["etag"] ?? "";
    assert.equal((await get("/openapi/v3/apis/apps/v1", { "if-none-match": etag }))?.status, 304);
  });
  test("old kubectl gets protobuf", async () => {
    const answer = await get("/openapi/v2", { accept: "application/com.github.proto-openapi.spec.v2@v1.0+protobuf" });
    assert.equal(answer?.headers["content-type"], "application/com.github.proto-openapi.spec.v2.v1.0+protobuf");
    assert.deepEqual([...(await bodyOf(answer)).subarray(0, 5)], [0x0a, 3, 0x32, 0x2e, 0x30]); // swagger = "2.0"
  });
  test("an unknown document and an unknown format are refused", async () => {
    await assert.rejects(get("/openapi/v3/apis/none/v1"), (err) => isStatus(err, "NotFound"));
    await assert.rejects(get("/openapi/v2", { accept: "text/html" }), (err) => isStatus(err, "NotAcceptable"));
  });
});

/** A custom kind that counts how often its schema is asked for. */
function counted(n: number): { readonly resource: AnyResource; readonly asked: () => number } {
  let asked = 0;
  const schema = (): object => { asked++; return { type: "object", properties: { spec: { type: "string" } } }; };
  const custom = { edition: String(n), listKind: `Kind${n}List`, read: (object: unknown) => ({ object, unknown: [] }), validate: () => [], retired: new AbortController().signal, terminating: false, schema };
  const resource = { group: `g${n % 3}.example.com`, version: "v1", kind: `Kind${n}`, schema: "", scope: "Namespaced", names: { plural: `kinds${n}`, singular: `kind${n}` }, columns: [], custom } as unknown as AnyResource;
  return { resource, asked: () => asked };
}

describe("many custom kinds", () => {
  const custom = Array.from({ length: 30 }, (_, n) => counted(n));
  const registry = new Registry([...kinds, ...custom.map(({ resource }) => resource)]);
  let now = 0;
  const by = openApiHandler({ registry, schema: apiSchema, clock: { ...systemClock, now: () => now += 5 }, version: "v1.36.0" }); // each look at the clock finds a turn over
  const urls = ["/openapi/v2", "/openapi/v3/apis/g0.example.com/v1", "/openapi/v3/apis/g1.example.com/v1", "/openapi/v3/apis/g2.example.com/v1"];

  test("are described in turns, one kind at a time", async () => {
    let turns = 0;
    let done = false;
    const count = (): void => { if (!done) { turns++; setImmediate(count); } };
    setImmediate(count);
    const { definitions } = await json("/openapi/v2", by) as unknown as { definitions: object };
    done = true;
    assert.deepEqual(custom.filter(({ resource }) => !Object.hasOwn(definitions, `com.example.${resource.group.split(".")[0]}.v1.${resource.kind}`)), []);
    assert(turns >= custom.length, `${turns} turns`);
  });
  test("a change of one makes only that one's part anew", async () => {
    for (const url of urls) await json(url, by);
    const before = custom.map(({ asked }) => asked());
    const etag = (await get("/openapi/v2", {}, by))?.headers["etag"];
    const changed = counted(30);
    registry.add(changed.resource);
    for (const url of urls) await json(url, by);
    assert.deepEqual(custom.map(({ asked }) => asked()), before);
    assert.equal(changed.asked(), 2); // once for v2, once for v3
    assert.notEqual((await get("/openapi/v2", {}, by))?.headers["etag"], etag);
    registry.remove(changed.resource);
    assert.equal((await get("/openapi/v2", {}, by))?.headers["etag"], etag);
  });
  test("protobuf says the same, put together from its parts", async () => {
    const bytes = await bodyOf(await get("/openapi/v2", { accept: "application/com.github.proto-openapi.spec.v2@v1.0+protobuf" }, by));
    const fields: number[] = [];
    for (let at = 0; at < bytes.length;) {
      fields.push((bytes[at++] ?? 0) >> 3);
      let [length, shift] = [0, 0];
      for (let more = true; more; shift += 7) { more = (bytes[at] ?? 0) > 127; length |= ((bytes[at++] ?? 0) & 127) << shift; }
      at += length;
      assert(at <= bytes.length);
    }
    assert.deepEqual(fields, [1, 2, 8, 9]); // swagger, info, paths, definitions: each once and whole
  });
});
