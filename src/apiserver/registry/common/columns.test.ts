import assert from "node:assert/strict";
import { test } from "node:test";
import { formatLabels, humanDuration, since } from "./columns.ts";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

// Upstream: apimachinery/pkg/util/duration/duration_test.go
const spans: readonly (readonly [ms: number, text: string])[] = [
  [-2 * second, "<invalid>"], [-second, "0s"], [0, "0s"], [119 * second, "119s"], [2 * minute, "2m"], [7 * minute + 29 * second, "7m29s"],
  [10 * minute + 5 * second, "10m"], [179 * minute, "179m"], [3 * hour, "3h"], [4 * hour + 10 * minute, "4h10m"], [9 * hour + 30 * minute, "9h"],
  [47 * hour, "47h"], [2 * day, "2d"], [5 * day + 6 * hour, "5d6h"], [9 * day, "9d"], [729 * day, "729d"], [730 * day, "2y"], [3 * 365 * day + 4 * day, "3y4d"], [9 * 365 * day + 3 * day, "9y"],
];

for (const [ms, text] of spans) test(`${ms} milliseconds read ${text}`, () => assert.equal(humanDuration(ms), text));

test("a time that is not there is unknown", () => assert.equal(since(undefined, 0), "<unknown>"));
test("labels stand in the order of their keys", () => assert.equal(formatLabels({ b: "2", a: "1" }), "a=1,b=2"));
test("no labels are <none>", () => assert.equal(formatLabels({}), "<none>"));
