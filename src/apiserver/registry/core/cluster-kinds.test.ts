import assert from "node:assert/strict";
import { test } from "node:test";
import type { Event, Namespace, Node, PersistentVolume, PersistentVolumeClaim, Service } from "#api/gen/core-v1.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { texts } from "../fixture.ts";
import type { Resource } from "../resource.ts";
import { events } from "./event.ts";
import { namespaces } from "./namespace.ts";
import { nodes } from "./node.ts";
import { persistentVolumeClaims } from "./persistent-volume-claim.ts";
import { persistentVolumes } from "./persistent-volume.ts";
import { services } from "./service.ts";

const now = Date.parse("2026-01-01T00:10:00Z");
const created = "2026-01-01T00:00:00Z";
const row = <T extends KubeObject>({ columns }: Resource<T>, obj: object, wide = false): readonly unknown[] => columns.filter((c) => wide || c.wide !== true).map((c) => c.cell(obj as T, now));

test("a new Namespace is active, labelled, and holds the finalizer that empties it", () => {
  const ns = { metadata: { name: "a" }, spec: {}, status: {} } as Namespace;
  namespaces.prepareCreate?.(ns);
  assert.deepEqual(ns, { metadata: { name: "a", labels: { "kubernetes.io/metadata.name": "a" } }, spec: { finalizers: ["kubernetes"] }, status: { phase: "Active" } });
  assert.equal(namespaces.heldBack?.(ns), true);
});

const nodeOf = (spec: object, status: object = {}, labels: object = {}): Node => ({ metadata: { name: "n", creationTimestamp: created, labels }, spec, status }) as Node;

test("a Node's line says readiness, roles and cordon", () => {
  const ready = { conditions: [{ type: "Ready", status: "True" }], nodeInfo: { kubeletVersion: "v1.36.0" } };
  assert.deepEqual(row(nodes, nodeOf({ unschedulable: true }, ready, { "node-role.kubernetes.io/control-plane": "", "node-role.kubernetes.io/worker": "" })), ["n", "Ready,SchedulingDisabled", "control-plane,worker", "10m", "v1.36.0"]);
  assert.deepEqual(row(nodes, nodeOf({}, { conditions: [{ type: "Ready", status: "Unknown" }] })), ["n", "NotReady", "<none>", "10m", ""]);
  assert.deepEqual(row(nodes, nodeOf({}))[1], "Unknown");
});

test("a Node keeps its addresses for pods", () => {
  assert.deepEqual(texts(nodes.validateUpdate?.(nodeOf({ podCIDR: "10.2.0.0/24", podCIDRs: ["10.2.0.0/24"] }), nodeOf({ podCIDR: "10.1.0.0/24", podCIDRs: ["10.1.0.0/24"] }))), ['spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid']);
  assert.deepEqual(texts(nodes.validateUpdate?.(nodeOf({ podCIDRs: ["10.1.0.0/24"], unschedulable: true, taints: [] }), nodeOf({}))), []);
});

const eventOf = (fields: object): Event => ({ metadata: { name: "e", namespace: "default" }, involvedObject: { kind: "Pod", name: "web", namespace: "default" }, ...fields }) as Event;

test("an Event's line begins with when it was last seen", () => {
  const event = eventOf({ type: "Warning", reason: "BackOff", message: "Back-off \n", count: 4, firstTimestamp: created, lastTimestamp: "2026-01-01T00:09:30Z", source: { component: "kubelet", host: "n" } });
  assert.deepEqual(row(events, event, true), ["30s", "Warning", "BackOff", "pod/web", "", "kubelet, n", "Back-off", "10m", 4, "e"]);
  assert.equal(row(events, eventOf({ eventTime: "2026-01-01T00:05:00.000000Z" }))[0], "5m");
});

test("an Event lies where its object lies", () => {
  assert.deepEqual(texts(events.validate?.(eventOf({ involvedObject: { kind: "Pod", namespace: "other" } }))), ['involvedObject.namespace: Invalid value: "other": does not match event.namespace']);
  assert.deepEqual(texts(events.validate?.(eventOf({ involvedObject: { kind: "Node", name: "n" } }))), []);
});

const serviceOf = (spec: object): Service => {
  const service = { metadata: { name: "s", creationTimestamp: created }, spec: { ports: [{ port: 80 }], ...structuredClone(spec) }, status: {} } as Service;
  services.defaults?.(service);
  services.prepareCreate?.(service);
  return service;
};

test("a Service's line", () => {
  assert.deepEqual(row(services, serviceOf({ clusterIP: "10.43.0.9", selector: { app: "web" } }), true), ["s", "ClusterIP", "10.43.0.9", "<none>", "80/TCP", "10m", "app=web"]);
  assert.deepEqual(row(services, serviceOf({ type: "LoadBalancer", ports: [{ port: 80, nodePort: 30080 }] })), ["s", "LoadBalancer", "<none>", "<pending>", "80:30080/TCP", "10m"]);
});

