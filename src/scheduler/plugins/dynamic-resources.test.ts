import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Pod } from "#api/gen/core-v1.ts";
import type { DeviceClass, DeviceRequest, ResourceClaim, ResourceClaimStatus, ResourceSlice } from "#api/gen/resource-v1.ts";
import { allocationFinalizer } from "#api/resource-claim.ts";
import { resourceClaims } from "#api/resources.ts";
import { keyOf, type KubeObject } from "#apimachinery/meta.ts";
import { conflict, optimisticLock } from "#apimachinery/status.ts";
import { nextTurn } from "#base/clock.ts";
import { silent } from "#base/log.ts";
import { VirtualClock } from "#base/virtual-clock.ts";
import type { Client, Patch, ResourceClient } from "#client/client.ts";
import { ClaimBinder } from "../claim-binder.ts";
import type { ClusterEvent } from "../cluster-events.ts";
import { DeviceFinder } from "../device-finder.ts";
import { FakeInformer } from "../fake-cluster.ts";
import { FilterRun } from "../filter-run.ts";
import type { Plugin } from "../framework.ts";
import { Nominations } from "../nominations.ts";
import { PodInfo } from "../pod-info.ts";
import { ResourceClaims } from "../resource-claims.ts";
import { clusterOf, filterAll, node, pod, scoreAll } from "../testing.ts";
import { dynamicResources } from "./dynamic-resources.ts";

const start = Date.parse("2026-01-01T00:00:00Z");
const driver = "acme.io";
const owner = (uid: string): { apiVersion: string; kind: string; name: string; uid: string; controller: boolean } => ({ apiVersion: "v1", kind: "Pod", name: "p", uid, controller: true });

interface ClaimParts { readonly requests?: readonly DeviceRequest[]; readonly status?: ResourceClaimStatus; readonly ownedBy?: string; readonly going?: boolean; readonly version?: number }
const oneGpu: DeviceRequest = { name: "gpu", exactly: { deviceClassName: "gpu", allocationMode: "ExactCount", count: 1 } };
function claim(name: string, { requests = [oneGpu], status = {}, ownedBy, going, version = 1 }: ClaimParts = {}): ResourceClaim {
  return {
    metadata: { name, namespace: "default", uid: `uid-${name}`, resourceVersion: String(version), ...(ownedBy && { ownerReferences: [owner(ownedBy)] }), ...(going && { deletionTimestamp: "2026-01-01T00:00:00Z" }) },
    spec: { devices: { requests: [...requests] } }, status,
  };
}
const on = (name: string, device = "d0"): NonNullable<ResourceClaimStatus["allocation"]> =>
  ({ devices: { results: [{ request: "gpu", driver, pool: name, device }] }, nodeSelector: { nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "In", values: [name] }] }] } });
const forPod = (uid: string): { resource: string; name: string; uid: string } => ({ resource: "pods", name: "other", uid });
const slice = (name: string, ...devices: readonly string[]): ResourceSlice => ({ metadata: { name }, spec: { driver, nodeName: name, pool: { name, generation: 1, resourceSliceCount: 1 }, devices: devices.map((device) => ({ name: device, attributes: { size: { string: device.startsWith("big") ? "big" : "small" } } })) } });
const classes: readonly DeviceClass[] = [{ metadata: { name: "gpu" }, spec: { extendedResourceName: "acme.io/gpu" } }, { metadata: { name: "big" }, spec: { selectors: [{ cel: { expression: `device.attributes["acme.io"].size == "big"` } }] } }];
const uses = (...names: readonly string[]): Pod => pod({ name: "p", resourceClaims: names.map((name) => ({ name, resourceClaimName: name })) });
const templated = (said?: string): Pod => ({ ...pod({ name: "p", resourceClaims: [{ name: "gpu", resourceClaimTemplateName: "t" }] }), status: { ...(said !== undefined && { resourceClaimStatuses: [{ name: "gpu", ...(said && { resourceClaimName: said }) }] }) } });

interface World {
  readonly plugin: Plugin;
  readonly claims: ResourceClaims;
  readonly clock: VirtualClock;
  /** What the API server shows. */
  readonly table: FakeInformer<ResourceClaim>;
  readonly patches: unknown[];
  readonly events: string[];
  /** So many of the next writes come too late. */
  late: number;
}

