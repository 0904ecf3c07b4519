import assert from "node:assert/strict";
import { test } from "node:test";
import type { CronJob, CronJobSpec, CronJobStatus, Job } from "#api/gen/batch-v1.ts";
import { parseSchedule } from "#api/cron/parse.ts";
import { jobOf } from "./job.ts";
import { decide, forgotten, keepBooks } from "./plan.ts";
import { due } from "./schedule.ts";

const cronJob = (spec: Partial<CronJobSpec> = {}, status: CronJobStatus = {}, created = "2026-01-01T00:00:30Z"): CronJob => ({
  metadata: { name: "tick", namespace: "default", uid: "cron-uid", creationTimestamp: created },
  spec: { schedule: "0 * * * *", timeZone: "UTC", concurrencyPolicy: "Allow", successfulJobsHistoryLimit: 1, failedJobsHistoryLimit: 1, jobTemplate: { spec: { template: {} } }, ...spec }, status,
});
const job = (name: string, end?: "Complete" | "Failed", startTime?: string): Job => ({
  metadata: { name, namespace: "default", uid: name }, spec: { template: {} },
  status: { ...(startTime !== undefined && { startTime }), ...(end && { conditions: [{ type: end, status: "True" }] }), ...(end === "Complete" && { completionTime: "2026-01-01T01:05:00Z" }) },
});
const active = (...names: readonly string[]): CronJobStatus["active"] & object => names.map((name) => ({ name, uid: name, kind: "Job" }));
const iso = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : new Date(ms).toISOString().replace(".000", ""));
/** The Job for 01:00 of that day. */
const oneOClock = `tick-${Date.parse("2026-01-01T01:00:00Z") / 60_000}`;

// Upstream: pkg/controller/cronjob/cronjob_controllerv2_test.go TestControllerV2SyncCronJob
interface DecisionCase { readonly name: string; readonly spec?: Partial<CronJobSpec>; readonly status?: CronJobStatus; readonly now: string; readonly start?: string; readonly told?: readonly string[]; readonly next?: string }
const decisions: readonly DecisionCase[] = [
  { name: "not yet", now: "2026-01-01T00:59:59Z", next: "2026-01-01T01:00:00.100Z" },
  { name: "now", now: "2026-01-01T01:00:00Z", start: "2026-01-01T01:00:00Z", next: "2026-01-01T02:00:00.100Z" },
  { name: "late is better than never", now: "2026-01-01T01:40:00Z", start: "2026-01-01T01:00:00Z", next: "2026-01-01T02:00:00.100Z" },
  { name: "done", status: { lastScheduleTime: "2026-01-01T01:00:00Z" }, now: "2026-01-01T01:00:10Z", next: "2026-01-01T02:00:00.100Z" },
  { name: "made before an interruption, and known", status: { active: active(oneOClock) }, now: "2026-01-01T01:00:10Z", next: "2026-01-01T02:00:00.100Z" },
  { name: "of several missed the last", status: { lastScheduleTime: "2026-01-01T01:00:00Z" }, now: "2026-01-01T09:30:00Z", start: "2026-01-01T09:00:00Z", next: "2026-01-01T10:00:00.100Z" },
  { name: "more than a hundred missed", status: { lastScheduleTime: "2026-01-01T01:00:00Z" }, now: "2026-01-07T09:30:00Z", start: "2026-01-07T09:00:00Z", told: ["TooManyMissedTimes"], next: "2026-01-07T10:00:00.100Z" },
  { name: "too late", spec: { startingDeadlineSeconds: 60 }, status: { lastScheduleTime: "2026-01-01T00:00:00Z" }, now: "2026-01-01T01:01:01Z", next: "2026-01-01T02:00:00.100Z" },
  { name: "just in time", spec: { startingDeadlineSeconds: 60 }, now: "2026-01-01T01:00:59Z", start: "2026-01-01T01:00:00Z", next: "2026-01-01T02:00:00.100Z" },
  { name: "suspended", spec: { suspend: true }, now: "2026-01-01T01:00:00Z" },
  { name: "forbidden while another runs", spec: { concurrencyPolicy: "Forbid" }, status: { active: active("other") }, now: "2026-01-01T01:00:00Z", told: ["JobAlreadyActive"], next: "2026-01-01T02:00:00.100Z" },
  { name: "allowed while another runs", status: { active: active("other") }, now: "2026-01-01T01:00:00Z", start: "2026-01-01T01:00:00Z", next: "2026-01-01T02:00:00.100Z" },
  { name: "a clock that went back waits", status: { lastScheduleTime: "2026-01-01T03:00:00Z" }, now: "2026-01-01T01:00:00Z", next: "2026-01-01T04:00:00.100Z" },
  { name: "another zone's midnight", spec: { schedule: "0 0 * * *", timeZone: "Asia/Tokyo" }, now: "2026-01-01T15:00:00Z", start: "2026-01-01T15:00:00Z", next: "2026-01-02T15:00:00.100Z" },
  { name: "no such zone", spec: { timeZone: "Mars/Base" }, now: "2026-01-01T01:00:00Z", told: ["UnknownTimeZone"] },
  { name: "no schedule", spec: { schedule: "often" }, now: "2026-01-01T01:00:00Z", told: ["UnparseableSchedule"] },
  { name: "a schedule that never comes", spec: { schedule: "0 0 30 2 *" }, now: "2026-01-01T01:00:00Z", told: ["InvalidSchedule"] },
];
for (const { name, spec, status, now, start, told = [], next } of decisions) test(`decision: ${name}`, () => {
  const at = Date.parse(now);
  const decision = decide(cronJob(spec, status), at);
  assert.deepEqual([iso(decision.start), decision.told.map(({ reason }) => reason), decision.againMs === undefined ? undefined : iso(at + decision.againMs)], [start, told, next]);
});

