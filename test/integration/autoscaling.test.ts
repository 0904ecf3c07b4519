/** Autoscalers on the real server and store: any kind with a scale, metrics of a kubelet that is a text, time that the test moves. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerSpec } from "#api/gen/autoscaling-v2.ts";
import { deployments, horizontalPodAutoscalers, nodes, pods, serviceAccounts } from "#api/resources.ts";
import { systemClock } from "#base/clock.ts";
import { runAll } from "#base/component.ts";
import { silent } from "#base/log.ts";
import { VirtualClock } from "#base/virtual-clock.ts";
import { eventually, pause } from "#base/waiting.ts";
import { newInformers } from "#client/informers.ts";
import { horizontalPodAutoscalerController } from "#controllers/horizontal-pod-autoscaler/reconciler.ts";
import { startApiServer, type TestApiServer } from "../support/api-server.ts";
import { measuredOnly } from "../support/measured-only.ts";

const namespace = "default";
const began = systemClock.now();
const containerStarted = began - 20_000;
const started = new Date(began - 3_600_000).toISOString();
/** The container uses a fortieth of a core. */
const usage = (): string => {
  const at = systemClock.now();
  const labels = '{container="app",namespace="default",pod="busy"}';
  return `container_cpu_usage_seconds_total${labels} ${(at - containerStarted) / 40_000} ${at}
container_memory_working_set_bytes${labels} 2048 ${at}
container_start_time_seconds${labels} ${containerStarted / 1_000}
`;
};
const connect = measuredOnly(() => usage());

const fleets = {
  metadata: { name: "fleets.example.com" },
  spec: {
    group: "example.com", scope: "Namespaced", names: { plural: "fleets", kind: "Fleet" },
    versions: [{
      name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
      subresources: { scale: { specReplicasPath: ".spec.replicas", statusReplicasPath: ".status.replicas", labelSelectorPath: ".spec.selector" } },
    }],
  },
};

