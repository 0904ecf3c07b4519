import assert from "node:assert/strict";
import { test } from "node:test";
import type { Job } from "#api/gen/batch-v1.ts";
import { made, statusRefusals } from "../fixture.ts";
import { jobs } from "./job.ts";

const template = { spec: { containers: [{ name: "work", image: "work:1" }], restartPolicy: "Never" } };
const jobOf = (status: object, spec: object = {}): Job => ({ ...made(jobs, { spec: { template, ...spec } }), status });
const is = (...types: readonly string[]): object => ({ conditions: types.map((type) => ({ type, status: "True" })) });
const start = { startTime: "2026-01-01T00:00:00Z" };
const end = { completionTime: "2026-01-01T00:01:00Z" };
const indexed = { completionMode: "Indexed", completions: 4, backoffLimitPerIndex: 1 };

// Upstream: pkg/apis/batch/validation validateJobStatus, ValidateJobStatusUpdate
const cases: readonly { readonly name: string; readonly old?: object; readonly next: object; readonly spec?: object; readonly want: readonly string[] }[] = [
  { name: "success", next: { ...start, ...end, ...is("SuccessCriteriaMet", "Complete"), succeeded: 1 }, want: [] },
  { name: "counts below zero", next: { active: -1 }, want: ["status.active: Invalid value: -1: must be greater than or equal to 0"] },
  { name: "success and failure", next: { ...start, ...end, ...is("Complete", "Failed") }, want: ["status.conditions: Invalid value: cannot set Complete=True and Failed=true conditions"] },
  { name: "an end of what has not ended", next: { ...start, ...end }, want: [`status.completionTime: Invalid value: "${end.completionTime}": cannot set completionTime when there is no Complete=True condition`] },
  { name: "success at no time", next: { ...start, ...is("Complete") }, want: ["status.completionTime: Required value: completionTime is required for Complete jobs"] },
  { name: "an end before the start", next: { startTime: end.completionTime, completionTime: start.startTime, ...is("Complete") }, want: [`status.completionTime: Invalid value: "${start.startTime}": completionTime cannot be set before startTime`] },
  { name: "an end while pods run, of what has never begun", next: { active: 1, ...is("Failed", "FailureTarget") }, want: ["status.active: Invalid value: 1: active>0 is invalid for finished job", "status.startTime: Required value: startTime is required for finished job"] },
  { name: "pods that are still to be counted", next: { ...start, ...is("Failed"), uncountedTerminatedPods: { failed: ["a", "a", ""] } }, want: [
    "status.uncountedTerminatedPods.failed[1]: Duplicate value: \"a\"", 'status.uncountedTerminatedPods.failed[2]: Invalid value: "": must not be empty',
    'status.uncountedTerminatedPods: Invalid value: {"failed":["a","a",""]}: uncountedTerminatedPods needs to be empty for finished job',
  ] },
  { name: "indexes out of order", spec: indexed, next: { completedIndexes: "2,1" }, want: ['status.completedIndexes: Invalid value: "2,1": error parsing completedIndexes: non-increasing order, previous: 2, current: 1'] },
  { name: "indexes that are no numbers", spec: indexed, next: { failedIndexes: "1-2-3" }, want: [`status.failedIndexes: Invalid value: "1-2-3": error parsing failedIndexes: the fragment "1-2-3" violates the requirement that an index interval can have at most two parts separated by '-'`] },
  { name: "indexes done and failed", spec: indexed, next: { completedIndexes: "0-2", failedIndexes: "2-3" }, want: ['status.failedIndexes: Invalid value: "2-3": failedIndexes and completedIndexes overlap at index: 2'] },
  { name: "indexes of what has none", next: { completedIndexes: "0", failedIndexes: "" }, want: ['status.completedIndexes: Invalid value: "0": cannot set non-empty completedIndexes when non-indexed completion mode', 'status.failedIndexes: Invalid value: "": cannot set non-null failedIndexes when backoffLimitPerIndex is null'] },
  { name: "an old sin is not held against other news", spec: indexed, old: { completedIndexes: "9" }, next: { completedIndexes: "9", active: 1 }, want: [] },
  { name: "failure unsaid", old: { ...start, ...is("Failed") }, next: start, want: ["status.conditions: Invalid value: cannot disable the terminal Failed=True condition"] },
  { name: "fewer failures", old: { failed: 2, succeeded: 2 }, next: { failed: 1, succeeded: 1 }, want: ["status.failed: Invalid value: 1: cannot decrease the failed counter", "status.succeeded: Invalid value: 1: cannot decrease the succeeded counter"] },
  { name: "an elastic Job may have fewer successes", spec: { ...indexed, parallelism: 4 }, old: { succeeded: 2 }, next: { succeeded: 1 }, want: [] },
  { name: "another start", old: start, next: { startTime: end.completionTime }, want: ["status.startTime: Required value: startTime cannot be removed for unsuspended job"] },
  { name: "a suspended Job starts anew", spec: { suspend: true }, old: start, next: {}, want: [] },
  { name: "success with a policy but without its word", spec: { ...indexed, successPolicy: { rules: [{ succeededCount: 1 }] } }, next: { ...start, ...end, ...is("Complete") }, want: ["status.conditions: Invalid value: cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True"] },
  { name: "enough, and failed", next: { ...start, ...is("SuccessCriteriaMet", "Failed") }, want: ["status.conditions: Invalid value: cannot set SuccessCriteriaMet=True and Failed=true conditions"] },
];
for (const { name, old = {}, next, spec, want } of cases) test(`a status: ${name}`, () => assert.deepEqual(statusRefusals(jobs, jobOf(next, spec), jobOf(old, spec)), want));
