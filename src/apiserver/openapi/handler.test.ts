import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isStatus } from "#apimachinery/status.ts";
import { apiSchema } from "#api/schema.ts";
import type { HttpRequest, HttpResponse } from "#base/http.ts";
import { kinds } from "../registry/kinds.ts";
import { Registry } from "../registry/registry.ts";
import { openApiHandler } from "./handler.ts";

const handle = openApiHandler({ registry: new Registry(kinds), schema: apiSchema, version: "v1.36.0" });
const get = (url: string, headers: Record<string, string> = {}): HttpResponse | undefined =>
  handle({ method: "GET", url, headers, signal: new AbortController().signal, body: (async function* () {})() } satisfies HttpRequest);
const json = (url: string): Record<string, never> => JSON.parse(Buffer.from(get(url)?.body as Uint8Array).toString()) as Record<string, never>;

describe("OpenAPI", () => {
  test("every reference of every document has its definition", () => {
    const index = json("/openapi/v3")["paths"] as unknown as Record<string, { serverRelativeURL: string }>;
    for (const { serverRelativeURL } of Object.values(index)) {
      const document = json(serverRelativeURL) as unknown as { components: { schemas: Record<string, unknown> } };
      const missing = [...JSON.stringify(document).matchAll(/#\/components\/schemas\/([\w.-]+)/g)].map((m) => m[1] ?? "").filter((name) => document.components.schemas[name] === undefined);
      assert.deepEqual([...new Set(missing)], [], serverRelativeURL);
    }
  });
  test("the patch of a pod says that it takes fieldValidation", () => {
    const document = json("/openapi/v3/api/v1") as unknown as { paths: Record<string, { patch: { parameters: { name: string }[]; "x-kubernetes-group-version-kind": object } }> };
    const patch = document.paths["/api/v1/namespaces/{namespace}/pods/{name}"]?.patch;
    assert.deepEqual(patch?.["x-kubernetes-group-version-kind"], { group: "", version: "v1", kind: "Pod" });
    assert(patch?.parameters.some(({ name }) => name === "fieldValidation"));
  });
  test("no field goes without a schema, which kubectl explain would not bear", () => {
    const document = json("/openapi/v3/api/v1") as unknown as { components: { schemas: Record<string, { properties?: Record<string, object> }> } };
    const empty = Object.entries(document.components.schemas).flatMap(([type, { properties = {} }]) => Object.entries(properties).filter(([, schema]) => Object.keys(schema).length === 0).map(([name]) => `${type}.${name}`));
    assert.deepEqual(empty, []);
  });
  test("merge keys are told", () => {
    const document = json("/openapi/v2") as unknown as { definitions: Record<string, { properties: Record<string, Record<string, unknown>> }> };
    const containers = document.definitions["io.k8s.api.core.v1.PodSpec"]?.properties["containers"];
    assert.equal(containers?.["x-kubernetes-patch-merge-key"], "name");
    assert.deepEqual(containers?.["items"], { $ref: "#/definitions/io.k8s.api.core.v1.Container" });
  });
  test("an unchanged document is not sent again", () => {
    const etag = get("/openapi/v3/apis/apps/v1")?.headers["etag"] ?? "";
    assert.equal(get("/openapi/v3/apis/apps/v1", { "if-none-match": etag })?.status, 304);
  });
  test("old kubectl gets protobuf", () => {
    const answer = get("/openapi/v2", { accept: "application/com.github.proto-openapi.spec.v2@v1.0+protobuf" });
    assert.equal(answer?.headers["content-type"], "application/com.github.proto-openapi.spec.v2.v1.0+protobuf");
    assert.deepEqual([...(answer.body as Uint8Array).subarray(0, 5)], [0x0a, 3, 0x32, 0x2e, 0x30]); // swagger = "2.0"
  });
  test("an unknown document and an unknown format are refused", () => {
    assert.throws(() => get("/openapi/v3/apis/none/v1"), (err) => isStatus(err, "NotFound"));
    assert.throws(() => get("/openapi/v2", { accept: "text/html" }), (err) => isStatus(err, "NotAcceptable"));
  });
});
