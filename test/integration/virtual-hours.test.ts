/** Two hours on the real server, all controllers and the scheduler in virtual time: what goes by the clock and is not in the virtual day. */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { test } from "node:test";
import type { Pod } from "#api/gen/core-v1.ts";
import type { ResourceRef } from "#api/resources.ts";
import { getCondition } from "#api/conditions.ts";
import { attachmentName, uniqueVolumeName } from "#api/csi.ts";
import { certificateSigningRequests, configMaps, daemonSets, endpointSlices, leases, namespaces, nodes, persistentVolumes, podDisruptionBudgets, pods, secrets, serviceAccounts, services, statefulSets, volumeAttachments } from "#api/resources.ts";
import { isTerminal } from "#api/pod.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { isStatus } from "#apimachinery/status.ts";
import { microTimestamp, timestamp } from "#apimachinery/time.ts";
import { identityLease } from "#apiserver/identity-lease.ts";
import { nodeClientCsr } from "#base/csr-fixture.ts";
import { silent } from "#base/log.ts";
import { newSigningKey } from "#base/pki.ts";
import { serviceAccountController } from "#controllers/serviceaccount/reconciler.ts";
import { tokenSecretController } from "#controllers/serviceaccount/token-secrets.ts";
import { unusedTokenController } from "#controllers/serviceaccount/unused-tokens.ts";
import { everything, startVirtualCluster, type VirtualCluster } from "../support/virtual-cluster.ts";
import { create, hour, life, minute, namespace, near, onNode, second, seconds, watchEnds } from "../support/virtual-work.ts";

const began = Date.parse("2026-05-01T00:00:00Z");
const [driver, handle] = ["disks.example.com", "h1"];
const settings = { nodes: { monitorMs: minute, graceMs: 30 * minute, startupGraceMs: hour }, terminatedPods: 4, signingMs: 24 * hour };

/** Seconds from the beginning at which each object with this label, and this value of it, was first seen. */
function watchStarts<T extends KubeObject>({ informers, clock }: VirtualCluster, ref: ResourceRef<T>, label: string): Map<string, number[]> {
  const starts = new Map<string, number[]>();
  informers.for(ref).onChange(({ old, object }) => {
    const value = object?.metadata.labels?.[label];
    if (old === undefined && value !== undefined) starts.set(value, [...(starts.get(value) ?? []), Math.round((clock.now() - began) / second)]);
  });
  return starts;
}

/** Seconds from the beginning at which something was first so. */
function watchFirst<T extends KubeObject>({ informers, clock }: VirtualCluster, ref: ResourceRef<T>, notes: Map<string, number>, what: (object: T) => string | undefined): void {
  informers.for(ref).onChange(({ object }) => {
    const note = object && what(object);
    if (note !== undefined && !notes.has(note)) notes.set(note, Math.round((clock.now() - began) / second));
  });
}

interface TokenRequested { readonly status: { readonly token: string } }
interface Reviewed { readonly status: { readonly authenticated?: boolean } }
const newToken = async ({ client }: VirtualCluster): Promise<string> =>
  (await client.request<TokenRequested>({ method: "POST", path: `/api/v1/namespaces/${namespace}/serviceaccounts/default/token`, body: { kind: "TokenRequest", apiVersion: "authentication.k8s.io/v1", spec: { expirationSeconds: 600 } } })).status.token;
const isGood = async ({ client }: VirtualCluster, token: string): Promise<boolean> =>
  (await client.request<Reviewed>({ method: "POST", path: "/apis/authentication.k8s.io/v1/tokenreviews", body: { kind: "TokenReview", apiVersion: "authentication.k8s.io/v1", spec: { token } } })).status.authenticated === true;

