import assert from "node:assert/strict";
import { test } from "node:test";
import type { Node, PersistentVolumeClaim, Pod, Service } from "#api/gen/core-v1.ts";
import { isStatus } from "#apimachinery/status.ts";
import type { Clock } from "#base/clock.ts";
import { openSqliteStore } from "#storage/sqlite/store.ts";
import type { Store } from "#storage/store.ts";
import { defaultStorageClass } from "./default-storage-class.ts";
import { denyServiceExternalIps } from "./deny-service-external-ips.ts";
import { outcome, requestFor, type Stored } from "./fixture.ts";
import { namespaceLifecycle } from "./namespace-lifecycle.ts";
import { nodeDeclaredFeatureValidator } from "./node-declared-feature-validator.ts";
import { persistentVolumeClaimResize } from "./persistent-volume-claim-resize.ts";
import type { AdmissionPlugin } from "./plugin.ts";
import { storedReservations } from "./reservations.ts";
import { serviceIp } from "./service-ip.ts";
import { storageObjectInUseProtection } from "./storage-object-in-use-protection.ts";
import { taintNodesByCondition } from "./taint-nodes-by-condition.ts";

const home = (phase: string): Stored => ({ namespaces: [{ metadata: { name: "default" }, status: { phase } }] });

test("nothing is written into a namespace that is not there", async () => {
  assert.equal(await outcome(namespaceLifecycle, requestFor("pods")), 'namespaces "default" not found');
});

test("nothing new comes into a namespace that goes, and clients can tell why", async () => {
  const request = requestFor("pods", home("Terminating"));
  const refusal = await Promise.resolve(namespaceLifecycle.admit?.(request, undefined)).catch((err: unknown) => err);
  assert(isStatus(refusal, "Forbidden"));
  assert.equal(refusal.message, 'pods "web" is forbidden: unable to create new content in namespace default because it is being terminated');
  assert.deepEqual(refusal.details?.causes, [{ reason: "NamespaceTerminating", message: "namespace default is being terminated", field: "metadata.namespace" }]);
  assert.equal(await outcome(namespaceLifecycle, { ...request, operation: "UPDATE" }), undefined);
});

test("three namespaces are for ever", async () => {
  assert.equal(await outcome(namespaceLifecycle, requestFor("namespaces", {}, { operation: "DELETE", name: "kube-system" })), 'namespaces "kube-system" is forbidden: this namespace may not be deleted');
  assert.equal(await outcome(namespaceLifecycle, requestFor("namespaces", {}, { operation: "DELETE", name: "mine" })), undefined);
});

test("a new node takes no pods before it is ready", async () => {
  const node = { metadata: { name: "n" }, spec: {}, status: {} } as Node;
  await outcome(taintNodesByCondition, requestFor("nodes"), node);
  assert.deepEqual(node.spec.taints, [{ key: "node.kubernetes.io/not-ready", effect: "NoSchedule" }]);
});

const claimOf = (spec: object): PersistentVolumeClaim => ({ metadata: { name: "c" }, spec, status: { phase: "Bound" } }) as PersistentVolumeClaim;
const isDefault = { "storageclass.kubernetes.io/is-default-class": "true" };

test("a claim that names no class gets the newest default", async () => {
  const storageclasses = [
    { metadata: { name: "old", annotations: isDefault, creationTimestamp: "2026-01-01T00:00:00Z" } }, { metadata: { name: "new", annotations: isDefault, creationTimestamp: "2026-01-02T00:00:00Z" } }, { metadata: { name: "other" } },
  ];
  const [silent, none] = [claimOf({}), claimOf({ storageClassName: "" })];
  await outcome(defaultStorageClass, requestFor("persistentvolumeclaims", { storageclasses }), silent);
  await outcome(defaultStorageClass, requestFor("persistentvolumeclaims", { storageclasses }), none);
  assert.deepEqual([silent.spec.storageClassName, none.spec.storageClassName], ["new", ""]);
});