function world(known: readonly ResourceClaim[], slices: readonly ResourceSlice[] = []): World {
  const table = new FakeInformer<ResourceClaim>("claims"), sliceTable = new FakeInformer<ResourceSlice>("slices"), classTable = new FakeInformer<DeviceClass>("classes");
  for (const one of known) table.put(one);
  for (const one of slices) sliceTable.put(one);
  for (const one of classes) classTable.put(one);
  const claims = new ResourceClaims(table);
  const clock = new VirtualClock(start);
  const patches: unknown[] = [], events: string[] = [];
  const next = (object: ResourceClaim): ResourceClaim => ({ ...object, metadata: { ...object.metadata, resourceVersion: String(Number(object.metadata.resourceVersion) + 1) } });
  const api = {
    create: async (object: ResourceClaim) => {
      table.put({ ...object, metadata: { ...object.metadata, name: `${object.metadata.generateName ?? ""}1`, uid: "uid-made", resourceVersion: "5" } });
      return table.get(`default/${object.metadata.generateName ?? ""}1`);
    },
    delete: async (name: string, namespace: string) => table.remove(`${namespace}/${name}`),
    get: async (name: string, namespace: string) => table.get(`${namespace}/${name}`),
    update: async (object: ResourceClaim) => {
      if (made.late > 0) {
        made.late--;
        throw conflict(resourceClaims, object.metadata.name, optimisticLock);
      }
      table.put(next(object));
      return table.get(keyOf(object));
    },
    patch: async (name: string, namespace: string, patch: Patch) => { patches.push(patch.body); return table.get(`${namespace}/${name}`); },
  };
  const client = { resource: () => api as unknown as ResourceClient<KubeObject> } as unknown as Client;
  const recorder = { event: (_about: unknown, _type: string, reason: string, message: string) => void events.push(`${reason}: ${message}`) };
  const binder = new ClaimBinder({ client, claims, clock, events: recorder, log: silent });
  const plugin = dynamicResources({ claims, devices: new DeviceFinder(sliceTable, classTable, () => "share"), binder, now: () => clock.now() }) as Plugin;
  const made: World = { plugin, claims, clock, table, patches, events, late: 0 };
  return made;
}
const cluster = clusterOf([node("a"), node("b")]);
const cannot = "cannot allocate all claims";
const elsewhere = "resourceclaim not available on the node";

/** One pod's way up to its binding. */
function place(plugin: Plugin, incoming: Pod, on: string): { readonly run: FilterRun; readonly bind: () => Promise<void>; readonly release: () => void } {
  const run = new FilterRun([plugin], new PodInfo(incoming), cluster, new Nominations());
  const target = cluster.node(on);
  assert(target !== undefined);
  assert.equal(run.prepare() ?? run.verdict(target), undefined);
  const [active] = run.active;
  assert.equal(plugin.reserve?.(run.pod, target, active?.state), undefined);
  return { run, bind: async () => { await plugin.preBind?.(run.pod, on, active?.state, AbortSignal.timeout(5_000)); }, release: () => plugin.unreserve?.(run.pod, on, active?.state) };
}

