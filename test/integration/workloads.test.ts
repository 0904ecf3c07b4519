/** Controllers of StatefulSets, DaemonSets and ReplicationControllers over the whole server. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { PersistentVolumeClaim, Pod } from "#api/gen/core-v1.ts";
import { controllerRevisions, daemonSets, nodes, persistentVolumeClaims, pods, replicationControllers, resourceQuotas, statefulSets } from "#api/resources.ts";
import { controllerOf } from "#apimachinery/meta.ts";
import type { Client } from "#client/client.ts";
import { daemonSetController } from "#controllers/daemonset/reconciler.ts";
import { replicationController } from "#controllers/replicaset/reconciler.ts";
import { statefulSetController } from "#controllers/statefulset/reconciler.ts";
import { listed, namespace, newNode, startWorkloads } from "../support/workloads.ts";

const selector = { matchLabels: { app: "web" } };
const template = { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "web", image: "web:1" }] } };
const imageOf = ({ spec }: Pod): string => ` ${spec.containers[0]?.image}`;
const numbers = async (client: Client): Promise<number[]> => (await client.resource(controllerRevisions).list({ namespace })).items.map(({ revision }) => revision).sort((a, b) => a - b);
const image = (name: string): object => ({ spec: { template: { spec: { containers: [{ name: "web", image: name }] } } } });

test("a ReplicationController adopts, releases, and says what it cannot do", async (t) => {
  const { client, eventually } = await startWorkloads(t, (deps) => [replicationController(deps)]);
  const quota = await client.resource(resourceQuotas).create({ metadata: { name: "two", namespace }, spec: { hard: { pods: "2" } }, status: {} });
  await client.resource(pods).create({ metadata: { name: "orphan", namespace, labels: { app: "web" } }, spec: template.spec, status: {} });
  await client.resource(resourceQuotas).update({ ...quota, status: { hard: { pods: "2" }, used: { pods: "1" } } }, { subresource: "status" });
  const rc = client.resource(replicationControllers);
  await rc.create({ metadata: { name: "web", namespace }, spec: { replicas: 3, selector: selector.matchLabels, template }, status: { replicas: 0 } });
  await eventually(async () => {
    const { status } = await rc.get("web", namespace);
    assert.deepEqual([status.replicas, status.readyReplicas, status.conditions?.map((c) => [c.type, c.status, c.reason])], [2, 2, [["ReplicaFailure", "True", "FailedCreate"]]]);
  });
  assert.equal(controllerOf(await client.resource(pods).get("orphan", namespace))?.name, "web");
  await rc.patch("web", namespace, { type: "merge", body: { spec: { replicas: 2 } } });
  await eventually(async () => assert.equal((await rc.get("web", namespace)).status.conditions, undefined));
  await client.resource(resourceQuotas).delete("two", namespace); // nobody counts it here
  await rc.patch("web", namespace, { type: "merge", body: { spec: { replicas: 1 } } });
  await eventually(async () => assert.equal((await listed(client, pods)).length, 1));
  const [last = ""] = await listed(client, pods);
  await client.resource(pods).patch(last, namespace, { type: "merge", body: { metadata: { labels: { app: "other" } } } });
  await eventually(async () => {
    assert.equal(controllerOf(await client.resource(pods).get(last, namespace)), undefined);
    assert.deepEqual((await rc.get("web", namespace)).status.replicas, 1);
  });
});

test("a StatefulSet comes up in order, rolls from the top, and goes back to its first revision", async (t) => {
  const { client, events, eventually } = await startWorkloads(t, (deps) => [statefulSetController(deps)]);
  const sets = client.resource(statefulSets);
  const claims: PersistentVolumeClaim[] = [{ metadata: { name: "data" }, spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Mi" } } }, status: {} }];
  await sets.create({ metadata: { name: "web", namespace }, spec: { serviceName: "web", replicas: 2, selector, template, volumeClaimTemplates: claims }, status: { replicas: 0 } });
  await eventually(async () => assert.equal((await sets.get("web", namespace)).status.availableReplicas, 2));
  assert.deepEqual(await listed(client, persistentVolumeClaims), ["data-web-0", "data-web-1"]);
  assert.deepEqual(events, [0, 1].flatMap((i) => [`SuccessfulCreate: create Claim data-web-${i} Pod web-${i} in StatefulSet web success`, `SuccessfulCreate: create Pod web-${i} in StatefulSet web successful`]));
  const first = (await sets.get("web", namespace)).status.currentRevision;
  await sets.patch("web", namespace, { type: "strategic", body: image("web:2") });
  await eventually(async () => {
    const { status } = await sets.get("web", namespace);
    assert.deepEqual([status.currentRevision === status.updateRevision, status.currentRevision === first, status.updatedReplicas], [true, false, 2]);
  });
  assert.deepEqual(await listed(client, pods, imageOf), ["web-0 web:2", "web-1 web:2"]);
  assert.deepEqual(events.slice(4).map((text) => text.split(" ").slice(1, 4).join(" ")), ["delete Pod web-1", "create Pod web-1", "delete Pod web-0", "create Pod web-0"]);
  await sets.patch("web", namespace, { type: "strategic", body: image("web:1") });
  await eventually(async () => assert.equal((await sets.get("web", namespace)).status.currentRevision, first));
  assert.deepEqual(await numbers(client), [2, 3]);
  await sets.patch("web", namespace, { type: "merge", body: { spec: { replicas: 0, persistentVolumeClaimRetentionPolicy: { whenScaled: "Delete" } } } });
  await eventually(async () => assert.deepEqual(await listed(client, pods), []));
  assert.deepEqual(await listed(client, persistentVolumeClaims, ({ metadata }) => ` ${metadata.ownerReferences?.[0]?.kind}`), ["data-web-0 Pod", "data-web-1 Pod"]);
});

test("a DaemonSet follows the nodes, replaces one at a time, and keeps its pods when revisions meet", async (t) => {
  const { client, eventually } = await startWorkloads(t, (deps) => [daemonSetController(deps)], ["a", "b"]);
  const sets = client.resource(daemonSets);
  const targets = ({ spec }: Pod): string | undefined => spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms[0]?.matchFields?.[0]?.values?.[0];
  const onNodes = async (): Promise<(string | undefined)[]> => (await client.resource(pods).list({ namespace })).items.map((pod) => `${targets(pod)}${imageOf(pod)}`).sort();
  const spec = { selector, template: { ...template, spec: { ...template.spec, nodeSelector: { disk: "ssd" } } } };
  await sets.create({ metadata: { name: "log", namespace }, spec, status: { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 } });
  await eventually(async () => assert.deepEqual([await onNodes(), (await sets.get("log", namespace)).status.numberAvailable], [["a web:1", "b web:1"], 2]));
  await client.resource(nodes).patch("b", undefined, { type: "merge", body: { metadata: { labels: { disk: "slow" } } } });
  await eventually(async () => assert.deepEqual([await onNodes(), (await sets.get("log", namespace)).status.desiredNumberScheduled], [["a web:1"], 1]));
  await newNode(client, "c");
  await sets.patch("log", namespace, { type: "strategic", body: image("web:2") });
  await eventually(async () => assert.deepEqual([await onNodes(), (await sets.get("log", namespace)).status.updatedNumberScheduled], [["a web:2", "c web:2"], 2]));
  const before = await listed(client, pods);
  const newest = (await client.resource(controllerRevisions).list({ namespace })).items.find(({ revision }) => revision === 2);
  assert(newest !== undefined);
  const { ownerReferences = [] } = newest.metadata;
  await client.resource(controllerRevisions).create({ metadata: { name: "by-hand", namespace, labels: { app: "web", "controller-revision-hash": "by-hand" }, ownerReferences }, data: newest.data ?? {}, revision: 3 });
  await sets.patch("log", namespace, { type: "merge", body: { metadata: { labels: { touched: "yes" } } } });
  await eventually(async () => assert.deepEqual(await listed(client, pods, ({ metadata }) => ` ${metadata.labels?.["controller-revision-hash"]}`), before.map((name) => `${name} by-hand`)));
  await eventually(async () => assert.deepEqual(await numbers(client), [1, 3]));
});
