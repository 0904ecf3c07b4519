import assert from "node:assert/strict";
import { test } from "node:test";
import type { Job, JobCondition } from "#api/gen/batch-v1.ts";
import { timeLeft } from "./plan.ts";

const now = Date.parse("2026-01-01T00:10:00Z");
const ended = (type: string, status = "True"): JobCondition => ({ type, status, lastTransitionTime: "2026-01-01T00:09:30Z" });
const job = (ttlSecondsAfterFinished: number | undefined, conditions: JobCondition[], metadata: object = {}): Job =>
  ({ metadata: { name: "j", ...metadata }, spec: { template: {}, ...(ttlSecondsAfterFinished !== undefined && { ttlSecondsAfterFinished }) }, status: { conditions } });

const cases: readonly (readonly [name: string, job: Job, want: number | undefined])[] = [
  ["a Job that runs stays", job(1, [ended("Suspended", "False")]), undefined],
  ["one without a time stays", job(undefined, [ended("Complete")]), undefined],
  ["one has thirty seconds left", job(60, [ended("Complete")]), 30_000],
  ["one is to go now", job(30, [ended("Failed")]), 0],
  ["one was to go at once", job(0, [ended("Failed")]), 0],
  ["one is going", job(0, [ended("Failed")], { deletionTimestamp: "2026-01-01T00:09:59Z" }), undefined],
];
for (const [name, of, want] of cases) test(name, () => assert.equal(timeLeft(of, now), want));
