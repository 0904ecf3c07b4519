/** Jobs on the real server and store. The test plays the node: it says how pods end. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { Job, JobSpec } from "#api/gen/batch-v1.ts";
import type { Pod, PodStatus } from "#api/gen/core-v1.ts";
import { jobs, pods, type ResourceRef } from "#api/resources.ts";
import { systemClock } from "#base/clock.ts";
import { runAll } from "#base/component.ts";
import { silent } from "#base/log.ts";
import { eventually } from "#base/waiting.ts";
import type { Client } from "#client/client.ts";
import { newEventRecorder } from "#client/event-recorder.ts";
import { newInformers } from "#client/informers.ts";
import { orphanPodController } from "#controllers/job/orphans.ts";
import { jobController } from "#controllers/job/reconciler.ts";
import { serviceAccountController } from "#controllers/serviceaccount/reconciler.ts";
import { startApiServer } from "../support/api-server.ts";

const namespace = "default";
const tracking = "batch.kubernetes.io/job-tracking";

/** Runs the controllers until the returned function is called. */
function runControllers(t: TestContext, client: Client): () => Promise<void> {
  const stopping = new AbortController();
  const informers = newInformers(client, systemClock, silent);
  const deps = { client, informers, clock: systemClock, log: silent, events: (component: string) => newEventRecorder(client, component, undefined, systemClock, stopping.signal) };
  const running = runAll([serviceAccountController(deps), jobController(deps), orphanPodController(deps), informers], stopping.signal);
  const stop = async (): Promise<void> => { stopping.abort(); await running; };
  t.after(stop);
  return stop;
}

const newJob = (name: string, spec: Partial<JobSpec>): Job => ({
  metadata: { name, namespace }, status: {},
  spec: { template: { spec: { containers: [{ name: "c", image: "busybox" }], restartPolicy: "Never" } }, ...spec },
});

async function cluster(t: TestContext): Promise<{ client: Client; job: (name: string) => Promise<Job>; podsOf: (name: string) => Promise<readonly Pod[]>; end: (pod: Pod, phase: "Succeeded" | "Failed", rest?: PodStatus) => Promise<void>; gone: (pod: Pod) => Promise<void> }> {
  const { client } = await startApiServer(t);
  const podRef: ResourceRef<Pod> = pods;
  return {
    client,
    job: (name) => client.resource(jobs).get(name, namespace),
    podsOf: async (name) => (await client.resource(podRef).list({ namespace, labelSelector: `job-name=${name}` })).items,
    end: async (pod, phase, rest = {}) => void await client.resource(podRef).patch(pod.metadata.name, namespace, { type: "merge", body: { status: { phase, ...rest } } }, { subresource: "status" }),
    gone: (pod) => client.resource(podRef).delete(pod.metadata.name, namespace, { gracePeriodSeconds: 0 }),
  };
}

const typesOf = ({ status }: Job): string[] => (status.conditions ?? []).filter((c) => c.status === "True").map(({ type }) => type);
const active = (list: readonly Pod[]): readonly Pod[] => list.filter(({ metadata, status }) => metadata.deletionTimestamp === undefined && status.phase === "Pending");

test("a Job's pods are made, held, counted and let go; then it is complete", async (t) => {
  const { client, job, podsOf, end } = await cluster(t);
  runControllers(t, client);
  await client.resource(jobs).create(newJob("two", { completions: 2, parallelism: 1 }));
  for (const done of [0, 1]) {
    const [pod] = await eventually(async () => { const list = active(await podsOf("two")); assert.equal(list.length, 1); return list; });
    assert(pod !== undefined);
    assert.deepEqual([pod.metadata.finalizers, pod.metadata.generateName, pod.metadata.ownerReferences?.[0]?.kind], [[tracking], "two-", "Job"]);
    await eventually(async () => assert.deepEqual([(await job("two")).status.active, (await job("two")).status.succeeded ?? 0], [1, done]));
    await end(pod, "Succeeded");
  }
  const over = await eventually(async () => { const now = await job("two"); assert.deepEqual(typesOf(now), ["SuccessCriteriaMet", "Complete"]); return now; });
  assert.deepEqual([over.status.succeeded, over.status.active, over.status.ready, over.status.terminating, over.status.uncountedTerminatedPods], [2, undefined, 0, 0, {}]);
  assert((await podsOf("two")).every(({ metadata }) => metadata.finalizers === undefined || metadata.finalizers.length === 0));
});

test("each pod is counted once, whenever the controller is started anew", async (t) => {
  const { client, job, podsOf, end } = await cluster(t);
  let stop = runControllers(t, client);
  await client.resource(jobs).create(newJob("many", { completions: 12, parallelism: 4 }));
  for (let round = 0; round < 3; round++) {
    const batch = await eventually(async () => { const list = active(await podsOf("many")); assert.equal(list.length, 4); return list; });
    const ending = Promise.all(batch.map((pod) => end(pod, "Succeeded")));
    await stop(); // in the middle of it
    await ending;
    stop = runControllers(t, client);
  }
  await eventually(async () => assert.deepEqual(typesOf(await job("many")), ["SuccessCriteriaMet", "Complete"]));
  assert.deepEqual([(await job("many")).status.succeeded, (await job("many")).status.failed, (await podsOf("many")).length], [12, undefined, 12]);
});