describe("autoscalers", () => {
  let server: TestApiServer;
  const clock = new VirtualClock(began);
  const told: string[] = [];
  const stopping = new AbortController();
  let running: Promise<void>;

  before(async () => {
    server = await startApiServer(undefined, { connect: () => connect });
    const { client } = server;
    await client.resource(nodes).create({ metadata: { name: "n1" }, spec: {}, status: {} });
    await client.resource(serviceAccounts).create({ metadata: { name: "default", namespace } });
    const informers = newInformers(client, systemClock, silent);
    const events = () => ({ event: (_about: unknown, _type: string, reason: string, message: string) => { told.push(`${reason}: ${message}`); } });
    running = runAll([informers, horizontalPodAutoscalerController({ client, informers, clock, log: silent, events })], stopping.signal);
  });
  after(async () => {
    stopping.abort();
    await running;
    await server.stop();
  });

  const create = (name: string, spec: Partial<HorizontalPodAutoscalerSpec>): Promise<HorizontalPodAutoscaler> =>
    server.client.resource(horizontalPodAutoscalers).create({ metadata: { name, namespace }, spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name }, maxReplicas: 10, ...spec }, status: { desiredReplicas: 0 } });
  const conditionsOf = async (name: string): Promise<string[]> =>
    ((await server.client.resource(horizontalPodAutoscalers).get(name, namespace)).status.conditions ?? []).map(({ type, status, reason = "" }) => `${type} ${status} ${reason}`);
  const deploy = (name: string, replicas: number): Promise<unknown> => server.client.resource(deployments).create({
    metadata: { name, namespace }, status: {},
    spec: { replicas, selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: "app", image: "a" }] } } },
  });
  const replicasOf = async (name: string): Promise<number | undefined> => (await server.client.resource(deployments).get(name, namespace)).spec.replicas;

  test("a custom kind with a scale gets the replicas that its pods' use asks for", async () => {
    const { client } = server;
    await client.request({ method: "POST", path: "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", body: fleets });
    const path = "/apis/example.com/v1/namespaces/default/fleets";
    await eventually(() => client.request({ method: "POST", path, body: { apiVersion: "example.com/v1", kind: "Fleet", metadata: { name: "ships" }, spec: { replicas: 1, selector: "fleet=ships" } } }));
    const pod = await client.resource(pods).create({ metadata: { name: "busy", namespace, labels: { fleet: "ships" } }, spec: { nodeName: "n1", containers: [{ name: "app", image: "a", resources: { requests: { cpu: "10m" } } }] }, status: {} });
    await client.resource(pods).update({ ...pod, status: { phase: "Running", startTime: started, conditions: [{ type: "Ready", status: "True", lastTransitionTime: started }] } }, { subresource: "status" });
    await eventually(async () => assert.equal((await server.admin("GET", "/apis/metrics.k8s.io/v1beta1/namespaces/default/pods/busy")).status, 200));
    await create("ships", { scaleTargetRef: { apiVersion: "example.com/v1", kind: "Fleet", name: "ships" } });
    await eventually(async () => assert.equal((await client.request<{ spec: { replicas: number } }>({ method: "GET", path: `${path}/ships` })).spec.replicas, 4));
    await eventually(async () => assert.deepEqual(await conditionsOf("ships"), ["AbleToScale True SucceededRescale", "ScalingActive True ValidMetricFound", "ScalingLimited False DesiredWithinRange"]));
    const { status } = await client.resource(horizontalPodAutoscalers).get("ships", namespace);
    assert.deepEqual([status.currentReplicas, status.desiredReplicas, status.currentMetrics?.[0]?.resource?.current.averageUtilization], [1, 4, 250]);
    assert(told.includes("SuccessfulRescale: New size: 4; reason: cpu resource utilization (percentage of request) above target"), told.join("\n"));
  });

  test("it looks every fifteen seconds, and not when something changes", async () => {
    await deploy("bounded", 1);
    await create("bounded", { minReplicas: 2 });
    await eventually(async () => assert.equal(await replicasOf("bounded"), 2));
    await eventually(async () => assert.deepEqual(await conditionsOf("bounded"), ["AbleToScale True SucceededRescale"]));
    await server.client.resource(deployments).patch("bounded", namespace, { type: "merge", body: { spec: { replicas: 30 } } });
    clock.advance(14_000);
    await server.client.resource(horizontalPodAutoscalers).patch("bounded", namespace, { type: "merge", body: { spec: { maxReplicas: 20 } } });
    await pause(100);
    assert.equal(await replicasOf("bounded"), 30);
    clock.advance(1_000);
    await eventually(async () => assert.equal(await replicasOf("bounded"), 20));
  });

  test("what cannot be had is told: the target, an external metric", async () => {
    await create("nobody", {});
    await eventually(async () => assert.deepEqual(await conditionsOf("nobody"), ["AbleToScale False FailedGetScale"]));
    await deploy("queue", 1);
    await create("queue", { metrics: [{ type: "External", external: { metric: { name: "jobs" }, target: { type: "Value", value: "1" } } }] });
    await eventually(async () => assert.deepEqual(await conditionsOf("queue"), ["AbleToScale True SucceededGetScale", "ScalingActive False FailedGetExternalMetric"]));
    assert(told.includes("FailedGetScale: deployments/scale.apps \"nobody\" not found"), told.join("\n"));
  });

  test("two autoscalers do not pull at the same pods", async () => {
    await deploy("shared", 1);
    const pod = { metadata: { name: "shared-0", namespace, labels: { app: "shared" } }, spec: { containers: [{ name: "app", image: "a" }] }, status: {} };
    await server.client.resource(pods).create(pod);
    for (const name of ["first", "second"]) await create(name, { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "shared" } });
    await eventually(async () => assert.equal((await conditionsOf("second")).length, 2));
    clock.advance(15_000);
    for (const name of ["first", "second"]) await eventually(async () => assert.deepEqual(await conditionsOf(name), ["AbleToScale True SucceededGetScale", "ScalingActive False AmbiguousSelector"]));
  });
});