test("claims and volumes are held while in use", async () => {
  const claim = claimOf({});
  await outcome(storageObjectInUseProtection, requestFor("persistentvolumeclaims"), claim);
  assert.deepEqual(claim.metadata.finalizers, ["kubernetes.io/pvc-protection"]);
});

test("a claim grows only where its class lets it", async () => {
  const sized = (storage: string): PersistentVolumeClaim => claimOf({ storageClassName: "a", resources: { requests: { storage } } });
  const ask = (allowVolumeExpansion: boolean): Promise<string | undefined> =>
    outcome(persistentVolumeClaimResize, requestFor("persistentvolumeclaims", { storageclasses: [{ metadata: { name: "a" }, allowVolumeExpansion }] }, { operation: "UPDATE", name: "c", oldObject: sized("1Gi") }), sized("2Gi"));
  assert.equal(await ask(true), undefined);
  assert.equal(await ask(false), 'persistentvolumeclaims "c" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize');
});

const stopped: Clock = { now: () => 0, sleep: async () => {} };
const serviceOf = (spec: object, uid = "1"): Service => ({ metadata: { name: "web", uid }, spec: { type: "ClusterIP", ports: [{ port: 80 }], ...spec }, status: {} }) as Service;

/** The plugin as one server has it. Servers on one store share what is reserved. */
const serviceIpOn = (store: Store, cidr: string, clock: Clock = stopped): AdmissionPlugin =>
  serviceIp(cidr, { addresses: storedReservations(store, clock, "serviceips"), ports: storedReservations(store, clock, "nodeports") });

test("every Service gets an address of its own, even before the others are stored, of whichever server", async () => {
  const store = await openSqliteStore({ path: ":memory:" });
  const servers = [serviceIpOn(store, "10.43.0.0/29"), serviceIpOn(store, "10.43.0.0/29")];
  const made = await Promise.all([0, 1, 2, 3, 4, 5].map(async (i) => {
    const service = serviceOf({}, String(i));
    assert.equal(await outcome(servers[i % 2] as AdmissionPlugin, requestFor("services"), service), undefined);
    return service.spec.clusterIP;
  }));
  assert.deepEqual(new Set(made), new Set([1, 2, 3, 4, 5, 6].map((n) => `10.43.0.${n}`)));
  assert.equal(await outcome(servers[0] as AdmissionPlugin, requestFor("services"), serviceOf({}, "7")), 'services "web" is forbidden: failed to allocate a serviceIP: range is full');
  await store.close();
});

test("an address or port that another write is taking is refused until that write is done, or too old to be still going on", async () => {
  const store = await openSqliteStore({ path: ":memory:" });
  let now = 0;
  const plugin = serviceIpOn(store, "10.43.0.0/16", { now: () => now, sleep: async () => {} });
  const spec = { type: "NodePort", clusterIPs: ["10.43.0.9"], ports: [{ port: 53, protocol: "UDP", nodePort: 30053 }, { port: 53, protocol: "TCP", nodePort: 30053 }] };
  const done: (() => Promise<void>)[] = [];
  const ask = (): Promise<string | undefined> => outcome(plugin, requestFor("services", {}, { whenDone: (step) => done.push(step) }), serviceOf(spec));
  assert.equal(await ask(), undefined);
  assert.match(await ask() ?? "", /provided IP is already allocated/);
  for (const step of done.splice(0)) await step();
  assert.equal(await ask(), undefined);
  now = 59_999;
  assert.match(await ask() ?? "", /provided IP is already allocated/);
  now = 60_000;
  assert.equal(await ask(), undefined);
  assert.equal(await outcome(plugin, requestFor("services", {}, { dryRun: true }), serviceOf({ clusterIPs: ["10.43.0.9"] })), undefined);
  await store.close();
});

