/** The plugins that look at volumes. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { PersistentVolume, PersistentVolumeClaim } from "#api/gen/core-v1.ts";
import type { CSIDriver, CSINode, CSIStorageCapacity, StorageClass, VolumeAttachment } from "#api/gen/storage-v1.ts";
import { zoneLabel } from "#api/node.ts";
import { nextTurn, systemClock } from "#base/clock.ts";
import type { Client, Patch, ResourceClient } from "#client/client.ts";
import { FakeInformer } from "../fake-cluster.ts";
import { FilterRun } from "../filter-run.ts";
import { Nominations } from "../nominations.ts";
import { PodInfo } from "../pod-info.ts";
import { clusterOf, filterAll, node, pod, type PodParts } from "../testing.ts";
import { VolumeBinder } from "../volume-binder.ts";
import { nodeVolumeLimits } from "./node-volume-limits.ts";
import { volumeBinding } from "./volume-binding.ts";
import { volumeRestrictions } from "./volume-restrictions.ts";
import { volumeZone } from "./volume-zone.ts";

const bound = { "pv.kubernetes.io/bind-completed": "yes" };

function claim(name: string, parts: Partial<PersistentVolumeClaim["spec"]> & { readonly annotations?: Record<string, string>; readonly phase?: "Bound" | "Lost"; readonly leaving?: boolean } = {}): PersistentVolumeClaim {
  const { annotations = {}, phase, leaving, ...spec } = parts;
  return {
    metadata: { name, namespace: "default", uid: `uid-${name}`, resourceVersion: "1", annotations, ...(leaving && { deletionTimestamp: "2026-01-01T00:00:00Z" }) },
    spec: { accessModes: ["ReadWriteOnce"], storageClassName: "late", resources: { requests: { storage: "1Gi" } }, ...spec },
    status: { phase: phase ?? "Pending" },
  };
}

function volume(name: string, parts: Partial<PersistentVolume["spec"]> & { readonly onNode?: string; readonly labels?: Record<string, string> } = {}): PersistentVolume {
  const { onNode, labels = {}, ...spec } = parts;
  const nodeAffinity = onNode === undefined ? {} : { nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In" as const, values: [onNode] }] }] } } };
  return { metadata: { name, labels }, spec: { accessModes: ["ReadWriteOnce"], storageClassName: "late", capacity: { storage: "1Gi" }, ...nodeAffinity, ...spec }, status: { phase: "Available" } };
}

const classes: readonly StorageClass[] = [
  { metadata: { name: "late" }, provisioner: "kubernetes.io/no-provisioner", volumeBindingMode: "WaitForFirstConsumer" },
  { metadata: { name: "made-late" }, provisioner: "example.com/disks", volumeBindingMode: "WaitForFirstConsumer" },
  { metadata: { name: "made-in-a" }, provisioner: "example.com/disks", volumeBindingMode: "WaitForFirstConsumer", allowedTopologies: [{ matchLabelExpressions: [{ key: zoneLabel, values: ["a"] }] }] },
  { metadata: { name: "made-where-room-is" }, provisioner: "example.com/full", volumeBindingMode: "WaitForFirstConsumer" },
  { metadata: { name: "at-once" }, provisioner: "example.com/disks", volumeBindingMode: "Immediate" },
];

interface World { readonly binder: VolumeBinder; readonly claims: FakeInformer<PersistentVolumeClaim>; readonly written: unknown[] }

function world(claims: readonly PersistentVolumeClaim[], volumes: readonly PersistentVolume[] = []): World {
  const tables = { claims: new FakeInformer<PersistentVolumeClaim>("claims"), volumes: new FakeInformer<PersistentVolume>("volumes"), classes: new FakeInformer<StorageClass>("classes"), drivers: new FakeInformer<CSIDriver>("drivers"), capacities: new FakeInformer<CSIStorageCapacity>("capacities") };
  tables.drivers.put({ metadata: { name: "example.com/full" }, spec: { storageCapacity: true } });
  for (const [zone, capacity] of [["a", "512Mi"], ["b", "1Gi"]] as const) tables.capacities.put({ metadata: { name: zone, namespace: "default" }, storageClassName: "made-where-room-is", capacity, nodeTopology: { matchLabels: { [zoneLabel]: zone } } });
  for (const one of claims) tables.claims.put(one);
  for (const one of volumes) tables.volumes.put(one);
  for (const one of classes) tables.classes.put(one);
  const written: unknown[] = [];
  const resource = { update: async (o: unknown) => { written.push(o); return o; }, patch: async (name: string, namespace: string, patch: Patch) => { written.push(patch.body); return { ...tables.claims.get(`${namespace}/${name}`) }; } };
  const client = { resource: () => resource as unknown as ResourceClient<PersistentVolumeClaim> } as unknown as Client;
  return { binder: new VolumeBinder(tables, client, systemClock), claims: tables.claims, written };
}

const uses = (...names: string[]): PodParts => ({ volumes: names.map((name) => ({ name, persistentVolumeClaim: { claimName: name } })) });
const nodes = [node("a", { labels: { [zoneLabel]: "a" } }), node("b", { labels: { [zoneLabel]: "b" } })];
const wrongNode = "node(s) didn't match PersistentVolume's node affinity";
const noMatch = "node(s) didn't find available persistent volumes to bind";

describe("VolumeBinding", () => {
  const cases: readonly { readonly name: string; readonly pod: PodParts; readonly claims: readonly PersistentVolumeClaim[]; readonly volumes?: readonly PersistentVolume[]; readonly says: Readonly<Record<string, string>> }[] = [
    { name: "a claim that is not there", pod: uses("x"), claims: [], says: { "*": `persistentvolumeclaim "x" not found` } },
    { name: "a claim that is being deleted", pod: uses("x"), claims: [claim("x", { leaving: true })], says: { "*": `persistentvolumeclaim "x" is being deleted` } },
    { name: "a claim that lost its volume", pod: uses("x"), claims: [claim("x", { phase: "Lost", volumeName: "v" })], says: { "*": `persistentvolumeclaim "x" bound to non-existent persistentvolume "v"` } },
    { name: "an ephemeral claim that is not made yet", pod: { name: "p", volumes: [{ name: "scratch", ephemeral: {} }] }, claims: [], says: { "*": `waiting for ephemeral volume controller to create the persistentvolumeclaim "p-scratch"` } },
    { name: "an unbound claim of an immediate class", pod: uses("x"), claims: [claim("x", { storageClassName: "at-once" })], says: { "*": "pod has unbound immediate PersistentVolumeClaims" } },
    { name: "a bound claim keeps the pod to the nodes of its volume", pod: uses("x"), claims: [claim("x", { volumeName: "v", annotations: bound })], volumes: [volume("v", { onNode: "b" })], says: { a: wrongNode, b: "" } },
    { name: "a bound claim whose volume is gone", pod: uses("x"), claims: [claim("x", { volumeName: "v", annotations: bound })], says: { a: "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)", b: "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)" } },
    { name: "a waiting claim finds a volume on one node", pod: uses("x"), claims: [claim("x")], volumes: [volume("v", { onNode: "b" })], says: { a: noMatch, b: "" } },
    { name: "a volume that is too small does not do", pod: uses("x"), claims: [claim("x", { resources: { requests: { storage: "2Gi" } } })], volumes: [volume("v")], says: { a: noMatch, b: noMatch } },
    { name: "one volume does not do for two claims", pod: uses("x", "y"), claims: [claim("x"), claim("y")], volumes: [volume("v")], says: { a: noMatch, b: noMatch } },
    { name: "a volume reserved for another claim does not do", pod: uses("x"), claims: [claim("x")], volumes: [volume("v", { claimRef: { namespace: "default", name: "other" } })], says: { a: noMatch, b: noMatch } },
    { name: "a volume can be made anywhere", pod: uses("x"), claims: [claim("x", { storageClassName: "made-late" })], says: { a: "", b: "" } },
    { name: "or only where the class allows", pod: uses("x"), claims: [claim("x", { storageClassName: "made-in-a" })], says: { a: "", b: noMatch } },
    { name: "or only where the driver has room", pod: uses("x"), claims: [claim("x", { storageClassName: "made-where-room-is" })], says: { a: "node(s) did not have enough free storage", b: "" } },
    { name: "a node that was selected before stays selected", pod: uses("x"), claims: [claim("x", { storageClassName: "made-late", annotations: { "volume.kubernetes.io/selected-node": "b" } })], says: { a: noMatch, b: "" } },
  ];
  for (const { name, pod: parts, claims, volumes, says } of cases) {
    test(name, () => assert.deepEqual(filterAll(volumeBinding(world(claims, volumes).binder), pod(parts), clusterOf(nodes)), says));
  }

  test("a volume promised to one pod is not promised to the next", () => {
    const { binder } = world([claim("x"), claim("y")], [volume("v")]);
    const plugin = volumeBinding(binder);
    const cluster = clusterOf(nodes);
    const run = new FilterRun([plugin], new PodInfo(pod(uses("x"))), cluster, new Nominations());
    run.prepare();
    const [first] = cluster.nodes;
    const [active] = run.active;
    assert(first !== undefined && active !== undefined);
    assert.equal(active.plugin.reserve?.(run.pod, first, active.state), undefined);
    assert.deepEqual(filterAll(plugin, pod(uses("y")), cluster), { a: noMatch, b: noMatch });
    active.plugin.unreserve?.(run.pod, "a", active.state);
    assert.deepEqual(filterAll(plugin, pod(uses("y")), cluster), { a: "", b: "" });
  });

  test("two pods with one claim that is to be made go to one node", () => {
    const { binder } = world([claim("x", { storageClassName: "made-late" })]);
    const plugin = volumeBinding(binder);
    const [wanted] = binder.claims.list();
    assert(wanted !== undefined);
    binder.promise({ bind: [], provision: [wanted] }, "b");
    assert.deepEqual(filterAll(plugin, pod(uses("x")), clusterOf(nodes)), { a: noMatch, b: "" });
  });

  test("the node is written on the claim, and binding waits for the volume", async () => {
    const { binder, claims, written } = world([claim("x", { storageClassName: "made-late" })]);
    const selected = { "volume.kubernetes.io/selected-node": "b" };
    const wanted = claim("x", { storageClassName: "made-late" });
    let done = false;
    claims.put(claim("x", { storageClassName: "made-late", annotations: selected }));
    const binding = binder.bind({ bind: [], provision: [wanted] }, "b", AbortSignal.timeout(5_000)).then(() => { done = true; });
    await nextTurn();
    assert.deepEqual(written, [{ metadata: { uid: "uid-x", annotations: selected } }]);
    assert.equal(done, false);
    claims.put(claim("x", { storageClassName: "made-late", volumeName: "v", annotations: { ...selected, ...bound } }));
    await binding;
  });

  test("binding ends when the provisioner takes the node away again", async () => {
    const { binder, claims } = world([claim("x", { storageClassName: "made-late", annotations: { "volume.kubernetes.io/selected-node": "b" } })]);
    const [wanted] = claims.list();
    assert(wanted !== undefined);
    const binding = binder.bind({ bind: [], provision: [wanted] }, "b", AbortSignal.timeout(5_000));
    await nextTurn();
    claims.put(claim("x", { storageClassName: "made-late" }));
    await assert.rejects(binding, /binding volumes: provisioning failed for PVC "x"/);
  });
});

describe("VolumeRestrictions", () => {
  test("a claim for one pod alone is not given to a second", () => {
    const { binder } = world([claim("x", { accessModes: ["ReadWriteOncePod"] })]);
    const cluster = clusterOf(nodes, [pod({ on: "a", ...uses("x") })]);
    const says = "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod";
    assert.deepEqual(filterAll(volumeRestrictions(binder.claims), pod(uses("x")), cluster), { a: says, b: says });
  });
});

describe("VolumeZone", () => {
  test("a pod goes into one of its volume's zones", () => {
    const { binder } = world([claim("x", { volumeName: "v" })], [volume("v", { labels: { [zoneLabel]: "b__c" } })]);
    assert.deepEqual(filterAll(volumeZone(binder.claims, binder.volumes), pod(uses("x")), clusterOf(nodes)), { a: "node(s) had no available volume zone", b: "" });
  });
});

describe("NodeVolumeLimits", () => {
  const limited = "node(s) exceed max volume count";
  const csi = (name: string): PersistentVolume => volume(name, { csi: { driver: "example.com/disks", volumeHandle: name } });
  const isBoundTo = (name: string, to: string): PersistentVolumeClaim => claim(name, { volumeName: to, annotations: bound });
  const claims = [isBoundTo("x", "v"), isBoundTo("y", "w"), isBoundTo("same", "v"), claim("late", { storageClassName: "made-late" }), claim("other")];

  /** Node a has one volume, of at most one. */
  function plugin(attached?: string): ReturnType<typeof nodeVolumeLimits> {
    const tables = { claims: new FakeInformer<PersistentVolumeClaim>("claims"), volumes: new FakeInformer<PersistentVolume>("volumes"), classes: new FakeInformer<StorageClass>("classes"), csiNodes: new FakeInformer<CSINode>("nodes"), attachments: new FakeInformer<VolumeAttachment>("attachments") };
    for (const one of claims) tables.claims.put(one);
    for (const name of ["v", "w"]) tables.volumes.put(csi(name));
    for (const one of classes) tables.classes.put(one);
    tables.csiNodes.put({ metadata: { name: "a" }, spec: { drivers: [{ name: "example.com/disks", nodeID: "a", allocatable: { count: 1 } }] } });
    tables.attachments.by = () => (attached === undefined ? [] : [{ metadata: { name: "at" }, spec: { attacher: "example.com/disks", nodeName: "a", source: { persistentVolumeName: attached } }, status: { attached: true } }]);
    return nodeVolumeLimits(tables);
  }

  const full = clusterOf(nodes, [pod({ name: "there", nodeName: "a", ...uses("x") })]);
  const cases: readonly (readonly [name: string, claims: readonly string[], cluster: typeof full, attached: string | undefined, says: Readonly<Record<string, string>>])[] = [
    ["one more than the driver allows there", ["y"], full, undefined, { a: limited, b: "" }],
    ["the same volume again is no other", ["same"], full, undefined, { a: "", b: "" }],
    ["a volume that is still to be made counts", ["late"], full, undefined, { a: limited, b: "" }],
    ["volumes of others do not count", ["other"], full, undefined, { a: "", b: "" }],
    ["an empty node has room for one", ["y"], clusterOf(nodes), undefined, { a: "", b: "" }],
    ["but not while another is still attached", ["y"], clusterOf(nodes), "v", { a: limited, b: "" }],
  ];
  for (const [name, wanted, cluster, attached, says] of cases) test(name, () => assert.deepEqual(filterAll(plugin(attached), pod(uses(...wanted)), cluster), says));
});
