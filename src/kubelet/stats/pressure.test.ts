import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePressure } from "./pressure.ts";

const none = { total: 0, avg10: 0, avg60: 0, avg300: 0 };
const some = { total: 8537362, avg10: 0.06, avg60: 0.21, avg300: 12.99 };

for (const { name, text, want } of [
  { name: "both lines", text: "some avg10=0.06 avg60=0.21 avg300=12.99 total=8537362\nfull avg10=0.00 avg60=0.13 avg300=0.96 total=8183134\n", want: { some, full: { total: 8183134, avg10: 0, avg60: 0.13, avg300: 0.96 } } },
  { name: "a kernel before 5.13 has no full line for the CPU", text: "some avg10=0.06 avg60=0.21 avg300=12.99 total=8537362\n", want: { some, full: none } },
  { name: "a kernel that does not tell", text: "", want: undefined },
]) test(`pressure: ${name}`, () => assert.deepEqual(parsePressure(text), want));
