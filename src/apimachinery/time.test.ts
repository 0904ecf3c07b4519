import assert from "node:assert/strict";
import { test } from "node:test";
import { canonicalMicroTime, canonicalTime, microTimestamp, timestamp } from "./time.ts";

const times: readonly [given: string, canonical: string][] = [
  ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"],
  ["2028-02-29T23:59:59Z", "2028-02-29T23:59:59Z"],
  ["2026-12-31T23:59:59Z", "2026-12-31T23:59:59Z"],
  ["2026-01-02T03:04:05.678Z", "2026-01-02T03:04:05Z"],
  ["2026-01-02T03:04:05.678901Z", "2026-01-02T03:04:05Z"],
  ["2026-01-02T03:04:05+02:00", "2026-01-02T01:04:05Z"],
];
for (const [given, canonical] of times) test(`the time ${given} is ${canonical}`, () => assert.equal(canonicalTime(given), canonical));

const refused: readonly [given: string, field: string][] = [
  ["2026-13-02T03:04:05Z", "month"], ["2026-00-02T03:04:05Z", "month"], ["2026-01-00T03:04:05Z", "day"], ["2026-02-29T03:04:05Z", "day"], ["2026-04-31T03:04:05Z", "day"],
  ["2026-01-02T24:04:05Z", "hour"], ["2026-01-02T03:60:05Z", "minute"], ["2026-01-02T03:04:60Z", "second"],
];
for (const [given, field] of refused) test(`the time ${given} has no such ${field}`, () => assert.throws(() => canonicalTime(given), { name: "TimeError", message: `parsing time "${given}": ${field} out of range` }));

test("micro times have six digits", () => {
  assert.equal(canonicalMicroTime("2026-01-02T03:04:05.678901Z"), "2026-01-02T03:04:05.678901Z");
  assert.equal(canonicalMicroTime("2026-01-31T03:04:05.678901+01:00"), "2026-01-31T02:04:05.678901Z");
  assert.throws(() => canonicalMicroTime("2026-01-02T03:04:05Z"), { name: "TimeError" });
});

test("a timestamp is that of its second, whatever was asked before", () => {
  const asked = [0, 999, 1000, 0, -1, 1_767_323_045_678];
  assert.deepEqual(asked.map(timestamp), ["1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "1970-01-01T00:00:01Z", "1970-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "2026-01-02T03:04:05Z"]);
});

test("a time with its microseconds, which our clock counts in thousands", () => assert.equal(microTimestamp(1_000_007), "1970-01-01T00:16:40.007000Z"));
