import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { csiNodes, nodes, persistentVolumeClaims, persistentVolumes, pods } from "#api/resources.ts";
import { exposition } from "../server/exposition.ts";
import { volumeMetrics } from "../server/volume-metrics.ts";
import { app, startNode } from "../fake-node.ts";

interface VolumeStats { readonly name: string; readonly pvcRef?: object; readonly capacityBytes?: number; readonly usedBytes?: number }
interface Summary { readonly pods: readonly { readonly volume?: readonly VolumeStats[] }[] }

test("volumes of all kinds are in the summary, those of claims with their names, and in the metrics", async (t) => {
  const node = await startNode(t);
  const data = await mkdtemp(join(tmpdir(), "volume-stats-"));
  t.after(() => rm(data, { recursive: true, force: true }));
  const bind = async (claim: string, source: object): Promise<void> => {
    const { metadata: { uid = "" } } = await node.client.resource(persistentVolumeClaims).create({ metadata: { name: claim, namespace: "default" }, spec: { volumeName: `pv-${claim}` }, status: { phase: "Bound" } });
    await node.client.resource(persistentVolumes).create({ metadata: { name: `pv-${claim}` }, spec: { claimRef: { uid }, ...source }, status: { phase: "Bound" } });
  };
  await mkdir(join(data, "local"));
  await bind("own", { local: { path: join(data, "local") } });
  await bind("path", { hostPath: { path: data } });
  const volumes = [{ name: "scratch", emptyDir: {} }, { name: "words", downwardAPI: { items: [{ path: "name", fieldRef: { fieldPath: "metadata.name" } }] } }, ...["own", "path"].map((claimName) => ({ name: `v-${claimName}`, persistentVolumeClaim: { claimName } }))];
  await node.create("p", { volumes, containers: [app({ volumeMounts: volumes.map(({ name }) => ({ name, mountPath: `/${name}` })) })] });
  await node.eventually(() => assert.equal(node.pod("p")?.status.phase, "Running"));

  const { pods: [first] } = (await node.host.stats.summary(false)) as unknown as Summary;
  const told = first?.volume ?? [];
  assert.deepEqual(Object.fromEntries(told.map(({ name, pvcRef }) => [name, pvcRef])), { scratch: undefined, "v-own": { name: "own", namespace: "default" }, words: undefined }, "a path of the node says nothing, as upstream");
  for (const { capacityBytes = 0, usedBytes = 0 } of told) assert(capacityBytes > 0 && usedBytes > 0);

  const text = exposition(volumeMetrics(await node.host.stats.disk(node.host.pods())));
  assert.match(text, /^kubelet_volume_stats_capacity_bytes\{namespace="default",persistentvolumeclaim="own"\} \d+$/m);
  assert.equal(text.match(/^kubelet_volume_stats_/gm)?.length, 6);
  const directory = join(node.dir, "kubelet/pods", node.pod("p")?.metadata.uid ?? "", "volumes");
  await node.client.resource(pods).delete("p", "default", { gracePeriodSeconds: 0 });
  await node.eventually(() => assert.equal(existsSync(directory), false));
});

test("a node without drivers has its CSINode as soon as it has its Node", async (t) => {
  const node = await startNode(t);
  await node.eventually(async () => {
    const [owner, found] = await Promise.all([node.client.resource(nodes).get("n1").catch(() => undefined), node.client.resource(csiNodes).get("n1").catch(() => undefined)]);
    assert.deepEqual([found?.spec, found?.metadata.ownerReferences], [{ drivers: [] }, [{ apiVersion: "v1", kind: "Node", name: "n1", uid: owner?.metadata.uid }]]);
  });
});
