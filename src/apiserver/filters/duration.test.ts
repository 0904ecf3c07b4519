import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDuration } from "./duration.ts";

const cases: readonly [text: string, ms: number | undefined][] = [
  ["1s", 1000], ["1m30s", 90_000], ["500ms", 500], ["1.5h", 5_400_000], ["-2s", -2000], ["0", 0], ["+1s", 1000], [".5s", 500], ["250us", 0.25],
  ["", undefined], ["1", undefined], ["s", undefined], ["1x", undefined], ["1s ", undefined], ["--1s", undefined], ["-", undefined], ["1sm", undefined],
];
for (const [text, ms] of cases) test(`${JSON.stringify(text)} is ${ms ?? "no duration"}`, () => assert.equal(parseDuration(text), ms));
