/** One test body over every kind of the registry, in JSON and in protobuf: what each verb does, on the wire. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { optionalKinds } from "#api/optional-kinds.ts";
import { kinds, optionalResources } from "#apiserver/registry/kinds.ts";
import type { AnyResource, Verb } from "#apiserver/registry/resource.ts";
import { isRecord } from "#apimachinery/equal.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { pause } from "#base/waiting.ts";
import { startApiServer, type TestApiServer } from "../support/api-server.ts";
import { framesOf, json, protobuf, type Codec } from "../support/codec.ts";
import { bytesOf } from "../support/https.ts";
import { exampleOf } from "./kind-examples.ts";

const allKinds = [...kinds, ...optionalResources(optionalKinds)];
const merge = "application/merge-patch+json";
/** Four ways to say the same. */
const patches = (value: string, { apiVersion, kind, metadata: { name } }: KubeObject): readonly [type: string, body: object][] => [
  [merge, { metadata: { annotations: { by: `merge ${value}` } } }],
  ["application/strategic-merge-patch+json", { metadata: { annotations: { by: `strategic ${value}` } } }],
  ["application/json-patch+json", [{ op: "add", path: "/metadata/annotations/by", value: `json ${value}` }]],
  ["application/apply-patch+yaml", { apiVersion, kind, metadata: { name, annotations: { by: `apply ${value}` } } }],
];
const bodiesBy = (annotations: Readonly<Record<string, string>> | undefined): string => annotations?.["by"]?.split(" ")[0] ?? "";

/** The server itself writes their status. */
const writtenByServer: ReadonlySet<string> = new Set(["CustomResourceDefinition", "ValidatingAdmissionPolicy"]);

type Read = KubeObject & { readonly items?: KubeObject[] };
const deleteOptions = { kind: "DeleteOptions", apiVersion: "v1", gracePeriodSeconds: 0, propagationPolicy: "Background" };

describe("every kind", () => {
  let server: TestApiServer;
  before(async () => {
    server = await startApiServer(undefined, { settings: { optional: optionalKinds } });
    await server.admin("POST", "/api/v1/namespaces/default/serviceaccounts", { body: { metadata: { name: "default" }, automountServiceAccountToken: false } });
  });
  after(() => server.stop());

  test("and no other is served that can be read", async () => {
    const served: string[] = [];
    const groups = await server.admin.json<{ groups: readonly { versions: readonly { groupVersion: string }[] }[] }>("GET", "/apis");
    const versions = ["/api/v1", ...groups.groups.flatMap((group) => group.versions.map(({ groupVersion }) => `/apis/${groupVersion}`))];
    for (const path of versions) {
      const { groupVersion, resources } = await server.admin.json<{ groupVersion: string; resources: readonly { name: string; verbs: readonly string[] }[] }>("GET", path);
      served.push(...resources.filter(({ name, verbs }) => !name.includes("/") && verbs.includes("list")).map(({ name }) => `${groupVersion}/${name}`));
    }
    const tested = allKinds.map(({ group, version, names }) => `${group === "" ? version : `${group}/${version}`}/${names.plural}`);
    const measured = ["metrics.k8s.io/v1beta1/nodes", "metrics.k8s.io/v1beta1/pods"]; // of nodes, and there are none
    assert.deepEqual(served.toSorted(), [...tested, ...measured].toSorted());
  });

  for (const codec of [json, protobuf]) describe(`in ${codec.name}`, () => {
    for (const resource of allKinds) test(`${resource.kind} of ${resource.group || "core"}/${resource.version}`, () => oneKind(new Wire(server, codec), resource));
  });
});

