/** One test body over every kind of the registry: what each verb does, on the wire, in JSON; and that protobuf says the same. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { kinds } from "#apiserver/registry/kinds.ts";
import type { AnyResource, Verb } from "#apiserver/registry/resource.ts";
import { systemClock } from "#base/clock.ts";
import { apiSchema, schemaTypeOf } from "#api/schema.ts";
import { decodeProto } from "#apimachinery/proto/decode.ts";
import { openEnvelope } from "#apimachinery/proto/envelope.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { startApiServer, type TestApiServer } from "../support/api-server.ts";
import { bytesOf, type Answer } from "../support/https.ts";
import { exampleOf } from "./kind-examples.ts";

const merge = "application/merge-patch+json";
/** Four ways to say the same. */
const patches = (value: string, { apiVersion, kind, metadata: { name } }: { readonly apiVersion: string; readonly kind: string; readonly metadata: { readonly name: string } }): readonly [type: string, body: unknown][] => [
  [merge, { metadata: { annotations: { by: `merge ${value}` } } }],
  ["application/strategic-merge-patch+json", { metadata: { annotations: { by: `strategic ${value}` } } }],
  ["application/json-patch+json", [{ op: "add", path: "/metadata/annotations/by", value: `json ${value}` }]],
  ["application/apply-patch+yaml", { apiVersion, kind, metadata: { name, annotations: { by: `apply ${value}` } } }],
];
const bodiesBy = (annotations: Readonly<Record<string, string>> | undefined): string => annotations?.["by"]?.split(" ")[0] ?? "";

/** The server itself writes their status. */
const writtenByServer: ReadonlySet<string> = new Set(["CustomResourceDefinition", "ValidatingAdmissionPolicy"]);

