/** `@kubernetes/client-node` over every kind of the registry with its `KubernetesObjectApi`, and its `Watch`. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ApiException, KubernetesObjectApi, PatchStrategy, Watch, type KubeConfig, type KubernetesObject } from "@kubernetes/client-node";
import { kinds } from "#apiserver/registry/kinds.ts";
import type { AnyResource } from "#apiserver/registry/resource.ts";
import { eventually, pause } from "#base/waiting.ts";
import { openSqliteStore } from "#storage/sqlite/store.ts";
import type { Store } from "#storage/store.ts";
import { startApiServer, type TestApiServer } from "../support/api-server.ts";
import { kubeConfigOf } from "../support/client-node.ts";
import { exampleOf } from "./kind-examples.ts";

/** The server itself writes their status, and so the version which `replace` would name may be an old one. */
const writtenByServer: ReadonlySet<string> = new Set(["CustomResourceDefinition", "ValidatingAdmissionPolicy"]);
interface Named { readonly apiVersion: string; readonly kind: string; readonly metadata: { readonly name: string; readonly namespace?: string } }

describe("@kubernetes/client-node, every kind", () => {
  let server: TestApiServer;
  let api: KubernetesObjectApi;
  before(async () => {
    server = await startApiServer();
    api = KubernetesObjectApi.makeApiClient(kubeConfigOf(server));
    await api.create({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace: "default" } });
  });
  after(() => server.stop());

  for (const resource of kinds) if (resource.verbs?.includes("create") ?? true) test(`${resource.kind} of ${resource.group || "core"}/${resource.version}`, () => oneKind(api, resource));
});

async function oneKind(api: KubernetesObjectApi, resource: AnyResource): Promise<void> {
  const example = exampleOf(resource, 1);
  const { apiVersion, kind } = example;
  const { name } = example.metadata;
  const namespace = resource.scope === "Namespaced" ? "default" : undefined;
  const header: Named = { apiVersion, kind, metadata: { name, ...(namespace !== undefined && { namespace }) } };

  const made = await api.create<KubernetesObject>({ ...example, metadata: { ...example.metadata, ...header.metadata } });
  assert.deepEqual([made.kind, made.metadata?.name, made.metadata?.creationTimestamp instanceof Date], [kind, name, true]);
  assert.equal((await api.read(header)).metadata?.uid, made.metadata?.uid);
  const { items } = await api.list(apiVersion, kind, namespace, undefined, undefined, undefined, undefined, "kinds=1");
  assert.deepEqual(items.map(({ metadata }) => metadata?.name), [name]);
  const patched = await api.patch({ ...header, metadata: { ...header.metadata, annotations: { by: "patch" } } });
  assert.equal(patched.metadata?.annotations?.["by"], "patch");
  if (writtenByServer.has(kind)) await pause(100);
  const current = await api.read(header);
  Object.assign(current.metadata ?? {}, { annotations: { by: "replace" } });
  const replaced = await api.replace({ ...current, apiVersion, kind });
  assert.deepEqual([replaced.metadata?.annotations?.["by"], replaced.metadata?.uid], ["replace", made.metadata?.uid]);
  await api.delete(header, undefined, undefined, 0, undefined, "Background");
  await gone(api, header);
}

/** Finalizers that nobody here would take off do not hold the deletion back. */
async function gone(api: KubernetesObjectApi, header: Named): Promise<void> {
  const left = await api.read(header).catch((err: unknown) => err);
  if (!(left instanceof ApiException)) {
    assert.ok((left as KubernetesObject).metadata?.deletionTimestamp, "it is on its way");
    if (header.kind === "Namespace") return;
    await api.patch({ ...header, metadata: { ...header.metadata, finalizers: [] } }, undefined, undefined, undefined, undefined, PatchStrategy.MergePatch);
  }
  await assert.rejects(api.read(header), (err: unknown) => err instanceof ApiException && err.code === 404);
}

describe("@kubernetes/client-node, Watch", () => {
  let store: Store;
  let server: TestApiServer;
  let config: KubeConfig;
  let api: KubernetesObjectApi;
  before(async () => {
    store = await openSqliteStore({ path: ":memory:" });
    for (const key of ["/a", "/b", "/c"]) await store.put(key, new Uint8Array(1), 0); // a history older than the server
    await store.compact(3);
    server = await startApiServer(undefined, { store });
    config = kubeConfigOf(server);
    api = KubernetesObjectApi.makeApiClient(config);
  });
  after(async () => {
    await server.stop();
    await store.close();
  });

  const watched: readonly (readonly [path: string, plural: string])[] = [
    ["/api/v1/namespaces/default/configmaps", "configmaps"], ["/apis/apps/v1/namespaces/default/deployments", "deployments"], ["/apis/rbac.authorization.k8s.io/v1/clusterroles", "clusterroles"],
  ];
  for (const [path, plural] of watched) {
    test(`${plural} as they come, change and go`, async () => {
      const resource = kinds.find(({ names }) => names.plural === plural);
      assert.ok(resource);
      const example = exampleOf(resource, 1);
      const header: Named = { ...example, metadata: { name: example.metadata.name, ...(resource.scope === "Namespaced" && { namespace: "default" }) } };
      const seen: string[] = [];
      const stop = await new Watch(config).watch(path, { labelSelector: "kinds=1" }, (type: string, object: KubernetesObject) => { seen.push(`${type} ${object.metadata?.name} ${object.metadata?.annotations?.["a"] ?? ""}`); }, () => {});
      const { name } = example.metadata;
      await api.create({ ...header, metadata: { ...header.metadata, labels: { kinds: "1" } } });
      await api.patch({ apiVersion: example.apiVersion, kind: example.kind, metadata: { ...header.metadata, annotations: { a: "1" } } });
      await api.delete(header);
      await eventually(async () => assert.deepEqual(seen, [`ADDED ${name} `, `MODIFIED ${name} 1`, `DELETED ${name} 1`]), 5_000);
      stop.abort();
    });
  }

  test("a version that is forgotten comes as an ERROR event with 410", async () => {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const stop = await new Watch(config).watch("/api/v1/namespaces/default/configmaps", { resourceVersion: "1" }, (type: string, { code, reason }: { code?: number; reason?: string }) => resolve([type, code, reason]), resolve);
    assert.deepEqual(await promise, ["ERROR", 410, "Expired"]);
    stop.abort();
  });
});