// Upstream: pkg/registry/core/service/ipallocator, portallocator
test("an asked address must be free and of the range", async () => {
  const store = await openSqliteStore({ path: ":memory:" });
  const taken = { services: [serviceOf({ clusterIPs: ["10.43.0.5"], ports: [{ port: 1, nodePort: 30001 }] }, "2")] };
  const ask = (spec: object): Promise<string | undefined> => outcome(serviceIpOn(store, "10.43.0.0/16"), requestFor("services", taken), serviceOf(spec));
  assert.equal(await ask({ clusterIPs: ["10.43.0.5"] }), 'Service "web" is invalid: spec.clusterIPs: Invalid value: ["10.43.0.5"]: failed to allocate IP 10.43.0.5: provided IP is already allocated');
  assert.equal(await ask({ clusterIPs: ["10.9.0.5"] }), 'Service "web" is invalid: spec.clusterIPs: Invalid value: ["10.9.0.5"]: failed to allocate IP 10.9.0.5: the provided IP (10.9.0.5) is not in the valid range. The range of valid IPs is 10.43.0.0/16');
  assert.equal(await ask({ type: "NodePort", ports: [{ port: 80, nodePort: 30001 }] }), 'Service "web" is invalid: spec.ports[0].nodePort: Invalid value: 30001: provided port is already allocated');
  assert.equal(await ask({ type: "NodePort", ports: [{ port: 80, nodePort: 80 }] }), 'Service "web" is invalid: spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767');
  assert.equal(await ask({ clusterIPs: ["None"] }), undefined);
  await store.close();
});

test("an address that somebody recorded for another purpose is taken, one that follows a Service is not", async () => {
  const ask = async (labels: object): Promise<string | undefined> => {
    const store = await openSqliteStore({ path: ":memory:" });
    const stored = { ipaddresses: [{ metadata: { name: "10.43.0.5", labels } }] };
    const said = await outcome(serviceIpOn(store, "10.43.0.0/16"), requestFor("services", stored), serviceOf({ clusterIPs: ["10.43.0.5"] }));
    await store.close();
    return said;
  };
  assert.equal(await ask({}), 'Service "web" is invalid: spec.clusterIPs: Invalid value: ["10.43.0.5"]: failed to allocate IP 10.43.0.5: provided IP is already allocated');
  assert.equal(await ask({ "ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io" }), undefined);
});

// Upstream: plugin/pkg/admission/denyserviceexternalips
test("nobody claims addresses of others, what is claimed may stay", async () => {
  const ask = (next: object, old?: object): Promise<string | undefined> =>
    outcome(denyServiceExternalIps, requestFor("services", {}, old === undefined ? {} : { operation: "UPDATE", oldObject: serviceOf(old) }), serviceOf(next));
  const denied = 'services "web" is forbidden: Use of external IPs is denied by admission control.';
  assert.equal(await ask({}), undefined);
  assert.equal(await ask({ externalIPs: ["1.1.1.1"] }), denied);
  assert.equal(await ask({ externalIPs: ["1.1.1.1"] }, { externalIPs: ["1.1.1.1", "2.2.2.2"] }), undefined);
  assert.equal(await ask({ externalIPs: ["1.1.1.1", "3.3.3.3"] }, { externalIPs: ["1.1.1.1"] }), denied);
});

test("a pod is not changed in a way that its node does not say it knows", async () => {
  const podWith = (cpu: string, nodeName?: string): object => ({ metadata: { name: "web" }, spec: { containers: [], resources: { limits: { cpu } }, ...(nodeName !== undefined && { nodeName }) } });
  const named = (name: string, declaredFeatures: readonly string[]): object => ({ metadata: { name }, spec: {}, status: { declaredFeatures } });
  const nodes = [named("old", []), named("new", ["InPlacePodLevelResourcesVerticalScaling"])];
  const change = (nodeName: string | undefined, subresource = "resize"): Promise<string | undefined> =>
    outcome(nodeDeclaredFeatureValidator, requestFor("pods", { nodes }, { operation: "UPDATE", subresource, oldObject: podWith("1", nodeName) as Pod }), podWith("2", nodeName));
  const refusal = 'pods "web" is forbidden: pod update requires features InPlacePodLevelResourcesVerticalScaling which are not available on node "old"';
  assert.deepEqual([await change("old"), await change("old", ""), await change("new"), await change(undefined), await change("old", "status")], [refusal, refusal, undefined, undefined, undefined]);
  assert.equal(await change("gone"), 'pods "web" is forbidden: node "gone" not found');
});
