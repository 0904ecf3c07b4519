/** Pods that ask for devices, over the whole server: given, kept for their users, waited for, given back and given to the next. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { getCondition } from "#api/conditions.ts";
import type { Pod } from "#api/gen/core-v1.ts";
import type { DeviceRequest, ResourceClaim } from "#api/gen/resource-v1.ts";
import { allocationFinalizer } from "#api/resource-claim.ts";
import { deviceClasses, nodes, pods, resourceClaims, resourceClaimTemplates, resourceSlices, serviceAccounts } from "#api/resources.ts";
import { systemClock } from "#base/clock.ts";
import { runAll } from "#base/component.ts";
import { silent } from "#base/log.ts";
import { until } from "#base/waiting.ts";
import type { Client } from "#client/client.ts";
import { newEventRecorder } from "#client/event-recorder.ts";
import { newClient } from "#client/http-client.ts";
import { inProcess } from "#client/in-process-transport.ts";
import { newInformers } from "#client/informers.ts";
import { deviceTaintEvictionController } from "#controllers/device-taint-eviction/reconciler.ts";
import { resourceClaimController } from "#controllers/resource-claim/reconciler.ts";
import { unusedResourceClaimController } from "#controllers/resource-claim/unused.ts";
import { newScheduler } from "#scheduler/scheduler.ts";
import { startApiServer } from "../support/api-server.ts";
import { runControllers } from "../support/controllers.ts";

const namespace = "default";
const driver = "gpu.example.com";

/** A server, the controllers of claims, and the scheduler with a scheduler's rights. */
async function startWorld(t: TestContext): Promise<Client> {
  const server = await startApiServer(t);
  const { client } = server;
  await client.resource(serviceAccounts).create({ metadata: { name: "default", namespace } });
  for (const name of ["a", "b"]) {
    await client.resource(nodes).create({ metadata: { name }, spec: {}, status: { allocatable: { cpu: "4", memory: "8Gi", pods: "110" }, conditions: [{ type: "Ready", status: "True" }] } });
    await client.resource(nodes).patch(name, undefined, { type: "merge", body: { spec: { taints: null } } }); // a new node is not ready
  }
  await client.resource(deviceClasses).create({ metadata: { name: "gpu" }, spec: { selectors: [{ cel: { expression: `device.driver == "${driver}"` } }], config: [{ opaque: { driver, parameters: { kind: "Config" } } }] } });
  const scheduling = newClient(inProcess(server.api.handler, { name: "system:kube-scheduler", groups: ["system:authenticated"] }));
  const stopping = new AbortController();
  const informers = newInformers(scheduling, systemClock, silent);
  const running = runAll([newScheduler({ client: scheduling, informers, events: newEventRecorder(scheduling, "default-scheduler", undefined, systemClock, stopping.signal), clock: systemClock, log: silent }), informers], stopping.signal);
  t.after(async () => {
    stopping.abort();
    await running;
  });
  runControllers(t, server, resourceClaimController, unusedResourceClaimController, deviceTaintEvictionController);
  return client;
}