describe("which nodes", () => {
  const cases: readonly { readonly name: string; readonly pod: Pod; readonly claims?: readonly ResourceClaim[]; readonly slices?: readonly ResourceSlice[]; readonly says: Readonly<Record<string, string>> }[] = [
    { name: "a pod without claims", pod: pod(), says: { a: "", b: "" } },
    { name: "a claim that is not there", pod: uses("x"), says: { "*": `could not find ResourceClaim "default/x"` } },
    { name: "a claim that is being deleted", pod: uses("x"), claims: [claim("x", { going: true })], says: { "*": `resourceclaim "x" is being deleted` } },
    { name: "a claim that is not made yet", pod: templated(), says: { "*": "Pod default/p: ResourceClaim not created yet" } },
    { name: "a claim that need not be made", pod: templated(""), says: { a: "", b: "" } },
    { name: "a claim that was made for another pod", pod: templated("x"), claims: [claim("x", { ownedBy: "older" })], says: { "*": "ResourceClaim default/x was not created for Pod default/p (Pod is not owner)" } },
    { name: "its own claim", pod: templated("x"), claims: [claim("x", { ownedBy: "uid-p" })], slices: [slice("a", "d0")], says: { a: "", b: cannot } },
    { name: "a class that is not there", pod: uses("x"), claims: [claim("x", { requests: [{ name: "gpu", exactly: { deviceClassName: "tpu" } }] })], says: { "*": "request gpu: device class tpu does not exist" } },
    { name: "a class of a choice", pod: uses("x"), claims: [claim("x", { requests: [{ name: "gpu", firstAvailable: [{ name: "big", deviceClassName: "tpu" }] }] })], says: { "*": "request gpu/big: device class tpu does not exist" } },
    { name: "devices that others have", pod: uses("x"), claims: [claim("x"), claim("y", { status: { allocation: on("a") } })], slices: [slice("a", "d0"), slice("b", "d0")], says: { a: cannot, b: "" } },
    { name: "an allocated claim is used where its devices are", pod: uses("x"), claims: [claim("x", { status: { allocation: on("a"), reservedFor: [forPod("1")] } })], says: { a: "", b: elsewhere } },
    { name: "two claims in two places", pod: uses("x", "y"), claims: [claim("x", { status: { allocation: on("a") } }), claim("y", { status: { allocation: on("b") } })], says: { a: elsewhere, b: elsewhere } },
  ];
  for (const { name, pod: incoming, claims = [], slices, says } of cases) test(name, () => assert.deepEqual(filterAll(world(claims, slices).plugin, incoming, cluster), says));

  test("a pod is gated until its claims are there", () => {
    const gate = (claims: readonly ResourceClaim[], incoming: Pod): string | undefined => world(claims).plugin.preEnqueue?.(new PodInfo(incoming))?.reasons[0];
    assert.deepEqual([gate([], templated()), gate([claim("x", { ownedBy: "uid-p" })], templated("x")), gate([], pod())], ["Pod default/p: ResourceClaim not created yet", undefined, undefined]);
  });

  test("an expression that fails ends the attempt", () => {
    const requests = [{ name: "gpu", exactly: { deviceClassName: "gpu", selectors: [{ cel: { expression: `device.attributes["acme.io"].colour == "red"` } }] } }];
    assert.throws(() => filterAll(world([claim("x", { requests })], [slice("a", "d0")]).plugin, uses("x"), cluster), { name: "AttemptFailed", message: `running "DynamicResources" filter plugin: claim default/x: selector #0: CEL runtime error: no such key: colour` });
  });

  test("a node with what is most wanted is best", () => {
    const requests: DeviceRequest[] = [{ name: "gpu", firstAvailable: [{ name: "big", deviceClassName: "big" }, { name: "any", deviceClassName: "gpu" }] }];
    const { plugin } = world([claim("x", { requests })], [slice("a", "small0"), slice("b", "big0")]);
    const incoming = uses("x");
    const run = new FilterRun([plugin], new PodInfo(incoming), cluster, new Nominations());
    run.prepare();
    for (const one of cluster.nodes) run.verdict(one);
    const wanted = plugin.preScore?.(run.pod, cluster.nodes, cluster);
    assert.deepEqual(cluster.nodes.map((one) => plugin.score?.(run.pod, one, wanted)), [7, 8]);
    assert.deepEqual(scoreAll(world([claim("x")]).plugin, incoming, cluster), { a: 0, b: 0 });
  });
});