test("a failure by policy is announced, its other pods go, and then it has failed", async (t) => {
  const { client, job, podsOf, end, gone } = await cluster(t);
  runControllers(t, client);
  await client.resource(jobs).create(newJob("doomed", { completions: 2, parallelism: 2, podFailurePolicy: { rules: [{ action: "FailJob", onExitCodes: { operator: "In", values: [42] } }] } }));
  const [first, second] = await eventually(async () => { const list = active(await podsOf("doomed")); assert.equal(list.length, 2); return list; });
  assert(first !== undefined && second !== undefined);
  await client.resource(pods).patch(second.metadata.name, namespace, { type: "merge", body: { metadata: { finalizers: [tracking, "example.com/stay"] } } });
  await end(first, "Failed", { containerStatuses: [{ name: "c", image: "", imageID: "", ready: false, restartCount: 0, state: { terminated: { exitCode: 42 } } }] });
  await eventually(async () => assert.deepEqual([typesOf(await job("doomed")), (await job("doomed")).status.terminating], [["FailureTarget"], 1]));
  await client.resource(pods).patch(second.metadata.name, namespace, { type: "merge", body: { metadata: { finalizers: [] } } });
  await gone(second).catch(() => {});
  await eventually(async () => assert.deepEqual(typesOf(await job("doomed")), ["FailureTarget", "Failed"]));
  const { status } = await job("doomed");
  assert.equal(status.conditions?.at(-1)?.message, `Container c for pod default/${first.metadata.name} failed with exit code 42 matching FailJob rule at index 0`);
  assert.deepEqual([status.failed, status.active, status.uncountedTerminatedPods], [2, undefined, {}]);
});

test("an indexed Job gives each pod its index and remembers which are done", async (t) => {
  const { client, job, podsOf, end } = await cluster(t);
  runControllers(t, client);
  await client.resource(jobs).create(newJob("indexed", { completions: 3, parallelism: 3, completionMode: "Indexed" }));
  const all = await eventually(async () => { const list = active(await podsOf("indexed")); assert.equal(list.length, 3); return list; });
  const indexOf = (pod: Pod): string => pod.metadata.labels?.["batch.kubernetes.io/job-completion-index"] ?? "";
  assert.deepEqual(all.map((pod) => `${indexOf(pod)} ${pod.spec.hostname}`).toSorted(), ["0 indexed-0", "1 indexed-1", "2 indexed-2"]);
  for (const pod of all.filter((p) => indexOf(p) !== "1")) await end(pod, "Succeeded");
  await eventually(async () => assert.deepEqual([(await job("indexed")).status.completedIndexes, (await job("indexed")).status.active], ["0,2", 1]));
  for (const pod of all.filter((p) => indexOf(p) === "1")) await end(pod, "Succeeded");
  await eventually(async () => assert.deepEqual([(await job("indexed")).status.completedIndexes, typesOf(await job("indexed"))], ["0-2", ["SuccessCriteriaMet", "Complete"]]));
});

test("a Job rests and goes on, takes in its own and lets go of others; gone, it holds no pod", async (t) => {
  const { client, job, podsOf } = await cluster(t);
  runControllers(t, client);
  const set = (body: object): Promise<unknown> => client.resource(jobs).patch("rests", namespace, { type: "merge", body });
  await client.resource(jobs).create(newJob("rests", { completions: 2, parallelism: 2, suspend: true }));
  await eventually(async () => assert.deepEqual([typesOf(await job("rests")), (await job("rests")).status.startTime, (await podsOf("rests")).length], [["Suspended"], undefined, 0]));
  await set({ spec: { suspend: false } });
  const [pod] = await eventually(async () => { const list = active(await podsOf("rests")); assert.equal(list.length, 2); return list; });
  assert(pod !== undefined);
  await eventually(async () => assert.deepEqual([typesOf(await job("rests")), typeof (await job("rests")).status.startTime], [[], "string"]));
  await client.resource(pods).patch(pod.metadata.name, namespace, { type: "merge", body: { metadata: { labels: { "job-name": null, "controller-uid": null, "batch.kubernetes.io/job-name": null, "batch.kubernetes.io/controller-uid": null } } } });
  await eventually(async () => {
    const { metadata } = await client.resource(pods).get(pod.metadata.name, namespace);
    assert.deepEqual([metadata.ownerReferences ?? [], metadata.finalizers ?? []], [[], []]);
    assert.equal(active(await podsOf("rests")).length, 2);
  });
  await client.resource(pods).patch(pod.metadata.name, namespace, { type: "merge", body: { metadata: { labels: pod.metadata.labels } } });
  await eventually(async () => assert.equal((await job("rests")).status.active, 2));
  await client.resource(jobs).delete("rests", namespace, { propagationPolicy: "Background" });
  await eventually(async () => assert((await podsOf("rests")).every(({ metadata }) => (metadata.finalizers ?? []).length === 0)));
});

test("a Job that is late waits for its pods' end without a rush", async (t) => {
  const { client, job, podsOf, gone } = await cluster(t);
  runControllers(t, client);
  await client.resource(jobs).create(newJob("late", { activeDeadlineSeconds: 1 }));
  const [pod] = await eventually(async () => { const list = active(await podsOf("late")); assert.equal(list.length, 1); return list; });
  assert(pod !== undefined);
  await client.resource(pods).patch(pod.metadata.name, namespace, { type: "merge", body: { metadata: { finalizers: [tracking, "example.com/stay"] } } });
  await eventually(async () => assert.deepEqual([typesOf(await job("late")), (await job("late")).status.terminating], [["FailureTarget"], 1]));
  await client.resource(pods).patch(pod.metadata.name, namespace, { type: "merge", body: { metadata: { finalizers: [] } } });
  await gone(pod).catch(() => {});
  await eventually(async () => assert.deepEqual([typesOf(await job("late")), (await job("late")).status.conditions?.[0]?.reason], [["FailureTarget", "Failed"], "DeadlineExceeded"]));
});
