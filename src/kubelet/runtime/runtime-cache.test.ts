/** How often the runtime is asked, and that what is known without asking is so. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { pods } from "#api/resources.ts";
import { RuntimeError } from "#cri/runtime.ts";
import { newSimulatedRuntime } from "#cri/simulated/runtime.ts";
import { app, image, startNode, type FakeNode } from "../fake-node.ts";
import { labelNames } from "../names.ts";
import { RuntimeCache } from "./runtime-cache.ts";

const asks = ["listPodSandbox", "listContainers", "podSandboxStatus", "containerStatus"] as const;
type Counts = Record<(typeof asks)[number], number>;

/** Counts from now on what the runtime is asked for. @param about nothing else than this is counted: a list of everything is the relist's */
function counted(runtime: FakeNode["runtime"]): Counts {
  const counts: Counts = { listPodSandbox: 0, listContainers: 0, podSandboxStatus: 0, containerStatus: 0 };
  for (const ask of asks) {
    const call = runtime[ask] as (request: { readonly filter?: object }) => Promise<object>;
    Object.assign(runtime, { [ask]: (request: { readonly filter?: object }) => {
      if (!ask.startsWith("list") || request.filter !== undefined) counts[ask]++;
      return call.call(runtime, request);
    } });
  }
  return counts;
}

test("a pod's start asks once for its sandbox and once for each container, and lists nothing", async (t) => {
  const node = await startNode(t);
  await node.create("first", {});
  await node.eventually(() => assert.equal(node.pod("first")?.status.phase, "Running"));
  const counts = counted(node.runtime);
  await node.create("p", { containers: [app(), app({ name: "side" })] });
  await node.eventually(() => assert.deepEqual(node.pod("p")?.status.containerStatuses?.map(({ ready }) => ready), [true, true]));
  assert.deepEqual(counts, { listPodSandbox: 0, listContainers: 0, podSandboxStatus: 1, containerStatus: 2 });
});

test("a pod's end is seen without asking again and again", async (t) => {
  const node = await startNode(t);
  await node.create("p", {});
  await node.eventually(() => assert.equal(node.pod("p")?.status.phase, "Running"));
  const counts = counted(node.runtime);
  await node.client.resource(pods).delete("p", "default", { gracePeriodSeconds: 1 });
  await node.eventually(() => assert.equal(node.pod("p"), undefined));
  assert(counts.containerStatus <= 2 && counts.podSandboxStatus <= 2, JSON.stringify(counts));
});

interface World { readonly cache: RuntimeCache; readonly runtime: FakeNode["runtime"]; readonly counts: Counts; readonly run: (uid: string) => Promise<string> }

function world(): World {
  const runtime = newSimulatedRuntime({ images: [image] });
  const cache = new RuntimeCache(runtime);
  const run = async (uid: string): Promise<string> =>
    (await runtime.runPodSandbox({ config: { metadata: { name: uid, namespace: "default", uid, attempt: 0 }, labels: { [labelNames.podUid]: uid } }, runtimeHandler: "" })).podSandboxId ?? "";
  return { runtime, cache, counts: counted(runtime), run };
}
const ids = async (cache: RuntimeCache, uid: string): Promise<string[]> => (await cache.get(uid)).sandboxes.map(({ id }) => id);

test("nobody is asked about a pod that the runtime has nothing of; before its first list it is asked", async () => {
  const { cache, counts } = world();
  await cache.get("early");
  cache.owners.listed(new Map(), new Set());
  await cache.get("late");
  assert.deepEqual([counts.listPodSandbox, await ids(cache, "late")], [1, []]);
});

test("what a failed call may have left behind is looked for", async () => {
  const { cache, run } = world();
  cache.owners.listed(new Map(), new Set());
  assert.deepEqual(await ids(cache, "p"), []);
  let id = "";
  const half = async (): Promise<string> => {
    id = await run("p");
    throw new RuntimeError("DeadlineExceeded", "too late");
  };
  await assert.rejects(cache.owners.making("p", half));
  cache.invalidate("p");
  assert.deepEqual(await ids(cache, "p"), [id]);
});

test("what is made while the runtime lists everything is not forgotten", async () => {
  const { cache, run } = world();
  const before = cache.owners.ids();
  const id = await cache.owners.making("p", () => run("p"));
  cache.owners.listed(new Map(), before); // the list was taken before
  assert.deepEqual([cache.owners.of(id), await ids(cache, "p")], ["p", [id]]);
});

test("a sandbox that has stopped is read anew, once", async () => {
  const { cache, runtime, counts, run } = world();
  const id = await run("p");
  const ready = async (): Promise<boolean | undefined> => (await cache.refresh("p")).sandboxes[0]?.ready;
  assert.deepEqual([await ready(), await ready()], [true, true]);
  await runtime.stopPodSandbox({ podSandboxId: id });
  assert.deepEqual([await ready(), await ready(), counts.podSandboxStatus], [false, false, 2]);
});
