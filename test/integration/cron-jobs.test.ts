/** CronJobs and expiring Jobs on the real server and store, in a time that the test moves. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { CronJob, CronJobSpec, Job } from "#api/gen/batch-v1.ts";
import { cronJobs, jobs } from "#api/resources.ts";
import { timestamp } from "#apimachinery/time.ts";
import { type Clock, nextTurn, systemClock } from "#base/clock.ts";
import { runAll } from "#base/component.ts";
import { silent } from "#base/log.ts";
import { VirtualClock } from "#base/virtual-clock.ts";
import { eventually } from "#base/waiting.ts";
import type { Client } from "#client/client.ts";
import { newEventRecorder } from "#client/event-recorder.ts";
import { newInformers } from "#client/informers.ts";
import { cronJobController } from "#controllers/cronjob/reconciler.ts";
import { ttlAfterFinishedController } from "#controllers/ttl-after-finished/reconciler.ts";
import { startApiServer } from "../support/api-server.ts";

const namespace = "default";
const minute = 60_000;
const hour = 60 * minute;

/** Runs both controllers on this clock until the returned function is called; the reflectors keep the machine's time. */
function runControllers(t: TestContext, client: Client, clock: Clock): () => Promise<void> {
  const stopping = new AbortController();
  const informers = newInformers(client, systemClock, silent);
  const deps = { client, informers, clock, log: silent, events: (component: string) => newEventRecorder(client, component, undefined, systemClock, stopping.signal) };
  const running = runAll([cronJobController(deps), ttlAfterFinishedController(deps), informers], stopping.signal);
  const stop = async (): Promise<void> => { stopping.abort(); await running; };
  t.after(stop);
  return stop;
}

/** Moves time on from sleeper to sleeper: whoever wakes is let finish first. */
async function pass(clock: VirtualClock, ms: number): Promise<void> {
  const end = clock.now() + ms;
  while (clock.now() < end) {
    while (clock.nextMs === undefined) await nextTurn();
    clock.advance(Math.min(Math.max(1, clock.nextMs), end - clock.now()));
    for (let i = 0; i < 3; i++) await nextTurn();
  }
}

const newCronJob = (name: string, spec: Partial<CronJobSpec>): CronJob => ({
  metadata: { name, namespace }, status: {},
  spec: { schedule: "0 * * * *", timeZone: "UTC", jobTemplate: { spec: { template: { spec: { containers: [{ name: "c", image: "busybox" }], restartPolicy: "Never" } } } }, successfulJobsHistoryLimit: 100, ...spec },
});

const namesOf = async (client: Client): Promise<string[]> => (await client.resource(jobs).list({ namespace })).items.map(({ metadata }) => metadata.name).toSorted();
const nameAt = (at: number): string => `tick-${at / minute}`;

async function finish(client: Client, job: Job, at: number): Promise<void> {
  const [startTime, completionTime] = [timestamp(at), timestamp(at)];
  const conditions = ["SuccessCriteriaMet", "Complete"].map((type) => ({ type, status: "True", lastTransitionTime: completionTime }));
  await client.resource(jobs).patch(job.metadata.name, namespace, { type: "merge", body: { status: { startTime, completionTime, succeeded: 1, conditions } } }, { subresource: "status" });
}

test("a day has its twenty-four runs, whatever is restarted in it", async (t) => {
  const { client } = await startApiServer(t);
  await client.resource(cronJobs).create(newCronJob("tick", {}));
  const start = Math.ceil(systemClock.now() / hour) * hour - minute; // a minute before the first
  const clock = new VirtualClock(start);
  let stop = runControllers(t, client, clock);
  for (let quarter = 0; quarter < 4; quarter++) {
    await pass(clock, 6 * hour);
    await stop();
    stop = runControllers(t, client, clock);
  }
  const wanted = Array.from({ length: 24 }, (_, i) => nameAt(start + minute + i * hour));
  await eventually(async () => assert.deepEqual(await namesOf(client), wanted));
  const { status } = await client.resource(cronJobs).get("tick", namespace);
  assert.deepEqual([status.active?.length, status.lastScheduleTime], [24, timestamp(start + minute + 23 * hour)]);
});