const publish = (client: Client, node: string, ...names: readonly string[]): Promise<unknown> => client.resource(resourceSlices).create({ metadata: { name: `${node}-${names.join("-")}` }, spec: { driver, nodeName: node, pool: { name: node, generation: 1, resourceSliceCount: 1 }, devices: names.map((name) => ({ name, attributes: { model: { string: "A100" } } })) } });
const requests: DeviceRequest[] = [{ name: "gpu", exactly: { deviceClassName: "gpu", selectors: [{ cel: { expression: `device.attributes["${driver}"].model == "A100"` } }] } }];
const newClaim = (client: Client, name: string): Promise<ResourceClaim> => client.resource(resourceClaims).create({ metadata: { name, namespace }, spec: { devices: { requests } }, status: {} });
const newPod = (client: Client, name: string, source: { readonly resourceClaimName?: string; readonly resourceClaimTemplateName?: string }): Promise<Pod> => client.resource(pods).create({
  metadata: { name, namespace }, spec: { containers: [{ name: "app", image: "app:1", resources: { claims: [{ name: "gpu" }] } }], resourceClaims: [{ name: "gpu", ...source }] }, status: {},
});
const placed = (client: Client, name: string): Promise<string> => until(`${name} is placed`, async () => (await client.resource(pods).get(name, namespace)).spec.nodeName);
const waits = (client: Client, name: string): Promise<string> => until(`${name} waits`, async () => getCondition((await client.resource(pods).get(name, namespace)).status.conditions, "PodScheduled")?.message);
const claimOf = async (client: Client, pod: string): Promise<ResourceClaim> => {
  const { status, spec: { resourceClaims: [own] = [] } } = await client.resource(pods).get(pod, namespace);
  return client.resource(resourceClaims).get(own?.resourceClaimName ?? status.resourceClaimStatuses?.[0]?.resourceClaimName ?? "", namespace);
};
const usersOf = ({ status }: ResourceClaim): string[] => (status.reservedFor ?? []).map(({ name }) => name).sort();
const end = (client: Client, name: string): Promise<unknown> => client.resource(pods).patch(name, namespace, { type: "merge", body: { status: { phase: "Succeeded" } } }, { subresource: "status" });

test("a device goes from pod to pod", async (t) => {
  const client = await startWorld(t);
  await client.resource(resourceClaimTemplates).create({ metadata: { name: "one-gpu", namespace }, spec: { spec: { devices: { requests } } } });
  await newPod(client, "first", { resourceClaimTemplateName: "one-gpu" });
  assert.equal(await waits(client, "first"), "0/2 nodes are available: 2 cannot allocate all claims. still not schedulable, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.");
  await publish(client, "b", "gpu-0");
  assert.equal(await placed(client, "first"), "b");

  const { metadata, status } = await claimOf(client, "first");
  assert.deepEqual(metadata.finalizers, [allocationFinalizer]);
  const { allocationTimestamp, ...allocation } = status.allocation ?? {};
  assert.match(allocationTimestamp ?? "", /^\d{4}-.*Z$/);
  assert.deepEqual(allocation, {
    devices: {
      results: [{ request: "gpu", driver, pool: "b", device: "gpu-0" }],
      config: [{ source: "FromClass", requests: ["gpu"], opaque: { driver, parameters: { kind: "Config" } } }],
    },
    nodeSelector: { nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "In", values: ["b"] }] }] },
  });
  assert.deepEqual(status.reservedFor, [{ resource: "pods", name: "first", uid: (await client.resource(pods).get("first", namespace)).metadata.uid }]);

  await newPod(client, "second", { resourceClaimTemplateName: "one-gpu" });
  assert.match(await waits(client, "second"), /^0\/2 nodes are available: 2 cannot allocate all claims\. still not schedulable/);
  await end(client, "first");
  assert.equal(await placed(client, "second"), "b");
  assert.deepEqual(usersOf(await claimOf(client, "second")), ["second"]);
});

test("pods that share a claim go to its device, once it is there", async (t) => {
  const client = await startWorld(t);
  await publish(client, "a", "gpu-0");
  for (const name of ["one", "two"]) await newPod(client, name, { resourceClaimName: "shared" });
  await newClaim(client, "shared");
  assert.deepEqual(await Promise.all(["one", "two"].map((name) => placed(client, name))), ["a", "a"]);
  assert.deepEqual(usersOf(await claimOf(client, "one")), ["one", "two"]);
  await end(client, "one");
  await until("one user is left", async () => usersOf(await claimOf(client, "two")).join() === "two");
  await end(client, "two");
  await until("the device is given back", async () => (await claimOf(client, "two")).status.allocation === undefined);
});