describe("from choice to binding", () => {
  test("a device that is promised is not promised again, until it is given back", () => {
    const { plugin } = world([claim("x"), claim("y")], [slice("a", "d0")]);
    const { release } = place(plugin, uses("x"), "a");
    assert.deepEqual(filterAll(plugin, uses("y"), cluster), { a: cannot, b: cannot });
    assert.deepEqual(filterAll(plugin, uses("x"), cluster), { "*": "resource claim default/x is in the process of being allocated" });
    release();
    assert.deepEqual(filterAll(plugin, uses("y"), cluster), { a: "", b: cannot });
  });

  test("binding writes finalizer, devices and user, whatever else changes the claim meanwhile", async () => {
    const w = world([claim("x")], [slice("a", "d0")]);
    w.late = 2;
    await place(w.plugin, uses("x"), "a").bind();
    const bound = w.table.get("default/x");
    assert.deepEqual(bound?.metadata.finalizers, [allocationFinalizer]);
    assert.deepEqual(bound?.status, { allocation: { ...on("a"), allocationTimestamp: "2026-01-01T00:00:00Z" }, reservedFor: [{ resource: "pods", name: "p", uid: "uid-p" }] });
    assert.deepEqual(filterAll(w.plugin, uses("x"), cluster), { a: "", b: elsewhere }); // another pod may use it
  });

  test("conflicts do not go on for ever", async () => {
    const w = world([claim("x")], [slice("a", "d0")]);
    w.late = 5;
    await assert.rejects(place(w.plugin, uses("x"), "a").bind(), { message: `add finalizer to claim default/x: Operation cannot be fulfilled on resourceclaims.resource.k8s.io "x": ${optimisticLock}` });
  });

  test("devices that were given to the claim meanwhile stay", async () => {
    const w = world([claim("x")], [slice("a", "d0")]);
    const { bind } = place(w.plugin, uses("x"), "a");
    w.late = 1;
    w.table.put(claim("x", { status: { allocation: on("b") }, version: 7 }));
    await assert.rejects(bind(), { message: "claim default/x got allocated elsewhere in the meantime" });
  });

  test("what the API server has answered counts before it is seen", () => {
    const { plugin, claims } = world([claim("x"), claim("y")], [slice("a", "d0")]);
    claims.answered(claim("x", { status: { allocation: on("a") }, version: 2 }));
    assert.deepEqual(filterAll(plugin, uses("y"), cluster), { a: cannot, b: cannot });
  });

  test("a pod that is not bound is no user", async () => {
    const w = world([claim("x")], [slice("a", "d0")]);
    const { bind, release } = place(w.plugin, uses("x"), "a");
    await bind();
    release();
    assert.deepEqual(w.patches, [{ metadata: { uid: "uid-x" }, status: { reservedFor: [{ $patch: "delete", uid: "uid-p" }] } }]);
  });
});

describe("extended resources that are devices", () => {
  const wants = pod({ name: "p", requests: { "acme.io/gpu": "1" } });
  const mixed = clusterOf([node("a"), node("b", { allocatable: { cpu: "4", memory: "8Gi", pods: "110", "acme.io/gpu": "1" } }), node("c")]);

  test("a node has the devices, or the resource itself", () => assert.deepEqual(filterAll(world([], [slice("a", "d0"), slice("b")]).plugin, wants, mixed), { a: "", b: "", c: cannot }));

  test("a claim is made when the pod is bound, and the pod says which; it goes if the pod is not bound", async () => {
    const w = world([], [slice("a", "d0")]);
    const { bind, release } = place(w.plugin, wants, "a");
    assert.deepEqual(filterAll(w.plugin, pod({ requests: { "acme.io/gpu": "1" } }), cluster), { a: cannot, b: cannot });
    await bind();
    const made = w.table.get("default/p-extended-resources-1");
    assert.deepEqual(made?.metadata.ownerReferences, [owner("uid-p")]);
    assert.deepEqual(made?.metadata.annotations, { "resource.kubernetes.io/extended-resource-claim": "true" });
    assert.deepEqual([made?.status.allocation?.devices?.results, made?.status.reservedFor], [[{ request: "container-0-request-0", driver, pool: "a", device: "d0" }], [{ resource: "pods", name: "p", uid: "uid-p" }]]);
    assert.deepEqual(w.patches, [{ metadata: { uid: "uid-p" }, status: { extendedResourceClaimStatus: { requestMappings: [{ containerName: "c", resourceName: "acme.io/gpu", requestName: "container-0-request-0" }], resourceClaimName: "p-extended-resources-1" } } }]);
    release();
    await nextTurn();
    assert.equal(w.table.get("default/p-extended-resources-1"), undefined);
    assert.deepEqual(filterAll(w.plugin, wants, cluster), { a: "", b: cannot });
  });

  test("a claim that was left goes first", async () => {
    const left = claim("left", { ownedBy: "uid-p" });
    const w = world([{ ...left, metadata: { ...left.metadata, annotations: { "resource.kubernetes.io/extended-resource-claim": "true" } } }], [slice("a", "d0")]);
    const info = new PodInfo(wants);
    const run = new FilterRun([w.plugin], info, cluster, new Nominations());
    run.prepare();
    assert.deepEqual(cluster.nodes.map((one) => run.verdict(one)?.reasons.join()), ["cannot schedule extended resource claim", "cannot schedule extended resource claim"]);
    assert.deepEqual(w.plugin.postFilter?.(info, {} as never), { message: "deletion of ResourceClaim completed" });
    await nextTurn();
    assert.equal(w.table.get("default/left"), undefined);
  });
});

