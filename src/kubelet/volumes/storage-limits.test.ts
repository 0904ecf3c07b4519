import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { Pod } from "#api/gen/core-v1.ts";
import { systemClock } from "#base/clock.ts";
import { app, startNode } from "../fake-node.ts";
import { isLimited, overLimit } from "./storage-limits.ts";

const limited = (name: string, amount?: string): Pod["spec"]["containers"][number] =>
  app({ name, ...(amount !== undefined && { resources: { limits: { "ephemeral-storage": amount } } }) });
const pod = (containers: Pod["spec"]["containers"], sizeLimit?: string): Pod => ({
  metadata: { name: "p" },
  spec: { containers, volumes: [{ name: "scratch", emptyDir: sizeLimit === undefined ? {} : { sizeLimit } }] },
  status: {},
});
const used = (volume: number, a: number, b = 0, files = 0): Parameters<typeof overLimit>[1] => ({ volumes: new Map([["scratch", volume]]), containers: new Map([["a", a], ["b", b]]), files });

const cases = [
  ["no limits", pod([limited("a")]), used(1e9, 1e9), undefined],
  ["exactly the limits", pod([limited("a", "10")], "5"), used(5, 5), undefined],
  ["a volume over its own", pod([limited("a")], "5"), used(6, 0), 'Usage of EmptyDir volume "scratch" exceeds the limit "5". '],
  ["volume and container together over the pod's", pod([limited("a", "10")]), used(6, 5), "Pod ephemeral local storage usage exceeds the total limit of containers 10. "],
  ["its /etc/hosts filled", pod([limited("a", "10")]), used(0, 5, 0, 6), "Pod ephemeral local storage usage exceeds the total limit of containers 10. "],
  ["a container over its own, within the pod's", pod([limited("a", "1Ki"), limited("b", "1Mi")]), used(0, 2_000, 0), 'Container a exceeded its local ephemeral storage limit "1Ki". '],
  ["a limit of nothing is none", pod([limited("a", "0")], "0"), used(1, 1), undefined],
] as const;
for (const [name, of, use, want] of cases) test(name, () => assert.equal(overLimit(of, use), want));

test("only pods with limits are looked at", () =>
  assert.deepEqual([pod([limited("a")]), pod([limited("a")], "1Mi"), pod([limited("a", "1")])].map(isLimited), [false, true, true]));

test("a pod of a file is not evicted, one that only says so is", () => {
  const from = (metadata: object): Pod => ({ ...pod([limited("a")], "1Mi"), metadata: { name: "p", annotations: { "kubernetes.io/config.source": "file" }, ...metadata } });
  assert.deepEqual([from({}), from({ resourceVersion: "1" })].map(isLimited), [false, true]);
});

test("a pod whose volume outgrows its limit is evicted, and says so", async (t) => {
  let now = (): void => {};
  const looked = new Promise<void>((resolve) => { now = resolve; });
  const clock = { ...systemClock, sleep: (ms: number, signal: AbortSignal) => (ms === 10_000 ? looked.then(() => systemClock.sleep(20, signal)) : systemClock.sleep(ms, signal)) };
  const node = await startNode(t, { clock });
  await node.create("p", { restartPolicy: "Always", volumes: [{ name: "scratch", emptyDir: { sizeLimit: "1Ki" } }], containers: [app({ volumeMounts: [{ name: "scratch", mountPath: "/s" }] })] });
  await node.eventually(() => assert.equal(node.pod("p")?.status.phase, "Running"));
  await writeFile(join(node.dir, "kubelet/pods", node.pod("p")?.metadata.uid ?? "", "volumes/kubernetes.io~empty-dir/scratch/big"), Buffer.alloc(100_000, 1));
  now();
  const message = 'Usage of EmptyDir volume "scratch" exceeds the limit "1Ki". ';
  await node.eventually(() => assert.deepEqual([node.pod("p")?.status.phase, node.pod("p")?.status.reason, node.pod("p")?.status.message], ["Failed", "Evicted", message]));
  const { status, reason } = node.pod("p")?.status.conditions?.find((c) => c.type === "DisruptionTarget") ?? {};
  assert.deepEqual([status, reason, node.events("p").includes(`Evicted: ${message}`)], ["True", "TerminationByKubelet", true]);
});