test("a resource that no node has may be devices: a claim is made for it, and goes with the pod", async (t) => {
  const client = await startWorld(t);
  await client.resource(deviceClasses).create({ metadata: { name: "named" }, spec: { extendedResourceName: "example.com/gpu" } });
  await publish(client, "a", "gpu-0");
  const asking = (name: string, resource: string): Promise<Pod> => client.resource(pods).create({ metadata: { name, namespace }, spec: { containers: [{ name: "app", image: "app:1", resources: { limits: { [resource]: "1" } } }] }, status: {} });
  await asking("first", "example.com/gpu");
  assert.equal(await placed(client, "first"), "a");
  const { resourceClaimName = "", requestMappings } = (await client.resource(pods).get("first", namespace)).status.extendedResourceClaimStatus ?? {};
  assert.match(resourceClaimName, /^first-extended-resources-[a-z0-9]{5}$/);
  assert.deepEqual(requestMappings, [{ containerName: "app", resourceName: "example.com/gpu", requestName: "container-0-request-0" }]);
  assert.deepEqual(usersOf(await client.resource(resourceClaims).get(resourceClaimName, namespace)), ["first"]);

  await asking("second", "deviceclass.resource.kubernetes.io/gpu");
  assert.match(await waits(client, "second"), /2 cannot allocate all claims\. still not schedulable/);
  await end(client, "first");
  assert.equal(await placed(client, "second"), "a");
  await until("the first claim is gone", async () => !(await client.resource(resourceClaims).list({ namespace })).items.some(({ metadata }) => metadata.name === resourceClaimName));
});

test("a device that is tainted drives away who does not bear it, and nobody comes", async (t) => {
  const client = await startWorld(t);
  await publish(client, "a", "gpu-0");
  await newClaim(client, "own");
  await newPod(client, "first", { resourceClaimName: "own" });
  assert.equal(await placed(client, "first"), "a");
  const slice = await client.resource(resourceSlices).get("a-gpu-0");
  await client.resource(resourceSlices).update({ ...slice, spec: { ...slice.spec, devices: [{ name: "gpu-0", taints: [{ key: "sick", effect: "NoExecute" }] }] } });
  const leaving = await until("it leaves", async () => {
    const pod = await client.resource(pods).get("first", namespace);
    return pod.metadata.deletionTimestamp === undefined ? undefined : pod;
  });
  assert.equal(getCondition(leaving.status.conditions, "DisruptionTarget")?.message, "Device Taint manager: deleting due to NoExecute taint");
  await newClaim(client, "next");
  await newPod(client, "second", { resourceClaimName: "next" });
  assert.match(await waits(client, "second"), /2 cannot allocate all claims/);
});

test("what a claim asks for in vain, or in words that cannot be, is said", async (t) => {
  const client = await startWorld(t);
  await publish(client, "a", "gpu-0");
  const asking = async (name: string, exactly: object): Promise<string> => {
    await client.resource(resourceClaims).create({ metadata: { name, namespace }, spec: { devices: { requests: [{ name: "gpu", exactly: { deviceClassName: "gpu", ...exactly } }] } }, status: {} });
    await newPod(client, name, { resourceClaimName: name });
    return waits(client, name);
  };
  assert.equal(await asking("no-class", { deviceClassName: "tpu" }), "0/2 nodes are available: request gpu: device class tpu does not exist. no new claims to deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.");
  assert.equal(await asking("no-attribute", { selectors: [{ cel: { expression: `device.attributes["${driver}"].colour == "red"` } }] }), `running "DynamicResources" filter plugin: claim default/no-attribute: selector #0: CEL runtime error: no such key: colour`);
  assert.equal(await asking("too-many", { count: 33 }), `running "DynamicResources" filter plugin: claim default/too-many: number of requested devices 33 exceeds the claim limit of 32`);
  await client.resource(deviceClasses).create({ metadata: { name: "tpu" }, spec: {} });
  assert.equal(await placed(client, "no-class"), "a");
});
