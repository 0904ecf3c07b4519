/** The field's own client for Node, unchanged: typed calls, patches, errors, pages, an informer. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { eventually } from "#base/waiting.ts";
import { ApiException, AppsV1Api, CoreV1Api, makeInformer, PatchStrategy, setHeaderOptions, VersionApi, type KubeConfig, type V1ConfigMap } from "@kubernetes/client-node";
import { startApiServer } from "../support/api-server.ts";
import { kubeConfigOf } from "../support/client-node.ts";

const namespace = "default";

describe("@kubernetes/client-node", () => {
  const ended: (() => Promise<void>)[] = [];
  let config: KubeConfig;
  let core: CoreV1Api;
  before(async () => {
    config = kubeConfigOf(await startApiServer({ after: (stop) => { ended.push(stop as () => Promise<void>); } }));
    core = config.makeApiClient(CoreV1Api);
  });
  after(async () => { for (const stop of ended) await stop(); });

  const create = (name: string, app: string): Promise<V1ConfigMap> => core.createNamespacedConfigMap({ namespace, body: { metadata: { name, labels: { app } }, data: { k: "v" } } });
  const annotate = (name: string, value: string): Promise<V1ConfigMap> =>
    core.patchNamespacedConfigMap({ name, namespace, body: { metadata: { annotations: { a: value } } } }, setHeaderOptions("Content-Type", PatchStrategy.StrategicMergePatch));

  test("the version", async () => assert.equal((await config.makeApiClient(VersionApi).getCode()).minor, "36"));

  test("an object is made, read, patched and deleted; dates are dates", async () => {
    const made = await create("one", "x");
    assert(made.metadata?.creationTimestamp instanceof Date);
    assert.deepEqual((await core.readNamespacedConfigMap({ name: "one", namespace })).data, { k: "v" });
    assert.deepEqual((await annotate("one", "1")).metadata?.annotations, { a: "1" });
    assert.equal((await core.deleteNamespacedConfigMap({ name: "one", namespace })).status, "Success");
  });

  test("a failure carries the Status", async () => {
    const missing = core.readNamespacedConfigMap({ name: "nowhere", namespace });
    await assert.rejects(missing, (err: unknown) => err instanceof ApiException && err.code === 404 && (JSON.parse(err.body as string) as { reason: string }).reason === "NotFound");
  });

  test("pages", async () => {
    for (const name of ["p-1", "p-2", "p-3"]) await create(name, "paged");
    const names: (string | undefined)[] = [];
    let _continue: string | undefined;
    do {
      const page = await core.listNamespacedConfigMap({ namespace, labelSelector: "app=paged", limit: 2, ...(_continue && { _continue }) });
      names.push(...page.items.map(({ metadata }) => metadata?.name));
      _continue = page.metadata?._continue;
    } while (_continue);
    assert.deepEqual(names, ["p-1", "p-2", "p-3"]);
  });

  test("numbers or text, and quantities", async () => {
    const apps = config.makeApiClient(AppsV1Api);
    const labels = { app: "web" };
    const made = await apps.createNamespacedDeployment({ namespace, body: {
      metadata: { name: "web" },
      spec: { selector: { matchLabels: labels }, strategy: { rollingUpdate: { maxSurge: "50%", maxUnavailable: 1 } }, template: { metadata: { labels }, spec: { containers: [{ name: "c", image: "i", resources: { limits: { cpu: "0.5" } } }] } } },
    } });
    assert.deepEqual([made.spec?.strategy?.rollingUpdate?.maxSurge, made.spec?.strategy?.rollingUpdate?.maxUnavailable, made.spec?.template.spec?.containers[0]?.resources?.limits], ["50%", 1, { cpu: "500m" }]);
  });

  test("an informer sees what is there, what comes, changes and goes", async () => {
    await create("i-1", "informed");
    const informer = makeInformer<V1ConfigMap>(config, `/api/v1/namespaces/${namespace}/configmaps`, () => core.listNamespacedConfigMap({ namespace, labelSelector: "app=informed" }), "app=informed");
    const seen: string[] = [];
    for (const verb of ["add", "update", "delete"] as const) informer.on(verb, ({ metadata }) => { seen.push(`${verb} ${metadata?.name ?? ""} ${metadata?.annotations?.["a"] ?? ""}`); });
    informer.on("error", (err: unknown) => { seen.push(`error ${String(err)}`); });
    const saw = (expected: readonly string[]): Promise<void> => eventually(async () => assert.deepEqual(seen, expected), 5_000);
    await informer.start();
    await saw(["add i-1 "]);
    await create("i-2", "informed");
    await saw(["add i-1 ", "add i-2 "]);
    await annotate("i-2", "7");
    await saw(["add i-1 ", "add i-2 ", "update i-2 7"]);
    assert.equal(informer.get("i-2", namespace)?.metadata?.annotations?.["a"], "7");
    await core.deleteNamespacedConfigMap({ name: "i-1", namespace });
    await saw(["add i-1 ", "add i-2 ", "update i-2 7", "delete i-1 "]);
    assert.deepEqual(informer.list(namespace).map(({ metadata }) => metadata?.name), ["i-2"]);
    await informer.stop();
  });
});