test("a clock that is set forward makes up for the last run only; set back, it makes none twice", async (t) => {
  const { client } = await startApiServer(t);
  await client.resource(cronJobs).create(newCronJob("tick", {}));
  const first = Math.ceil(systemClock.now() / hour) * hour;
  const clock = new VirtualClock(first - minute);
  runControllers(t, client, clock);
  await pass(clock, 2 * minute);
  await eventually(async () => assert.deepEqual(await namesOf(client), [nameAt(first)]));
  clock.set(first + 5 * hour + 2 * minute);
  await eventually(async () => assert.deepEqual(await namesOf(client), [nameAt(first), nameAt(first + 5 * hour)]));
  clock.set(first + 3 * hour);
  await pass(clock, 2 * hour + 30 * minute);
  assert.deepEqual(await namesOf(client), [nameAt(first), nameAt(first + 5 * hour)]);
  await pass(clock, hour);
  await eventually(async () => assert.deepEqual(await namesOf(client), [0, 5, 6].map((n) => nameAt(first + n * hour))));
});

test("one at a time, in turn or instead; ended Jobs are booked, and the oldest go", async (t) => {
  const { client } = await startApiServer(t);
  await client.resource(cronJobs).create(newCronJob("tick", { concurrencyPolicy: "Forbid", successfulJobsHistoryLimit: 1 }));
  const first = Math.ceil(systemClock.now() / hour) * hour;
  const clock = new VirtualClock(first - minute);
  runControllers(t, client, clock);
  const get = (): Promise<CronJob> => client.resource(cronJobs).get("tick", namespace);
  const runs = async (n: number): Promise<Job> => eventually(async () => {
    assert.deepEqual((await get()).status.active?.map(({ name }) => name), [nameAt(first + n * hour)]);
    return client.resource(jobs).get(nameAt(first + n * hour), namespace);
  });
  await pass(clock, 2 * hour); // the second waits for the first
  await finish(client, await runs(0), first + 2 * hour);
  await finish(client, await runs(1), first + 2 * hour);
  await eventually(async () => assert.deepEqual([(await get()).status.active ?? [], (await get()).status.lastSuccessfulTime, await namesOf(client)], [[], timestamp(first + 2 * hour), [nameAt(first + hour)]]));
  await client.resource(cronJobs).patch("tick", namespace, { type: "merge", body: { spec: { concurrencyPolicy: "Replace" } } });
  await pass(clock, hour);
  await runs(2);
  await pass(clock, hour);
  await runs(3);
  await eventually(async () => assert.deepEqual(await namesOf(client), [nameAt(first + hour), nameAt(first + 3 * hour)]));
});

test("a Job goes its time after its end, and not before", async (t) => {
  const { client } = await startApiServer(t);
  const now = Math.floor(systemClock.now() / 1000) * 1000;
  const clock = new VirtualClock(now);
  runControllers(t, client, clock);
  const { spec } = newCronJob("", {}).spec.jobTemplate;
  assert(spec !== undefined);
  for (const [name, ttl] of [["brief", 60], ["long", 3600]] as const) await finish(client, await client.resource(jobs).create({ metadata: { name, namespace }, status: {}, spec: { ...spec, ttlSecondsAfterFinished: ttl } }), now);
  const going = async (): Promise<string[]> => (await client.resource(jobs).list({ namespace })).items.filter(({ metadata }) => metadata.deletionTimestamp !== undefined).map(({ metadata }) => metadata.name);
  await pass(clock, 59_000);
  assert.deepEqual(await going(), []);
  await pass(clock, 1000);
  await eventually(async () => assert.deepEqual(await going(), ["brief"]));
});