// Upstream: pkg/apis/core/validation ValidateService
const refusals: readonly { readonly name: string; readonly spec: object; readonly want: readonly string[] }[] = [
  { name: "no ports", spec: { ports: [] }, want: ["spec.ports: Required value"] },
  { name: "two ports without names", spec: { ports: [{ port: 80 }, { port: 81 }] }, want: ["spec.ports[0].name: Required value", "spec.ports[1].name: Required value"] },
  { name: "a node port of an inner service", spec: { ports: [{ port: 80, nodePort: 30000 }] }, want: ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"] },
  { name: "a loopback address from outside", spec: { externalIPs: ["127.0.0.1"] }, want: ['spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)'] },
  { name: "the same in IPv6 clothes", spec: { externalIPs: ["::ffff:127.0.0.1"] }, want: ['spec.externalIPs[0]: Invalid value: "::ffff:127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)'] },
  { name: "an external name without name", spec: { type: "ExternalName", ports: [] }, want: ["spec.externalName: Required value"] },
];
for (const { name, spec, want } of refusals) test(`refused: ${name}`, () => assert.deepEqual(texts(services.validate?.(serviceOf(spec))), want));

test("a Service keeps the address it was given", () => {
  const old = serviceOf({ clusterIP: "10.43.0.9" });
  const silent = serviceOf({});
  services.prepareUpdate?.(silent, old);
  assert.equal(silent.spec.clusterIP, "10.43.0.9");
  assert.deepEqual(texts(services.validateUpdate?.(serviceOf({ clusterIP: "10.43.0.8" }), old)), ['spec.clusterIPs[0]: Invalid value: ["10.43.0.8"]: may not change once set']);
});

const claimOf = (spec: object, status: object = {}): PersistentVolumeClaim => ({ metadata: { name: "c", creationTimestamp: created }, spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, volumeMode: "Filesystem", ...spec }, status }) as PersistentVolumeClaim;

test("a claim asks for a size and a way of access", () => {
  assert.deepEqual(texts(persistentVolumeClaims.validate?.(claimOf({ accessModes: [], resources: {} }))), ["spec.accessModes: Required value: at least 1 access mode is required", "spec.resources[storage]: Required value"]);
});

test("a claim does not change but for its size, once it is bound", () => {
  const only = "spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";
  const bound = { phase: "Bound", capacity: { storage: "1Gi" } };
  assert.deepEqual(texts(persistentVolumeClaims.validateUpdate?.(claimOf({ accessModes: ["ReadWriteMany"] }), claimOf({}))), [`${only}\n-accessModes[0]: "ReadWriteOnce"\n+accessModes[0]: "ReadWriteMany"`]);
  assert.deepEqual(texts(persistentVolumeClaims.validateUpdate?.(claimOf({ volumeName: "v" }), claimOf({}))), []);
  assert.deepEqual(texts(persistentVolumeClaims.validateUpdate?.(claimOf({ volumeName: "v", resources: { requests: { storage: "2Gi" } } }), claimOf({ volumeName: "v" }, bound))), []);
  assert.deepEqual(texts(persistentVolumeClaims.validateUpdate?.(claimOf({ volumeName: "v", resources: { requests: { storage: "1Mi" } } }), claimOf({ volumeName: "v" }, bound))), ["spec.resources.requests.storage: Forbidden: field can not be less than status.capacity"]);
  assert.deepEqual(texts(persistentVolumeClaims.validateUpdate?.(claimOf({ volumeName: "v", volumeAttributesClassName: "fast" }), claimOf({ volumeName: "v" }, bound))), []);
  assert.deepEqual(texts(persistentVolumeClaims.validateUpdate?.(claimOf({ volumeName: "v" }), claimOf({ volumeName: "v", volumeAttributesClassName: "fast" }, bound))), ["spec.volumeAttributesClassName: Forbidden: update from non-nil value to nil is forbidden"]);
});

test("a claim's line", () => {
  assert.deepEqual(row(persistentVolumeClaims, claimOf({ volumeName: "v", storageClassName: "local" }, { phase: "Bound", capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"] }), true), ["c", "Bound", "v", "1Gi", "RWO", "local", "<unset>", "10m", "Filesystem"]);
  assert.deepEqual(row(persistentVolumeClaims, claimOf({}, { phase: "Pending" })), ["c", "Pending", "", "", "", "", "<unset>", "10m"]);
});

const volumeOf = (spec: object): PersistentVolume => ({ metadata: { name: "v", creationTimestamp: created }, spec: { accessModes: ["ReadWriteOnce"], capacity: { storage: "1Gi" }, persistentVolumeReclaimPolicy: "Delete", ...spec }, status: { phase: "Bound" } }) as PersistentVolume;

test("a volume is of one kind, and a local one of one node", () => {
  assert.deepEqual(texts(persistentVolumes.validate?.(volumeOf({}))), ["spec: Required value: must specify a volume type"]);
  assert.deepEqual(texts(persistentVolumes.validate?.(volumeOf({ local: { path: "/x" } }))), ["spec.nodeAffinity: Required value: Local volume requires node affinity"]);
  assert.deepEqual(texts(persistentVolumes.validateUpdate?.(volumeOf({ hostPath: { path: "/b" } }), volumeOf({ hostPath: { path: "/a" } }))), ['spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation\n-hostPath.path: "/a"\n+hostPath.path: "/b"']);
});

test("a volume's line", () => {
  assert.deepEqual(row(persistentVolumes, volumeOf({ hostPath: { path: "/x" }, claimRef: { namespace: "default", name: "c" }, storageClassName: "local" })), ["v", "1Gi", "RWO", "Delete", "Bound", "default/c", "local", "<unset>", "", "10m"]);
});
