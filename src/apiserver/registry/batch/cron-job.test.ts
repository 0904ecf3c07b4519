import assert from "node:assert/strict";
import { test } from "node:test";
import type { CronJob } from "#api/gen/batch-v1.ts";
import { cells, changed, made, refusals, texts } from "../fixture.ts";
import { cronJobs } from "./cron-job.ts";

const jobTemplate = { spec: { template: { spec: { containers: [{ name: "work", image: "work:1" }], restartPolicy: "OnFailure" } } } };
const cronOf = (spec: object = {}, metadata: object = {}): CronJob => made(cronJobs, { metadata, spec: { schedule: "*/5 * * * *", jobTemplate, ...spec } });

test("a CronJob lets its Jobs overlap and remembers three good ones and a bad one", () => {
  const { spec } = cronOf();
  assert.deepEqual([spec.concurrencyPolicy, spec.suspend, spec.successfulJobsHistoryLimit, spec.failedJobsHistoryLimit, spec.jobTemplate.spec?.backoffLimit], ["Allow", false, 3, 1, undefined]);
});

// Upstream: pkg/apis/batch/validation validateCronJobSpec
const cases: readonly { readonly name: string; readonly spec: object; readonly want: readonly string[] }[] = [
  { name: "what does", spec: { timeZone: "America/New_York" }, want: [] },
  { name: "no schedule", spec: { schedule: "" }, want: ["spec.schedule: Required value"] },
  { name: "a bad schedule", spec: { schedule: "error" }, want: ['spec.schedule: Invalid value: "error": expected exactly 5 fields, found 1: [error]'] },
  { name: "a zone in the schedule", spec: { schedule: "TZ=UTC 0 * * * *" }, want: ['spec.schedule: Invalid value: "TZ=UTC 0 * * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead'] },
  { name: "no zone but an empty one", spec: { timeZone: "" }, want: ['spec.timeZone: Invalid value: "": timeZone must be nil or non-empty string'] },
  { name: "a zone of nowhere", spec: { timeZone: "Continent/Zone" }, want: ['spec.timeZone: Invalid value: "Continent/Zone": unknown time zone Continent/Zone'] },
  { name: "a zone that is a path", spec: { timeZone: "../etc" }, want: ['spec.timeZone: Invalid value: "../etc": unknown time zone ../etc'] },
  { name: "the zone of wherever", spec: { timeZone: "Local" }, want: ['spec.timeZone: Invalid value: "Local": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones'] },
  { name: "another policy", spec: { concurrencyPolicy: "Queue" }, want: ['spec.concurrencyPolicy: Unsupported value: "Queue": supported values: "Allow", "Forbid", "Replace"'] },
  { name: "limits below zero", spec: { startingDeadlineSeconds: -1, failedJobsHistoryLimit: -1 }, want: ["spec.startingDeadlineSeconds: Invalid value: -1: must be greater than or equal to 0", "spec.failedJobsHistoryLimit: Invalid value: -1: must be greater than or equal to 0"] },
  { name: "a selector", spec: { jobTemplate: { spec: { ...jobTemplate.spec, manualSelector: true, selector: { matchLabels: { a: "b" } } } } }, want: [
    'spec.jobTemplate.spec.selector: Invalid value: {"matchLabels":{"a":"b"}}: `selector` will be auto-generated', 'spec.jobTemplate.spec.manualSelector: Unsupported value: true: supported values: "nil", "false"',
  ] },
];
for (const { name, spec, want } of cases) test(`refused or not: ${name}`, () => assert.deepEqual(refusals(cronJobs, cronOf(spec)), want));

test("its name leaves room for the time of each Job, and once made it may stay", () => {
  const long = cronOf({}, { name: "a".repeat(53) });
  assert.deepEqual(refusals(cronJobs, long), [`metadata.name: Invalid value: "${"a".repeat(53)}": must be no more than 52 characters`]);
  assert.deepEqual(texts(cronJobs.validateUpdate?.(changed(cronJobs, long, ({ spec }) => { spec.suspend = true; }), long)), []);
});

test("a zone in an old schedule may stay, but not beside the field", () => {
  const old = cronOf({ schedule: "TZ=UTC 0 * * * *" });
  assert.deepEqual(texts(cronJobs.validateUpdate?.(changed(cronJobs, old, ({ spec }) => { spec.suspend = true; }), old)), []);
  assert.deepEqual(texts(cronJobs.validateUpdate?.(changed(cronJobs, old, ({ spec }) => { spec.timeZone = "UTC"; }), old)), ['spec.schedule: Invalid value: "TZ=UTC 0 * * * *": cannot use both timeZone field and TZ or CRON_TZ in schedule']);
});

test("its line", () => assert.deepEqual(cells(cronJobs, cronOf()), ["x", "*/5 * * * *", "<none>", "False", 0, "<none>", "<unknown>", "work", "work:1", "<none>"]));
