/** metrics.k8s.io over the wire: numbers of a kubelet that is a text, through the whole server. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { nodes, pods, serviceAccounts } from "#api/resources.ts";
import { systemClock } from "#base/clock.ts";
import { eventually } from "#base/waiting.ts";
import { startApiServer, type TestApiServer } from "../support/api-server.ts";
import { measuredOnly } from "../support/measured-only.ts";

const began = systemClock.now();
const started = began - 20_000;
const group = "/apis/metrics.k8s.io/v1beta1";
/** A node that uses a quarter of a core, and a container that uses a fortieth. */
const answer = (): string => {
  const at = systemClock.now();
  const labels = '{container="app",namespace="default",pod="web"}';
  return `node_cpu_usage_seconds_total ${(at - began) / 4_000} ${at}
node_memory_working_set_bytes 1048576 ${at}
container_cpu_usage_seconds_total${labels} ${(at - started) / 40_000} ${at}
container_memory_working_set_bytes${labels} 2048 ${at}
container_start_time_seconds${labels} ${started / 1_000}
`;
};
const connect = measuredOnly(() => answer());

describe("metrics.k8s.io", () => {
  let server: TestApiServer;
  before(async () => {
    server = await startApiServer(undefined, { connect: () => connect });
    await server.client.resource(nodes).create({ apiVersion: "v1", kind: "Node", metadata: { name: "n1", labels: { disk: "fast" } }, spec: {}, status: {} });
    await server.client.resource(serviceAccounts).create({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace: "default" } });
    await server.client.resource(pods).create({ apiVersion: "v1", kind: "Pod", metadata: { name: "web", namespace: "default", labels: { app: "web" } }, spec: { containers: [{ name: "app", image: "a" }], nodeName: "n1" }, status: {} });
    await eventually(async () => assert.equal((await server.admin("GET", `${group}/nodes/n1`)).status, 200));
  });

  after(() => server.stop());

  test("a pod's containers, with the pod's labels, window and time", async () => {
    const { metadata, timestamp, window, ...rest } = await server.admin.json<{ metadata: Record<string, unknown>; timestamp: string; window: string }>("GET", `${group}/namespaces/default/pods/web`);
    assert.deepEqual(rest, { kind: "PodMetrics", apiVersion: "metrics.k8s.io/v1beta1", containers: [{ name: "app", usage: { cpu: "25m", memory: "2Ki" } }] });
    assert.deepEqual([metadata["name"], metadata["namespace"], metadata["labels"]], ["web", "default", { app: "web" }]);
    assert(Date.parse(timestamp) >= began - 1_000 && Date.parse(timestamp) <= systemClock.now(), timestamp);
    assert.match(window, /^\d+(\.\d+)?s$/);
  });

  test("a node's usage between two looks", async () => {
    const { usage, kind } = await server.admin.json<{ kind: string; usage: Record<string, string> }>("GET", `${group}/nodes/n1`);
    assert.deepEqual({ kind, usage }, { kind: "NodeMetrics", usage: { cpu: "250m", memory: "1Mi" } });
  });

  const names = async (path: string): Promise<string[]> => (await server.admin.json<{ items: { metadata: { name: string } }[] }>("GET", `${group}${path}`)).items.map(({ metadata }) => metadata.name);
  const lists: readonly (readonly [string, readonly string[]])[] = [
    ["/pods", ["web"]], ["/pods?labelSelector=app%3Dweb", ["web"]], ["/pods?labelSelector=app%3Dother", []], ["/namespaces/kube-system/pods", []],
    ["/nodes?labelSelector=disk%3Dfast", ["n1"]], ["/nodes?labelSelector=disk%3Dslow", []], ["/pods?fieldSelector=metadata.name%3Dweb", ["web"]],
  ];
  for (const [path, want] of lists) test(`GET ${path}`, async () => assert.deepEqual(await names(path), want));

  test("as a table, as metrics-server prints it", async () => {
    const { columnDefinitions, rows } = await server.admin.json<{ columnDefinitions: { name: string }[]; rows: { cells: unknown[] }[] }>("GET", `${group}/pods`, { headers: { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" } });
    assert.deepEqual([columnDefinitions.map(({ name }) => name), rows.map(({ cells }) => cells.slice(0, 3))], [["Name", "cpu", "memory", "Window"], [["web", "25m", "2Ki"]]]);
  });

  test("in protobuf", async () => {
    const { status, headers } = await server.admin("GET", `${group}/pods`, { headers: { accept: "application/vnd.kubernetes.protobuf" } });
    assert.deepEqual([status, headers["content-type"]], [200, "application/vnd.kubernetes.protobuf"]);
  });

  test("nothing is written, nothing watched", async () => {
    const statuses = await Promise.all([server.admin("POST", `${group}/nodes`, { body: {} }), server.admin("DELETE", `${group}/nodes/n1`), server.admin("GET", `${group}/nodes?watch=1`)]);
    assert.deepEqual(statuses.map(({ status }) => status), [405, 405, 405]);
  });

  test("a pod of another namespace is another pod", async () => {
    assert.equal((await server.admin("GET", `${group}/namespaces/kube-system/pods/web`)).status, 404);
  });

  test("who may view may see it, a stranger not", async () => {
    await server.client.request({ method: "POST", path: "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", body: { metadata: { name: "viewer" }, roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" }, subjects: [{ kind: "User", apiGroup: "rbac.authorization.k8s.io", name: "viewer" }] } });
    const [viewer, stranger] = [server.as("viewer"), server.as("stranger")];
    await eventually(async () => assert.equal((await viewer("GET", `${group}/pods`)).status, 200));
    assert.equal((await stranger("GET", `${group}/pods`)).status, 403);
  });

  test("discovery, OpenAPI and the APIService know of it", async () => {
    const { resources } = await server.admin.json<{ resources: unknown[] }>("GET", group);
    assert.deepEqual(resources, [
      { name: "nodes", singularName: "", namespaced: false, kind: "NodeMetrics", verbs: ["get", "list"] },
      { name: "pods", singularName: "", namespaced: true, kind: "PodMetrics", verbs: ["get", "list"] },
    ]);
    const { components } = await server.admin.json<{ components: { schemas: Record<string, unknown> } }>("GET", "/openapi/v3/apis/metrics.k8s.io/v1beta1");
    assert.deepEqual(Object.keys(components.schemas).filter((name) => name.includes("metrics")).toSorted(), ["ContainerMetrics", "NodeMetrics", "NodeMetricsList", "PodMetrics", "PodMetricsList"].map((name) => `io.k8s.metrics.pkg.apis.metrics.v1beta1.${name}`));
    const { spec } = await server.admin.json<{ spec: Record<string, unknown> }>("GET", "/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.metrics.k8s.io");
    assert.deepEqual(spec, { group: "metrics.k8s.io", version: "v1beta1", groupPriorityMinimum: 100, versionPriority: 100 });
  });
});
