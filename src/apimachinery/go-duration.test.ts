import assert from "node:assert/strict";
import { test } from "node:test";
import { goDuration, parseDuration } from "./go-duration.ts";

const cases: readonly [text: string, ms: number | undefined][] = [
  ["1s", 1000], ["1m30s", 90_000], ["500ms", 500], ["1.5h", 5_400_000], ["-2s", -2000], ["0", 0], ["+1s", 1000], [".5s", 500], ["250us", 0.25],
  ["", undefined], ["1", undefined], ["s", undefined], ["1x", undefined], ["1s ", undefined], ["--1s", undefined], ["-", undefined], ["1sm", undefined], ["1.s", 1000], [".s", undefined], ["2562048h", undefined],
];
for (const [text, ms] of cases) test(`${JSON.stringify(text)} is ${ms ?? "no duration"}`, () => assert.equal(parseDuration(text), ms));

const printed: readonly [ms: number, text: string][] = [[0, "0s"], [393, "393ms"], [10_000, "10s"], [1_234, "1.234s"], [80_000, "1m20s"], [300_000, "5m0s"], [3_661_000, "1h1m1s"]];
for (const [ms, text] of printed) test(`${ms} ms print as ${text}`, () => assert.equal(goDuration(ms), text));
