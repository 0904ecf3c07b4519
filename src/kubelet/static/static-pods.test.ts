/** Static pods on a whole kubelet with a simulated runtime. */
import assert from "node:assert/strict";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { Event, Pod } from "#api/gen/core-v1.ts";
import { pods } from "#api/resources.ts";
import { app, image, manifestsOf, startNode, type FakeNode } from "../fake-node.ts";

interface StaticNode extends FakeNode {
  write(name: string, text: string | object): Promise<void>;
  remove(name: string): Promise<void>;
  /** Of containers that run, by the runtime. */
  running(): Promise<string[]>;
}

async function newNode(t: TestContext): Promise<StaticNode> {
  const node = await startNode(t, { images: [image, "example.com/app:2"] });
  const dir = manifestsOf(node.dir);
  return Object.assign(Object.create(node) as FakeNode, {
    write: async (name: string, text: string | object) => {
      await mkdir(dir, { recursive: true });
      await writeFile(join(dir, name), typeof text === "string" ? text : JSON.stringify(text));
    },
    remove: (name: string) => rm(join(dir, name)),
    running: async () => ((await node.runtime.listContainers({ filter: { state: { state: "CONTAINER_RUNNING" } } })).containers ?? []).map((c) => c.id ?? ""),
  });
}

const manifest = (name: string, with_: string = image): Pod => ({
  metadata: { name },
  spec: { containers: [app({ image: with_, imagePullPolicy: "IfNotPresent" })], terminationGracePeriodSeconds: 0 },
  status: {},
});

const isRunning = (node: FakeNode, name = "web-n1"): Promise<void> => node.eventually(() => assert.equal(node.pod(name)?.status.phase, "Running"));

test("a file becomes a pod that the API shows, and goes with the file", async (t) => {
  const node = await newNode(t);
  await node.write("web.yaml", manifest("web"));
  await node.write(".web.yaml.swp", "{");
  await isRunning(node);
  const { metadata, spec, status } = node.pod("web-n1") as Pod;
  assert.equal(spec.nodeName, "n1");
  assert.deepEqual(metadata.ownerReferences?.map(({ kind, name, controller }) => [kind, name, controller]), [["Node", "n1", true]]);
  assert.equal(status.containerStatuses?.[0]?.ready, true);
  assert.deepEqual(node.host.pods().map((p) => p.metadata.uid), [metadata.annotations?.["kubernetes.io/config.hash"]]);
  await node.remove("web.yaml");
  await node.eventually(async () => assert.deepEqual(await node.running(), []));
  await node.eventually(() => assert.equal(node.pod("web-n1"), undefined));
});

test("its containers outlive its mirror and the kubelet", async (t) => {
  const node = await newNode(t);
  await node.write("web.yaml", manifest("web"));
  await isRunning(node);
  const before = await node.running();
  const first = node.pod("web-n1")?.metadata.uid;
  await node.client.resource(pods).delete("web-n1", "default");
  await node.eventually(() => assert.notEqual(node.pod("web-n1")?.metadata.uid ?? first, first));
  await isRunning(node);
  const second = node.pod("web-n1")?.metadata.uid;
  await node.restart();
  await node.eventually(() => assert.equal(node.host.pods().length, 1));
  await isRunning(node);
  assert.deepEqual([await node.running(), node.pod("web-n1")?.metadata.uid], [before, second]);
});

test("another content is another pod, and a file that went while nobody looked takes its pod along", async (t) => {
  const node = await newNode(t);
  await node.write("web.yaml", manifest("web"));
  await isRunning(node);
  const before = await node.running();
  await node.write("web.yaml", manifest("web", "example.com/app:2"));
  await node.eventually(() => assert.equal(node.pod("web-n1")?.status.containerStatuses?.[0]?.image, "example.com/app:2"));
  await isRunning(node);
  const after = await node.running();
  assert.equal(after.some((id) => before.includes(id)), false);
  assert.equal(after.length, 1);
  await node.remove("web.yaml");
  await node.restart();
  await node.eventually(async () => assert.deepEqual([await node.running(), node.pod("web-n1")], [[], undefined]));
});

test("a file that comes again as it was is a pod that runs again", async (t) => {
  const node = await newNode(t);
  for (let i = 0; i < 2; i++) {
    await node.write("web.yaml", manifest("web"));
    await isRunning(node);
    await node.remove("web.yaml");
    await node.eventually(async () => assert.deepEqual([await node.running(), node.pod("web-n1")], [[], undefined]));
  }
});

test("a broken file is told once, and stops nobody else", async (t) => {
  const node = await newNode(t);
  await node.write("a.yaml", "{");
  await node.write("b.yaml", manifest("web"));
  await node.write("c.yaml", manifest("web"));
  await isRunning(node);
  const told = (): string[] => (node.client.list("events") as Event[]).filter((e) => e.reason === "InvalidStaticPod").map((e) => e.message ?? "");
  await node.eventually(() => assert.equal(told().length, 2));
  assert.match(told().join("\n"), /manifests\/a\.yaml cannot be used: .*\n.*manifests\/c\.yaml cannot be used: pod default\/web-n1 is in .*b\.yaml already/);
});