test("a Job that is leaving makes no more", () => {
  const leaving = cronJob();
  leaving.metadata.deletionTimestamp = "2026-01-01T00:59:00Z";
  assert.deepEqual(decide(leaving, Date.parse("2026-01-01T01:00:00Z")), { told: [] });
});

// irregular schedules, where counting back from now finds nothing
const lastTimes: readonly (readonly [schedule: string, now: string, last: string])[] = [
  ["30 6-16/4 * * 1-5", "2026-01-11T12:00:00Z", "2026-01-09T14:30:00Z"], // a Sunday
  ["* 0 * * *", "2026-01-05T12:00:00Z", "2026-01-05T00:59:00Z"],
  ["* 0 1 1 *", "2026-06-01T00:00:00Z", "2026-01-01T00:59:00Z"],
  ["@every 90m", "2026-01-02T00:10:00Z", "2026-01-02T00:00:30Z"],
];
for (const [text, now, last] of lastTimes) test(`before ${now}, ${text} came last at ${last}`, () => {
  const parsed = parseSchedule(text);
  assert(parsed.ok);
  assert.equal(iso(due(cronJob(), parsed.schedule, Date.parse(now))?.at), last);
});

test("ends are booked, and what nobody knows is told", () => {
  const { status, told } = keepBooks(cronJob({}, { active: active("done", "runs", "lost") }), [job("done", "Complete"), job("runs"), job("stray")], new Set(["lost"]));
  assert.deepEqual([status.active?.map(({ name }) => name), status.lastSuccessfulTime], [["runs"], "2026-01-01T01:05:00Z"]);
  assert.deepEqual(told.map(({ reason, message }) => `${reason}: ${message}`), [
    "SawCompletedJob: Saw completed job: done, condition: Complete", "UnexpectedJob: Saw a job that the controller did not create or forgot: stray", "MissingJob: Active job went missing: lost",
  ]);
});

test("the oldest are forgotten, of each end beyond its limit", () => {
  const all = [job("b", "Complete", "2026-01-01T02:00:00Z"), job("a", "Complete", "2026-01-01T01:00:00Z"), job("c", "Complete"), job("f", "Failed"), job("runs")];
  assert.deepEqual(forgotten(cronJob(), all).map(({ metadata }) => metadata.name), ["a", "b"]);
});

test("a Job is named after its minute and says whose clock it was", () => {
  const at = Date.parse("2026-01-01T15:00:00Z");
  const { metadata } = jobOf(cronJob({ timeZone: "America/New_York", jobTemplate: { metadata: { labels: { a: "b" } } } }), at);
  assert.deepEqual([metadata.name, metadata.labels, metadata.annotations], [`tick-${at / 60_000}`, { a: "b" }, { "batch.kubernetes.io/cronjob-scheduled-timestamp": "2026-01-01T10:00:00-05:00" }]);
});