/** Requests whose bodies and answers are in one format. Patches have formats of their own. */
class Wire {
  readonly #server: TestApiServer;
  readonly #codec: Codec;
  constructor(server: TestApiServer, codec: Codec) { this.#server = server; this.#codec = codec; }

  in(codec: Codec): Wire { return new Wire(this.#server, codec); }

  async call(status: number, method: string, path: string, body?: object, patch?: string): Promise<Read> {
    const message = await this.#server.admin.open(method, path, {
      type: patch ?? this.#codec.type, headers: { accept: this.#codec.type }, ...(body !== undefined && { body: patch === undefined ? this.#codec.write(body) : JSON.stringify(body) }),
    });
    const bytes = await bytesOf(message);
    assert.equal(message.statusCode, status, `${method} ${path}: ${bytes.toString()}`);
    assert.equal(message.headers["content-type"], this.#codec.type);
    return this.#codec.read(bytes) as unknown as Read;
  }

  async status(path: string): Promise<number> { return (await this.#server.admin("GET", path)).status; }

  /** Types of the events until the deletion, each once where it repeats. Resolves to them once the watch is open. */
  async watch(path: string): Promise<() => Promise<readonly string[]>> {
    const message = await this.#server.admin.open("GET", path, { headers: { accept: this.#codec.streamType } });
    return async () => {
      const types: string[] = [];
      for await (const { type } of framesOf(this.#codec, message)) {
        if (types.at(-1) !== type) types.push(type);
        if (type === "DELETED") break;
      }
      return types;
    };
  }

  /** What holds a deleted object back is let go: nobody else runs here who would. */
  async gone(path: string, { names: { plural } }: AnyResource): Promise<void> {
    if ((await this.status(path)) === 404) return;
    const held = await this.call(200, "GET", path);
    assert.ok(held.metadata.deletionTimestamp !== undefined, "it is on its way");
    if (plural === "namespaces") await this.call(200, "PUT", `${path}/finalize`, { ...held, spec: { finalizers: [] } });
    else await this.call(200, "PATCH", path, { metadata: { finalizers: null } }, merge);
    assert.equal(await this.status(path), 404);
  }
}

async function oneKind(wire: Wire, resource: AnyResource): Promise<void> {
  const { group, version, kind, names: { plural }, scope, verbs } = resource;
  const does = (verb: Verb): boolean => verbs?.includes(verb) ?? true;
  const collection = `${group === "" ? "/api" : `/apis/${group}`}/${version}${scope === "Namespaced" ? "/namespaces/default" : ""}/${plural}`;
  const list = await wire.call(200, "GET", collection);
  assert.equal((list as { kind?: string }).kind, `${kind}List`);
  if (!does("create")) return;
  const first = exampleOf(resource, 1);
  const path = `${collection}/${first.metadata.name}`;
  const events = await wire.watch(`${collection}?watch=1&timeoutSeconds=60&labelSelector=kinds%3D1&resourceVersion=${list.metadata.resourceVersion ?? ""}`);

  const created = await creation(wire, resource, collection);
  await changes(wire, resource, path, created);
  await wire.call(200, "DELETE", path, deleteOptions);
  await wire.gone(path, resource);
  assert.deepEqual(await events(), ["ADDED", "MODIFIED", "DELETED"]);
  if (does("deletecollection")) await collectionDeletion(wire, resource, collection);
}

async function creation(wire: Wire, resource: AnyResource, collection: string): Promise<KubeObject> {
  const { kind } = resource;
  const first = exampleOf(resource, 1);
  const path = `${collection}/${first.metadata.name}`;
  const created = await wire.call(201, "POST", collection, first);
  assert.deepEqual([created.kind, created.apiVersion, created.metadata.name, typeof created.metadata.uid], [kind, first.apiVersion, first.metadata.name, "string"]);
  if (!writtenByServer.has(kind)) {
    assert.deepEqual(await wire.call(200, "GET", path), created);
    assert.deepEqual(said(await wire.in(json).call(200, "GET", path)), said(created));
  }
  assert.deepEqual((await wire.call(200, "GET", `${collection}?labelSelector=kinds%3D1`)).items?.map(({ metadata }) => metadata.name), [first.metadata.name]);
  await wire.call(409, "POST", collection, first);
  await wire.call(201, "POST", `${collection}?dryRun=All`, exampleOf(resource, 3));
  assert.equal(await wire.status(`${collection}/${exampleOf(resource, 3).metadata.name}`), 404);
  return created;
}

/** What a value says: protobuf spells out the empty fields of a struct, JSON leaves them out. */
function said(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(said);
  if (!isRecord(value)) return value;
  const empty = (item: unknown): boolean => item === "" || item === 0 || item === false || item === null || (typeof item === "object" && Object.keys(item).length === 0);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, said(item)] as const).filter(([, item]) => !empty(item)));
}

async function changes(wire: Wire, { kind, subresources = {} }: AnyResource, path: string, created: KubeObject): Promise<void> {
  const { uid } = created.metadata;
  for (const [type, body] of patches("one", created)) {
    const patched = await wire.call(200, "PATCH", `${path}?fieldManager=all-kinds${type.includes("apply") ? "&force=true" : ""}`, body, type);
    assert.equal(bodiesBy(patched.metadata.annotations), type.split(/[/-]/)[1], type);
  }
  if (writtenByServer.has(kind)) await pause(100); // its status settles
  const current = await wire.call(200, "GET", path);
  const updated = await wire.call(200, "PUT", path, { ...current, metadata: { ...current.metadata, annotations: { by: "put" } } });
  assert.deepEqual([updated.metadata.annotations?.["by"], updated.metadata.uid], ["put", uid]);
  await wire.call(409, "PUT", path, { ...current, metadata: { ...current.metadata, annotations: { by: "late" } } });
  if (subresources["status"]?.type === "write") {
    assert.deepEqual(await wire.call(200, "GET", `${path}/status`), updated);
    assert.equal((await wire.call(200, "PUT", `${path}/status`, updated)).metadata.uid, uid);
    assert.equal((await wire.call(200, "PATCH", `${path}/status`, { metadata: { annotations: { by: "status" } } }, merge)).metadata.uid, uid);
  }
  if (subresources["scale"]?.type === "scale") {
    const scale = await wire.call(200, "GET", `${path}/scale`);
    assert.equal(scale.kind, "Scale");
    assert.equal((await wire.call(200, "PUT", `${path}/scale`, scale)).kind, "Scale");
  }
}

async function collectionDeletion(wire: Wire, resource: AnyResource, collection: string): Promise<void> {
  const [first, second] = [exampleOf(resource, 1), exampleOf(resource, 2)];
  await wire.call(201, "POST", collection, first);
  await wire.call(201, "POST", collection, second);
  assert.equal((await wire.call(200, "DELETE", `${collection}?labelSelector=kinds%3D1`, deleteOptions)).items?.length, 1);
  await wire.gone(`${collection}/${first.metadata.name}`, resource);
  const path = `${collection}/${second.metadata.name}`;
  assert.equal(await wire.status(path), 200);
  await wire.call(200, "DELETE", path, deleteOptions);
  await wire.gone(path, resource);
}