describe("every kind", () => {
  let server: TestApiServer;
  before(async () => {
    server = await startApiServer();
    await call(201, "POST", "/api/v1/namespaces/default/serviceaccounts", { metadata: { name: "default" }, automountServiceAccountToken: false });
  });
  after(() => server.stop());

  async function call(status: number, method: string, path: string, body?: unknown, type?: string): Promise<KubeObject & { items?: KubeObject[] }> {
    const answer: Answer = await server.admin(method, path, { ...(body !== undefined && { body }), ...(type !== undefined && { type }) });
    assert.equal(answer.status, status, `${method} ${path}: ${answer.text}`);
    return JSON.parse(answer.text) as KubeObject & { items?: KubeObject[] };
  }
  const status = async (path: string): Promise<number> => (await server.admin("GET", path)).status;

  /** What holds a deleted object back is let go: nobody else runs here who would. */
  async function gone(path: string, resource: AnyResource): Promise<void> {
    if ((await status(path)) === 404) return;
    const held = await call(200, "GET", path);
    assert.ok(held.metadata.deletionTimestamp !== undefined, "it is on its way");
    if (resource.names.plural === "namespaces") await call(200, "PUT", `${path}/finalize`, { ...held, spec: { finalizers: [] } });
    else await server.admin("PATCH", path, { body: { metadata: { finalizers: null } }, type: merge });
    assert.equal(await status(path), 404);
  }

  for (const resource of kinds) {
    const { group, version, kind, names: { plural }, scope, verbs, subresources = {} } = resource;
    const does = (verb: Verb): boolean => verbs?.includes(verb) ?? true;
    const collection = `${group === "" ? "/api" : `/apis/${group}`}/${version}${scope === "Namespaced" ? "/namespaces/default" : ""}/${plural}`;

    test(`${kind} of ${group || "core"}/${version}`, async () => {
      const list = await call(200, "GET", collection);
      assert.equal((list as { kind?: string }).kind, `${kind}List`);
      if (!does("create")) return;
      const first = exampleOf(resource, 1);
      const path = `${collection}/${first.metadata.name}`;
      const watching = server.admin.open("GET", `${collection}?watch=1&timeoutSeconds=60&labelSelector=kinds%3D1&resourceVersion=${list.metadata.resourceVersion ?? ""}`);

      const created = await call(201, "POST", collection, first);
      assert.deepEqual([created.kind, created.apiVersion, created.metadata.name, typeof created.metadata.uid], [kind, first.apiVersion, first.metadata.name, "string"]);
      if (!writtenByServer.has(kind)) assert.deepEqual(await call(200, "GET", path), created);
      assert.deepEqual((await call(200, "GET", `${collection}?labelSelector=kinds%3D1`)).items?.map(({ metadata }) => metadata.name), [first.metadata.name]);
      await sameInProtobuf(path, writtenByServer.has(kind) ? undefined : created);
      await call(409, "POST", collection, first);
      await call(201, "POST", `${collection}?dryRun=All`, exampleOf(resource, 3));
      assert.equal(await status(`${collection}/${exampleOf(resource, 3).metadata.name}`), 404);

      for (const [type, body] of patches("one", first)) {
        const patched = await call(200, "PATCH", `${path}?fieldManager=all-kinds${type.includes("apply") ? "&force=true" : ""}`, body, type);
        assert.equal(bodiesBy(patched.metadata.annotations), type.split(/[/-]/)[1], type);
      }
      if (writtenByServer.has(kind)) await systemClock.sleep(100, new AbortController().signal); // its status settles
      const current = await call(200, "GET", path);
      const updated = await call(200, "PUT", path, { ...current, metadata: { ...current.metadata, annotations: { by: "put" } } });
      assert.deepEqual([updated.metadata.annotations?.["by"], updated.metadata.uid], ["put", created.metadata.uid]);
      await call(409, "PUT", path, { ...current, metadata: { ...current.metadata, annotations: { by: "late" } } });
      if (subresources["status"]?.type === "write") {
        assert.deepEqual(await call(200, "GET", `${path}/status`), updated);
        assert.equal((await call(200, "PATCH", `${path}/status`, { metadata: { annotations: { by: "status" } } }, merge)).metadata.uid, created.metadata.uid);
      }
      if (subresources["scale"]?.type === "scale") assert.equal((await call(200, "GET", `${path}/scale`)).kind, "Scale");

      await server.admin("DELETE", `${path}?gracePeriodSeconds=0&propagationPolicy=Background`);
      await gone(path, resource);
      assert.deepEqual(await eventsOf(await watching), ["ADDED", "MODIFIED", "DELETED"]);

      if (!does("deletecollection")) return;
      await call(201, "POST", collection, exampleOf(resource, 1));
      await call(201, "POST", collection, exampleOf(resource, 2));
      assert.equal((await call(200, "DELETE", `${collection}?labelSelector=kinds%3D1&gracePeriodSeconds=0`, { kind: "DeleteOptions", apiVersion: "v1", gracePeriodSeconds: 0, propagationPolicy: "Background" })).items?.length, 1);
      await gone(path, resource);
      const second = `${collection}/${exampleOf(resource, 2).metadata.name}`;
      assert.equal(await status(second), 200);
      await call(200, "DELETE", second, { gracePeriodSeconds: 0, propagationPolicy: "Background" });
      await gone(second, resource);
    });
  }

  async function sameInProtobuf(path: string, known: KubeObject | undefined): Promise<void> {
    const object = known ?? await call(200, "GET", path);
    const message = await server.admin.open("GET", path, { headers: { accept: "application/vnd.kubernetes.protobuf" } });
    const { apiVersion, kind, raw } = openEnvelope(await bytesOf(message));
    const { metadata } = decodeProto(apiSchema, schemaTypeOf(apiVersion, kind) ?? "", raw) as unknown as KubeObject;
    assert.deepEqual([kind, apiVersion, metadata.name, metadata.uid, metadata.resourceVersion, metadata.labels], [object.kind, object.apiVersion, object.metadata.name, object.metadata.uid, object.metadata.resourceVersion, object.metadata.labels]);
  }
});

/** Types of a watch's events until the deletion, each once where it repeats. */
async function eventsOf(message: Awaited<ReturnType<TestApiServer["admin"]["open"]>>): Promise<string[]> {
  const types: string[] = [];
  let text = "";
  for await (const piece of message.setEncoding("utf8")) {
    text += piece as string;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
      const { type } = JSON.parse(text.slice(0, end)) as { type: string };
      text = text.slice(end + 1);
      if (types.at(-1) !== type) types.push(type);
      if (type === "DELETED") return types;
    }
  }
  return types;
}