/** A volume that a node which does not answer says it uses, and nobody wants there. */
async function strand(cluster: VirtualCluster): Promise<void> {
  const { client, clock } = cluster;
  const at = timestamp(clock.now());
  await create(cluster, nodes, "dead", { spec: {} });
  await client.resource(nodes).patch("dead", undefined, { type: "merge", body: { status: { conditions: [{ type: "Ready", status: "Unknown", lastHeartbeatTime: at, lastTransitionTime: at }], volumesInUse: [uniqueVolumeName(driver, handle)] } } }, { subresource: "status" });
  await create(cluster, persistentVolumes, "stranded", { spec: { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], persistentVolumeReclaimPolicy: "Retain", csi: { driver, volumeHandle: handle } } });
  await create(cluster, volumeAttachments, attachmentName(driver, handle, "dead"), { spec: { attacher: driver, nodeName: "dead", source: { persistentVolumeName: "stranded" } }, status: { attached: true } });
}

test("two hours of the whole control plane: each at its time, once, and nothing else", async (t) => {
  const identity = { log: silent, hostname: "host", server: "server", process: "process" };
  const cluster = await startVirtualCluster(t, began, [...everything(settings), ({ client, clock }) => identityLease({ client, clock, ...identity })]);
  const { client, clock, informers } = cluster;
  const notes = new Map<string, number>();
  const [podEnds, setEnds, mapEnds, requestEnds, attachmentEnds, leaseEnds] = [watchEnds(cluster, pods), watchEnds(cluster, statefulSets), watchEnds(cluster, configMaps), watchEnds(cluster, certificateSigningRequests), watchEnds(cluster, volumeAttachments), watchEnds(cluster, leases)];
  const starts = watchStarts(cluster, pods, "app");
  watchFirst(cluster, statefulSets, notes, ({ status }) => `${status.availableReplicas ?? 0} available`);
  const allowed: (readonly [number, number])[] = [];
  informers.for(podDisruptionBudgets).onChange(({ object }) => { const count = object?.status.disruptionsAllowed ?? 0; if (allowed.at(-1)?.[0] !== count) allowed.push([count, (clock.now() - began) / second]); });
  watchFirst(cluster, pods, notes, ({ metadata, status }) => (getCondition(status.conditions, "DisruptionTarget")?.status === "False" ? `${metadata.name} stays` : undefined));
  informers.for(namespaces).onChange(({ old, object }) => { if (object === undefined) notes.set(`${old.metadata.name} closed`, Math.round((clock.now() - began) / second)); });
  const after = (ends: ReadonlyMap<string, number>, name: string): number => ((ends.get(name) ?? NaN) - began) / second;
  cluster.addNode("n1", { life, leaseMs: 10 * minute });
  const silence = cluster.addNode("n2", { life, leaseMs: 10 * minute });
  await cluster.pass(second);

  await create(cluster, services, "db", { spec: { clusterIP: "None", selector: { app: "db" }, ports: [{ port: 1 }] } });
  await create(cluster, statefulSets, "db", { spec: { serviceName: "db", replicas: 3, minReadySeconds: 120, selector: { matchLabels: { app: "db" } }, template: onNode("n1", { app: "db", stop: "60" }) } });
  await create(cluster, daemonSets, "fails", { spec: { selector: { matchLabels: { app: "fails" } }, template: { metadata: { labels: { app: "fails", run: "1", fails: "yes" } }, spec: { nodeSelector: { "kubernetes.io/hostname": "n1" }, containers: [{ name: "c", image: "c" }] } } } });
  for (const name of ["held-0", "held-1", "lost"]) await create(cluster, pods, name, onNode(name === "lost" ? "n2" : "n1", { app: "held" }));
  for (let i = 0; i < 6; i++) await create(cluster, pods, `done-${i}`, onNode("n1", { run: "1" }, { restartPolicy: "Never" }));
  await create(cluster, podDisruptionBudgets, "held", { spec: { minAvailable: 2, selector: { matchLabels: { app: "held" } } } });
  await create(cluster, configMaps, "orphan", { metadata: { ownerReferences: [{ apiVersion: "v1", kind: "ConfigMap", name: "nobody", uid: "0f0f0f0f-0000-4000-8000-000000000000" }] } });
  await create(cluster, certificateSigningRequests, "node", { spec: { signerName: "kubernetes.io/kube-apiserver-client-kubelet", usages: ["digital signature", "client auth"], request: Buffer.from(nodeClientCsr).toString("base64") } });
  const lease = (renewTime: number): object => ({ metadata: { namespace: "kube-system", labels: { "apiserver.kubernetes.io/identity": "kube-apiserver" } }, spec: { holderIdentity: "gone", leaseDurationSeconds: 3600, renewTime: microTimestamp(renewTime) } });
  await client.resource(leases).create({ ...lease(began - 2 * hour), metadata: { name: "apiserver-gone", namespace: "kube-system", labels: { "apiserver.kubernetes.io/identity": "kube-apiserver" } } } as never);
  await strand(cluster);
  const early = (await client.resource(pods).list({ namespace })).resourceVersion;
  const token = await newToken(cluster);

  await cluster.pass(9 * minute);
  assert.equal(await isGood(cluster, token), true);
  // announced evictions that never came: by a server that died, say
  const at = timestamp(clock.now());
  const announcedAt = (clock.now() - began) / second;
  assert.equal((await client.resource(podDisruptionBudgets).get("held", namespace)).status.disruptionsAllowed, 1);
  await client.resource(podDisruptionBudgets).patch("held", namespace, { type: "merge", body: { status: { disruptedPods: { "held-0": at } } } }, { subresource: "status" });
  await client.resource(pods).patch("held-1", namespace, { type: "strategic", body: { status: { conditions: [{ type: "DisruptionTarget", status: "True", reason: "EvictionByEvictionAPI", message: "", lastTransitionTime: at }] } } }, { subresource: "status" });
  await cluster.pass(2 * minute);
  assert.equal(await isGood(cluster, token), false);

  await create(cluster, namespaces, "closing", { spec: {} });
  await client.resource(configMaps).create({ metadata: { name: "kept", namespace: "closing", finalizers: ["example.com/hold"] } });
  await client.resource(namespaces).delete("closing", undefined);
  await cluster.pass(9 * minute);
  const content = getCondition((await client.resource(namespaces).get("closing")).status.conditions, "NamespaceContentRemaining");
  assert.equal(content?.message, "Some resources are remaining: configmaps. has 1 resource instances");
  await client.resource(configMaps).patch("kept", "closing", { type: "merge", body: { metadata: { finalizers: null } } });
  const releasedAt = (clock.now() - began) / second;
  await cluster.pass(10 * minute);

  await silence();
  await client.resource(nodes).delete("n2", undefined);
  const nodeGoneAt = (clock.now() - began) / second;
  await cluster.pass(10 * minute);
  const slice = (await client.resource(endpointSlices).list({ namespace })).items.find(({ metadata }) => metadata.labels?.["kubernetes.io/service-name"] === "db");
  await client.resource(statefulSets).delete("db", namespace, { propagationPolicy: "Foreground" });
  const setDeletedAt = clock.now();
  await cluster.pass(5 * minute);
  assert.equal(informers.for(statefulSets).get(`${namespace}/db`), undefined);
  assert.equal(setEnds.get("db"), setDeletedAt);
  const request = await client.resource(certificateSigningRequests).get("node");
  await cluster.pass(2 * hour - (clock.now() - began) + 5 * second);

  const db = starts.get("db") ?? [];
  assert.equal(db.length, 3);
  db.forEach((start, i) => near(start, 1 + 120 * i, 3 * (i + 1), `db-${i}`));
  for (const count of [1, 2, 3]) near(notes.get(`${count} available`), 1 + 120 * count, 3 * (count + 1), `${count} available`);
  near(seconds(slice?.metadata.annotations?.["endpoints.kubernetes.io/last-change-trigger-time"]) - began / second, db[2] ?? NaN, 3, "the last change of the endpoints");
  const fails = starts.get("fails") ?? [];
  const gaps = fails.slice(1).map((start, i) => start - (fails[i] ?? 0));
  gaps.forEach((gap, i) => near(gap, Math.min(900, Math.max(1, 2 ** (i - 1))), 3, `attempt ${i + 2} of the daemon`));
  assert.equal(gaps.length, 17); // eleven double their wait, the others come each quarter of an hour
  assert.deepEqual(allowed.slice(-4).map(([count]) => count), [1, 0, 1, 0]); // the last is the node that was lost
  near(allowed.at(-3)?.[1], announcedAt, 3, "the budget counts an eviction that was announced");
  near(allowed.at(-2)?.[1], announcedAt + 120, 3, "and believes in it for two minutes");
  near(notes.get("held-1 stays"), announcedAt + 120, 3, "held-1");
  assert.deepEqual(["held-0", "held-1"].filter((name) => podEnds.has(name)), []);
  const lost = after(podEnds, "lost") - nodeGoneAt;
  assert(lost >= 40 && lost <= 61, `lost after ${lost} s`);
  assert(after(podEnds, "done-0") <= 25 && after(podEnds, "done-1") <= 25, "the first of too many that have ended");
  assert(informers.for(pods).list().filter((pod: Pod) => isTerminal(pod)).length <= 4);
  const closed = (notes.get("closing closed") ?? NaN) - releasedAt;
  assert(closed >= 0 && closed <= 16, `closed after ${closed} s`);
  assert(after(mapEnds, "orphan") <= 30, "the orphan");
  near(after(attachmentEnds, attachmentName(driver, handle, "dead")), 361, 5, "the stranded volume");
  near(after(leaseEnds, "apiserver-gone"), 3600, 15, "the lease of a server that is gone");
  const { validFrom, validTo } = new X509Certificate(Buffer.from(request.status.certificate ?? "", "base64"));
  assert.deepEqual([Math.abs(Date.parse(validFrom) - began) <= 10 * minute, Math.abs(Date.parse(validTo) - began - 24 * hour) <= 10 * minute], [true, true]);
  near(after(requestEnds, "node"), 7200, 5, "the request for a certificate");
  await assert.rejects(client.request({ method: "GET", path: `/api/v1/pods?resourceVersion=${early}&resourceVersionMatch=Exact&limit=1` }), (err) => isStatus(err, "Expired"));
});