const late: NonNullable<ResourceClaimStatus["allocation"]> = { ...on("a"), devices: { results: [{ request: "gpu", driver, pool: "a", device: "d0", bindingConditions: ["Attached"], bindingFailureConditions: ["Broken"] }] }, allocationTimestamp: "2026-01-01T00:00:00Z" };
const saying = (type: string, version: number, status: "True" | "False" = "True"): ResourceClaim => claim("x", { version, status: { allocation: late, reservedFor: [forPod("uid-p")], devices: [{ driver, pool: "a", device: "d0", conditions: [{ type, status, reason: "Said", message: "so", lastTransitionTime: "2026-01-01T00:00:00Z" }] }] } });

describe("devices that must be ready first", () => {
  test("binding waits for them", async () => {
    const w = world([claim("x", { status: { allocation: late } })]);
    let done = false;
    const binding = place(w.plugin, uses("x"), "a").bind().then(() => { done = true; });
    await nextTurn();
    w.table.put(saying("Attached", 5, "False"));
    await nextTurn();
    assert.deepEqual([done, w.events], [false, ["BindingConditionsPending: waiting for binding conditions for device on node a"]]);
    w.table.put(saying("Attached", 6));
    await binding;
  });

  test("binding ends when one says that it will not be", async () => {
    const w = world([claim("x", { status: { allocation: late } })]);
    const binding = place(w.plugin, uses("x"), "a").bind();
    await nextTurn();
    w.table.put(saying("Broken", 5));
    await assert.rejects(binding, { message: `claim x binding failed: reason=Said, message="so"` });
  });

  test("or when it takes too long; then the claim is given other devices", async () => {
    const w = world([claim("x", { status: { allocation: late } })]);
    const binding = place(w.plugin, uses("x"), "a").bind();
    await nextTurn();
    w.clock.advance(600_001);
    await assert.rejects(binding, { message: "device binding timeout" });
    const info = new PodInfo(uses("x"));
    const run = new FilterRun([w.plugin], info, cluster, new Nominations());
    run.prepare();
    assert.deepEqual(cluster.nodes.map((one) => run.verdict(one)?.reasons.join()), [elsewhere, elsewhere]);
    assert.deepEqual(w.plugin.postFilter?.(info, {} as never), { message: "deallocation of ResourceClaim completed" });
    await nextTurn();
    assert.deepEqual(w.table.get("default/x")?.status, {});
  });
});

test("a claim that somebody uses is not taken away", () => {
  const { plugin, table } = world([claim("x", { status: { allocation: on("c"), reservedFor: [forPod("1")] } })]);
  const said = (incoming: Pod): string | undefined => {
    const info = new PodInfo(incoming);
    const run = new FilterRun([plugin], info, cluster, new Nominations());
    run.prepare();
    for (const one of cluster.nodes) run.verdict(one);
    return plugin.postFilter?.(info, {} as never).message;
  };
  assert.deepEqual([said(uses("x")), said(pod())], ["still not schedulable", "no new claims to deallocate"]);
  assert.notEqual(table.get("default/x")?.status.allocation, undefined);
});

test("a change wakes the pods that it can help", () => {
  const own = claim("x"), held = claim("y", { status: { allocation: on("a") } });
  const { plugin } = world([own, held]);
  const helped = (event: ClusterEvent, object: KubeObject, old?: KubeObject): boolean | undefined => plugin.hint?.(new PodInfo(uses("x")), { event, object, old });
  assert.equal(helped("resource-claim/changed", own), true);
  assert.equal(helped("resource-claim/changed", { ...own, metadata: { ...own.metadata, labels: { a: "b" } } } as KubeObject, own), false);
  assert.equal(helped("resource-claim/changed", claim("x", { status: { allocation: on("a") } }), own), true);
  assert.equal(helped("resource-claim/changed", held), false);
  assert.equal(helped("resource-claim/changed", claim("y"), held), true);
  assert.equal(helped("resource-slice/changed", slice("a")), true);
  assert.equal(helped("pod/released", pod({ requests: { cpu: "1" } })), false);
  assert.equal(helped("pod/released", uses("y")), true);
});
