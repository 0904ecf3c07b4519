/** Real containers with what a driver of dynamic resources gives. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { Pod } from "#api/gen/core-v1.ts";
import type { ResourceClaim } from "#api/gen/resource-v1.ts";
import { pods, resourceClaims } from "#api/resources.ts";
import { eventually } from "#base/waiting.ts";
import type { Client } from "#client/client.ts";
import { newClient } from "#client/http-client.ts";
import { httpsTransport } from "#client/https-transport.ts";
import { loadKubeconfig } from "#client/kubeconfig.ts";
import { TestDraDriver } from "../support/dra-driver.ts";
import { kill } from "../support/node-trouble.ts";
import { sharedInstance } from "../support/shared-instance.ts";
import { testNamespace } from "../support/test-namespace.ts";

const shared = sharedInstance();
const slowestMs = 90_000;

describe("dynamic resources", { skip: shared === undefined && "needs root" }, () => {
  assert(shared !== undefined);
  const { nodeName, kubeletDir, id } = shared.settings;
  const name = "gpu.example.com";
  const kind = `example.com/gpu-${id}`;
  const spec = `/var/run/cdi/seedpod-${id}.json`;
  const { kubectl, make, remove } = testNamespace(shared, "dra-test");
  let dir: string;
  let driver: TestDraDriver;
  let client: Client;
  let transport: ReturnType<typeof httpsTransport>;

  const container = (called: string, request?: string): object => ({
    name: called, image: "seedpod.local/busybox:1", command: ["sh", "-c", "env | grep ^GPU | sort; ls /dev | grep gpu; id -G; echo done; sleep 1000"],
    resources: { claims: [{ name: "gpu", ...(request !== undefined && { request }) }] },
  });
  const pod = (called: string, ...containers: readonly object[]): Promise<Pod> => client.resource(pods).create({
    metadata: { name: called, namespace: "dra-test" }, status: {},
    spec: { nodeName, terminationGracePeriodSeconds: 0, resourceClaims: [{ name: "gpu", resourceClaimName: "shared" }], containers },
  } as unknown as Pod);
  const apply = (...objects: readonly object[]): Promise<string> => shared.kubectlWith(JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }), "apply", "-f", "-");
  const seen = (called: string, of: string): Promise<string[]> => eventually(async () => {
    const lines = (await kubectl("logs", called, "-c", of)).trim().split("\n");
    assert.equal(lines.at(-1), "done");
    return lines.slice(0, -1);
  }, slowestMs);

  before(async () => {
    transport = httpsTransport(await loadKubeconfig(shared.kubeconfig));
    client = newClient(transport);
    dir = await mkdtemp(join(tmpdir(), "dra-e2e-"));
    await mkdir("/var/run/cdi", { recursive: true });
    const device = (number: number, hostPath: string): object => ({ name: `g${number}`, containerEdits: { env: [`GPU${number}=given`], deviceNodes: [{ path: `/dev/gpu${number}`, hostPath }], additionalGids: [4_240 + number] } });
    await writeFile(spec, JSON.stringify({ cdiVersion: "0.7.0", kind, devices: [device(0, "/dev/null"), device(1, "/dev/zero")] }));
    const give = (): object[] => ["fast", "slow"].map((request, i) => ({ poolName: nodeName, deviceName: `g${i}`, requestNames: [request], cdiDeviceIds: [`${kind}=g${i}`] }));
    driver = new TestDraDriver({ name, dir, registry: join(kubeletDir, "plugins_registry"), give });
    await make();
    const requests = ["fast", "slow"].map((request) => ({ name: request, exactly: { deviceClassName: name } }));
    const claim = await client.resource(resourceClaims).create({ metadata: { name: "shared", namespace: "dra-test" }, spec: { devices: { requests } }, status: {} } as ResourceClaim);
    const results = ["fast", "slow"].map((request, i) => ({ request, driver: name, pool: nodeName, device: `g${i}` }));
    await client.resource(resourceClaims).update({ ...claim, status: { allocation: { devices: { results } } } }, { subresource: "status" }); // pods that are placed are reserved for by the claims' controller
  });
  after(async () => {
    await remove();
    await driver.stop();
    await rm(spec);
    await rm(dir, { recursive: true });
    transport.close();
  });

  test("a pod waits for its driver, and says so", async () => {
    await pod("first", container("fast", "fast"), container("slow", "slow"), container("both"));
    await eventually(async () => assert.match(await kubectl("describe", "pod", "first"), /FailedPrepareDynamicResources .*prepare dynamic resources: DRA driver gpu\.example\.com is not registered/), slowestMs);
    await driver.start();
    await eventually(() => assert.equal(driver.registrations[0]?.pluginRegistered, true), slowestMs);
  });

  test("containers get the devices, variables and groups of the requests that they name, and of no other", async () => {
    assert.deepEqual([await seen("first", "fast"), await seen("first", "slow"), await seen("first", "both")], [
      ["GPU0=given", "gpu0", "0 4240"], ["GPU1=given", "gpu1", "0 4241"], ["GPU0=given", "GPU1=given", "gpu0", "gpu1", "0 4240 4241"],
    ]);
  });

  test("another pod shares the claim; the agent is killed, and what was prepared once is given back at the end, by the last", async () => {
    await pod("second", container("slow", "slow"));
    assert.deepEqual(await seen("second", "slow"), ["GPU1=given", "gpu1", "0 4241"]);
    await kill(shared.settings, "agent");
    await kubectl("delete", "pod", "first", "--grace-period=0", "--force");
    await eventually(() => assert.equal(driver.registrations.length, 2), slowestMs); // with the next agent
    assert.deepEqual(driver.calls, ["prepare shared"]);
    await kubectl("delete", "pod", "second");
    await eventually(() => assert.deepEqual(driver.calls, ["prepare shared", "unprepare shared"]), slowestMs);
  });

  test("what a driver publishes is found by the scheduler, claimed for the pod, prepared here, and free again after it", async () => {
    const requests = [{ name: "spare", exactly: { deviceClassName: name } }];
    await apply(
      { apiVersion: "resource.k8s.io/v1", kind: "DeviceClass", metadata: { name }, spec: { selectors: [{ cel: { expression: `device.driver == "${name}"` } }] } },
      { apiVersion: "resource.k8s.io/v1", kind: "ResourceSlice", metadata: { name: "dra-test" }, spec: { driver: name, nodeName, pool: { name: nodeName, generation: 1, resourceSliceCount: 1 }, devices: [{ name: "spare" }] } },
      { apiVersion: "resource.k8s.io/v1", kind: "ResourceClaimTemplate", metadata: { name: "one", namespace: "dra-test" }, spec: { spec: { devices: { requests } } } },
      { apiVersion: "v1", kind: "Pod", metadata: { name: "third", namespace: "dra-test" }, spec: { terminationGracePeriodSeconds: 0, resourceClaims: [{ name: "gpu", resourceClaimTemplateName: "one" }], containers: [container("app")] } },
    );
    assert.deepEqual(await seen("third", "app"), ["GPU0=given", "GPU1=given", "gpu0", "gpu1", "0 4240 4241"]);
    const made = (await client.resource(pods).get("third", "dra-test")).status.resourceClaimStatuses?.[0]?.resourceClaimName ?? "";
    assert.deepEqual((await client.resource(resourceClaims).get(made, "dra-test")).status.allocation?.devices?.results?.map(({ request, driver: of, device }) => [request, of, device]), [["spare", name, "spare"]]);
    await kubectl("delete", "pod", "third");
    await eventually(async () => assert.deepEqual([driver.calls.slice(-2), (await client.resource(resourceClaims).list({ namespace: "dra-test" })).items.map(({ metadata }) => metadata.name)], [[`prepare ${made}`, `unprepare ${made}`], ["shared"]]), slowestMs);
    await shared.kubectl("delete", `deviceclass/${name}`, "resourceslice/dra-test");
  });
});