test("a token in a Secret that nobody uses is taken back, and goes when nobody has missed it", async (t) => {
  const [signingKey, noon] = [newSigningKey(), began + 12 * hour];
  const cluster = await startVirtualCluster(t, noon, [serviceAccountController, (deps) => tokenSecretController(deps, { rootCa: "", signingKey }), (deps) => unusedTokenController(deps, hour)]);
  const { clock, informers } = cluster;
  const ends = watchEnds(cluster, secrets);
  const marked = new Map<string, number>();
  informers.for(secrets, { fieldSelector: "type=kubernetes.io/service-account-token" }).onChange(({ object }) => {
    const name = object?.metadata.labels?.["kubernetes.io/legacy-token-invalid-since"] === undefined ? undefined : object.metadata.name;
    if (name !== undefined && !marked.has(name)) marked.set(name, clock.now());
  });
  await cluster.pass(second);
  await create(cluster, serviceAccounts, "bot", { secrets: [{ name: "idle" }] });
  for (const name of ["idle", "by-hand"]) await create(cluster, secrets, name, { metadata: { annotations: { "kubernetes.io/service-account.name": "bot" } }, type: "kubernetes.io/service-account-token" });
  await cluster.pass(2 * 24 * hour + minute);
  const day = (time: number | undefined): number => ((time ?? NaN) - noon) / (24 * hour);
  near(day(marked.get("idle")), 1, 0.01, "taken back after days");
  near(day(ends.get("idle")), 2, 0.01, "gone after days");
  assert.deepEqual([marked.has("by-hand"), ends.has("by-hand")], [false, false]); // no account names it as its own
});
